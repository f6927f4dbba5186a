//! What is packed opens as what it holds, and faults are told with a path that leads through the archive.

use crate::common::{MOVIES, RATINGS, folder, gzip, named, open_in, zip};
use proptest::prelude::*;
use recburn_data::{Dataset, IdOrder, ItemIx};
use recburn_read::OpenOptions;

/// Opens `path` below a folder that holds `file`.
fn opened(file: &str, content: &[u8], path: &str) -> Result<Dataset, String> {
    open_in(&[(file, content)], path, &OpenOptions::default())
}

#[test]
fn an_archive_opens_as_the_folder_in_it() {
    for inside in ["small/", "", "a/b/"] {
        let files = [
            (format!("{inside}README.txt"), &b"hello"[..]),
            (format!("{inside}ratings.csv"), RATINGS),
            (format!("{inside}movies.csv"), MOVIES),
            (format!("__MACOSX/{inside}._ratings.csv"), b"junk"),
        ];
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, content)| (name.as_str(), *content))
            .collect();
        let archive = zip(&files);
        let dataset = opened("ml-x.zip", &archive, "ml-x.zip").expect("a good archive");
        assert_eq!(dataset.ratings.ratings, [3.0, 4.5]);
        assert_eq!(dataset.title(ItemIx(1)), "Three");
        let name = match inside {
            "" => "ml-x",
            "small/" => "small",
            _ => "b",
        };
        assert_eq!(dataset.name, name);
        let through = format!("ml-x.zip/{inside}ratings.csv");
        assert_eq!(
            opened("ml-x.zip", &archive, &through)
                .expect("the file in it")
                .ratings
                .len(),
            2
        );
        let through = format!("ml-x.zip/{inside}");
        assert_eq!(
            opened("ml-x.zip", &archive, &through)
                .expect("the folder in it")
                .ratings
                .len(),
            2
        );
    }
}

#[test]
fn the_only_file_of_an_archive_may_have_any_name() {
    let archive = zip(&[("deep/stars.txt", b"1\t2\t3\t4\n")]);
    assert_eq!(
        opened("a.zip", &archive, "a.zip")
            .expect("one file")
            .ratings
            .ratings,
        [3.0]
    );
    let two = zip(&[("x.txt", b"1\t2\t3\t4\n"), ("y.txt", b"1\t2\t3\t4\n")]);
    let said = opened("a.zip", &two, "a.zip").expect_err("which of them?");
    assert!(
        said.starts_with("no ratings found for 'a.zip'")
            && said.contains("a zip archive that holds"),
        "{said}"
    );
}

#[test]
fn an_archive_is_known_by_its_first_bytes_too() {
    let archive = zip(&[("ml-x/ratings.csv", RATINGS), ("ml-x/movies.csv", MOVIES)]);
    for name in ["download", "ml-x.ZIP", "ml-x.zip.1"] {
        let dataset = opened(name, &archive, name).expect("a good archive");
        assert_eq!(dataset.title(ItemIx(0)), "Two");
        let through = format!("{name}/ml-x/ratings.csv");
        let dataset = opened(name, &archive, &through).expect("the file in it");
        assert_eq!(dataset.ratings.len(), 2);
    }
    let said = opened("u.data", b"PK\x03\x04\x00\x00", "u.data").expect_err("cut off");
    assert!(said.starts_with("u.data, line 1: NUL bytes"), "{said}");
}

#[test]
fn a_name_may_be_an_archive() {
    let archive = zip(&[
        ("ml-100k/u.data", b"1\t2\t3\t4\n"),
        ("ml-100k/u.item", b""),
        ("ml-100k/u.genre", b"unknown|0\n"),
    ]);
    let data_dir = folder(&[("ml-100k.zip", &archive)]);
    let how = OpenOptions {
        order: IdOrder::Raw,
        data_dir: Some(data_dir.path().to_path_buf()),
        ..OpenOptions::default()
    };
    let dataset = how.open("ml-100k").expect("it lies there, packed");
    assert_eq!(
        (dataset.name.as_str(), dataset.ratings.len()),
        ("ml-100k", 1)
    );
}

#[test]
fn gzip_is_seen_through_in_files_folders_and_archives() {
    let packed = gzip(RATINGS);
    let dataset = opened("ratings.csv.gz", &packed, "ratings.csv.gz").expect("a packed file");
    assert_eq!(dataset.ratings.ratings, [3.0, 4.5]);
    // Known by its bytes, whatever the name; a name alone packs nothing.
    assert_eq!(
        opened("ratings.csv", &packed, "ratings.csv")
            .expect("packed")
            .ratings
            .len(),
        2
    );
    assert_eq!(
        opened("ratings.csv.gz", RATINGS, "ratings.csv.gz")
            .expect("plain")
            .ratings
            .len(),
        2
    );
    // Two packed one behind the other are one.
    let parts = [gzip(&RATINGS[..30]), gzip(&RATINGS[30..])].concat();
    assert_eq!(
        opened("r.csv.gz", &parts, "r.csv.gz")
            .expect("two parts")
            .ratings
            .len(),
        2
    );

    let both: [(&str, &[u8]); 2] = [
        ("ratings.csv.gz", &packed),
        ("movies.csv.gz", &gzip(MOVIES)),
    ];
    let dataset = open_in(&both, "", &OpenOptions::default()).expect("packed files");
    assert!(dataset.catalogue.iter().all(Option::is_some));

    let archive = zip(&[
        ("d/ratings.dat.gz", &gzip(b"1::2::3::4\n")),
        ("d/movies.dat", b"2::Two::Drama\n"),
    ]);
    let dataset = opened("d.zip", &archive, "d.zip").expect("packed twice");
    assert_eq!(dataset.title(ItemIx(0)), "Two");
}

