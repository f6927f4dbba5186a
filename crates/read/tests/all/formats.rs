//! The forms that ratings are published in, each opened by its folder and by its file.

use crate::common::{folder, open_file, open_in, refusal};
use recburn_data::{Dataset, IdOrder, ItemIx};
use recburn_read::OpenOptions;

fn open_folder(files: &[(&str, &[u8])]) -> Dataset {
    open_in(files, "", &OpenOptions::default()).expect("good files")
}

#[test]
fn kaggle_has_dates_and_quotes() {
    let dataset = open_folder(&[
        (
            "rating.csv",
            b"\"userId\",\"movieId\",\"rating\",\"timestamp\"\n1,2,3.5,\"2005-04-02 23:53:47\"\n1,29,4,\"1970-01-01 00:00:00\"\n",
        ),
        ("movie.csv", b"\"movieId\",\"title\",\"genres\"\n29,\"City, The (1995)\",\"Adventure|Drama\"\n"),
    ]);
    assert_eq!(dataset.ratings.ratings, [3.5, 4.0]);
    assert_eq!(dataset.ratings.timestamps, Some(vec![1_112_486_027, 0]));
    let item = dataset.catalogue[1].as_ref().expect("it is listed");
    assert_eq!(
        (item.title.as_str(), item.genres.len()),
        ("City, The (1995)", 2)
    );
}

#[test]
fn dat_files_have_two_colons_between_fields() {
    let dataset = open_folder(&[
        ("ratings.dat", b"1::1193::5::978300760\r\n1::914::3.5::978302109\r\n2::1193::4::978300275\r\n"),
        // Latin-1 and UTF-8 side by side, and colons in titles.
        ("movies.dat", b"914::My Fair Lady: A Play::Musical|Romance\n1193::Caf\xE9 (1996)::Drama\n7::Caf\xC3\xA9::(no genres listed)\n"),
    ]);
    assert_eq!((dataset.users.len(), dataset.items.len()), (2, 2));
    assert_eq!(dataset.ratings.ratings, [5.0, 3.5, 4.0]);
    assert_eq!(
        dataset.ratings.timestamps.as_deref().map(|times| times[2]),
        Some(978_300_275)
    );
    assert_eq!(dataset.title(ItemIx(0)), "Caf\u{E9} (1996)");
    assert_eq!(dataset.title(ItemIx(1)), "My Fair Lady: A Play");

    let dataset =
        open_file("other.txt", b"1::2::3\n", IdOrder::FirstSight).expect("by its first line");
    assert_eq!(
        (dataset.ratings.len(), dataset.ratings.timestamps),
        (1, None)
    );
}

#[test]
fn bad_dat_files_are_refused() {
    assert_eq!(
        refusal("ratings.dat", b"1::2::3::4\n\n1::2::3\n"),
        "ratings.dat, line 3: expected 4 fields, found 3"
    );
    assert_eq!(
        refusal("ratings.dat", b"1::2::3::4\n1::2::x::4\n"),
        "ratings.dat, line 2, column rating: expected a number, found 'x'"
    );
    let mut far = b"1::2::3::4\n".repeat(1_000);
    far.extend_from_slice(b"1::\x00::3::4\n");
    assert!(refusal("ratings.dat", &far).starts_with("ratings.dat, line 1001: NUL bytes"));
    assert_eq!(
        refusal("ratings.dat", b""),
        "ratings.dat: the file is empty"
    );
}

#[test]
fn atomic_files_are_known_by_their_types() {
    let inter: &[u8] =
        b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t4\t8.91717742e8\n";
    let item: &[u8] =
        b"item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n242\tKolya\t1996\tComedy\n302\tL.A. \"Conf\t1997\tCrime Film-Noir\n";
    let dataset = open_folder(&[("some.inter", inter), ("some.item", item)]);
    assert_eq!(dataset.name, "some.inter");
    assert_eq!(
        dataset.ratings.timestamps,
        Some(vec![881_250_949, 891_717_742])
    );
    let second = dataset.catalogue[1].as_ref().expect("it is listed");
    assert_eq!(second.title, "L.A. \"Conf");
    assert_eq!(second.genres, ["Crime", "Film-Noir"]);

    // Known by its first line, too, and without ratings every row is one.
    let clicks = b"session_id:token\tuser_id:token\titem_id:token\n1\ta\tx\n1\tb\ty\n";
    let dataset =
        open_file("clicks.txt", clicks, IdOrder::FirstSight).expect("types in the header");
    assert_eq!(
        (dataset.ratings.ratings.as_slice(), dataset.users.len()),
        (&[1.0, 1.0][..], 2)
    );
}

#[test]
fn bad_atomic_files_are_refused() {
    assert_eq!(
        refusal("a.inter", b"user_id:token\titem_id\n1\t2\n"),
        "a.inter, line 1: expected a column's name and type such as user_id:token, found 'item_id'"
    );
    assert_eq!(
        refusal("a.inter", b"user_id:token\trating:float\n1\t2\n"),
        "a.inter, line 1: no column is recognised as the item; the columns are: user_id, rating; say which: --columns \
         user=user_id,item=NAME,rating=rating"
    );
    let header = "user_id:token\titem_id:token\trating:float\n";
    assert_eq!(
        refusal("a.inter", header.as_bytes()),
        "a.inter: no ratings below the header"
    );
    assert_eq!(
        refusal("a.inter", format!("{header}1\t2\tx\n").as_bytes()),
        "a.inter, line 2, column rating: expected a number, found 'x'"
    );
    assert_eq!(
        refusal("a.inter", format!("{header}1\t2\n").as_bytes()),
        "a.inter, line 2: expected 3 fields, found 2"
    );
}

#[test]
fn of_several_atomic_files_the_one_called_like_its_folder_is_opened() {
    let parent = folder(&[]);
    let inner = parent.path().join("books");
    std::fs::create_dir(&inner).expect("a folder");
    let rows = |count: usize| format!("user_id:token\titem_id:token\n{}", "1\t2\n".repeat(count));
    std::fs::write(inner.join("books.part1.inter"), rows(1)).expect("a file");
    std::fs::write(inner.join("books.part2.inter"), rows(2)).expect("a file");
    let how = OpenOptions::default();
    assert!(
        how.open(&inner.to_string_lossy()).is_err(),
        "neither is better than the other"
    );
    std::fs::write(inner.join("books.inter"), rows(3)).expect("a file");
    let dataset = how
        .open(&inner.to_string_lossy())
        .expect("one is called like the folder");
    assert_eq!(dataset.ratings.len(), 3);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_needs_its_feature() {
    let said = refusal("ratings.parquet", b"PAR1\x15\x00PAR1");
    assert!(
        said.starts_with("ratings.parquet: a Parquet file, which this program cannot read"),
        "{said}"
    );
}