#[test]
fn pairs_and_named_columns_are_read_from_archives() {
    let archive = zip(&[("u1.base", b"1\t2\t5\t0\n"), ("u1.test", b"2\t2\t3\t0\n")]);
    let folder = folder(&[
        ("k.zip", &archive),
        ("s.txt.gz", &gzip(b"who;what\nanna;tea\n")),
    ]);
    let inside = folder.path().join("k.zip");
    let (_, split) = OpenOptions::default()
        .open_pair(&inside.join("u1.base"), &inside.join("u1.test"))
        .expect("two files");
    assert_eq!((split.train.len(), split.valid.len()), (1, 1));
    let path = folder.path().join("s.txt.gz");
    let dataset = (named("user=who,item=what"))
        .open(&path.to_string_lossy())
        .expect("packed");
    assert_eq!(dataset.ratings.ratings, [1.0]);
}

#[test]
fn faults_are_told_by_the_way_through_the_archive() {
    let archive = zip(&[
        ("ml-1m/ratings.dat", b"1::2::3::4\n1::2::x::4\n"),
        ("ml-1m/movies.dat", b""),
    ]);
    assert_eq!(
        opened("m.zip", &archive, "m.zip").expect_err("a bad rating"),
        "m.zip/ml-1m/ratings.dat, line 2, column rating: expected a number, found 'x'"
    );
    let bad = gzip(b"userId,movieId,rating\n1,2,3\n1,2\n");
    assert_eq!(
        opened("r.csv.gz", &bad, "r.csv.gz").expect_err("a short line"),
        "r.csv.gz, line 3: expected 3 fields, found 2"
    );
    let empty = zip(&[("ratings.csv", b"")]);
    assert_eq!(
        opened("e.zip", &empty, "e.zip").expect_err("empty"),
        "e.zip/ratings.csv: the file is empty"
    );
    let nothing = zip(&[]);
    assert!(
        opened("e.zip", &nothing, "e.zip")
            .expect_err("no file")
            .starts_with("no ratings found")
    );
}

#[test]
fn damaged_archives_are_refused() {
    let said = opened("a.zip", b"this is no archive", "a.zip").expect_err("no archive");
    assert!(
        said.starts_with("a.zip: not a readable zip archive"),
        "{said}"
    );
    // A stored file of another content than its check sum says.
    let mut archive = zip(&[("rating.csv", RATINGS)]);
    let at = archive
        .windows(4)
        .position(|bytes| bytes == b",4.5")
        .expect("stored as it is");
    archive[at + 1] = b'5';
    let said = opened("a.zip", &archive, "a.zip").expect_err("another content");
    assert_eq!(
        said,
        "cannot access a.zip/rating.csv: the bytes do not make the archive's check sum: it is damaged"
    );
    // An encrypted file, and one packed in another way.
    for (flags, method, expected) in [
        (1, 0, "the file is encrypted"),
        (0, 14, "packed in another way than by deflate"),
    ] {
        let mut archive = zip(&[("rating.csv", RATINGS)]);
        let directory = archive
            .windows(4)
            .position(|bytes| bytes == b"PK\x01\x02")
            .expect("a directory");
        for start in [2, directory + 4] {
            archive[start + 4] = flags;
            archive[start + 6] = method;
        }
        let said = opened("a.zip", &archive, "a.zip/rating.csv");
        let said = said.err().unwrap_or_default();
        assert!(
            said.starts_with("a.zip/rating.csv: ") && said.contains(expected),
            "{said}"
        );
    }
    let packed = gzip(&RATINGS.repeat(50));
    let said = opened("r.csv.gz", &packed[..packed.len() - 12], "r.csv.gz").expect_err("cut off");
    assert!(said.contains("r.csv.gz: incomplete"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_archive_gives_data_or_an_error(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(), cuts in any::<bool>(),
    ) {
        for (name, content) in [("a.zip", zip(&[("d/ratings.csv", RATINGS), ("d/movies.csv", MOVIES)])), ("a.csv.gz", gzip(RATINGS))] {
            let mut content = content;
            let place = at.index(content.len());
            content[place] = byte;
            if cuts {
                content.truncate(cut.index(content.len()));
            }
            let _ = opened(name, &content, name);
        }
    }
}
