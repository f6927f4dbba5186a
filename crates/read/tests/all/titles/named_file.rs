//! Files of items that are named.

use crate::common::{gzip, open_in, zip};
use recburn_data::ItemIx;
use recburn_read::OpenOptions;

/// The title of the only item, from a file of items that is named.
fn from_file(name: &str, content: &[u8]) -> Result<String, String> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, content).expect("a file");
    let items = Some(path);
    let how = OpenOptions {
        items: items.clone(),
        ..OpenOptions::default()
    };
    // The file beside the ratings is not looked at then.
    let files: [(&str, &[u8]); 2] = [
        ("ratings.csv", b"userId,movieId,rating\n1,7,3\n"),
        ("movies.csv", b"movieId,title\n7,Not This\n"),
    ];
    let opened = open_in(&files, "ratings.csv", &how);
    let said = |said: String| said.replace(&format!("{}/", home.path().display()), "");
    Ok(opened.map_err(said)?.title(ItemIx(0)))
}

#[test]
fn a_file_of_items_may_be_named() {
    let tabs: &[u8] = b"item_id\ttitle\tgenres\n7\tSeven \"7\tDrama\n";
    assert_eq!(from_file("films.tsv", tabs), Ok("Seven \"7".to_string()));
    for (name, content) in [
        ("films", &b"movieId;title\n7;Seven\n"[..]),
        ("films", b"item_id:token\tname:token_seq\n7\tSeven\n"),
        ("films", b"8::Eight::\n7::Seven::Drama\n"),
        (
            "films",
            b"7|Seven|||x|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1\n",
        ),
        (
            "films.zip",
            &zip(&[("any name", b"movieId,title\n7,Seven\n")]),
        ),
        (
            "no ending",
            &zip(&[("any name", b"movieId,title\n7,Seven\n")]),
        ),
        ("films.gz", &gzip(b"movieId,title\n7,Seven\n")),
    ] {
        assert_eq!(from_file(name, content), Ok("Seven".to_string()), "{name}");
    }
    for (name, content, said) in [
        (
            "films.txt",
            &b"colour,size\nred,7\n"[..],
            "films.txt: not a known file of items (known: a table whose header has movieId and title, separated by commas, \
             tabs or semicolons; .item of RecBole; u.item and movies.dat of MovieLens); the first line is 'colour,size'",
        ),
        ("films.txt", b"", "films.txt: the file is empty"),
        (
            "films.txt",
            b"movieId,title\n8,Eight\n",
            "films.txt: none of these items has ratings: do they belong to another data set?",
        ),
        (
            "films.zip",
            &zip(&[("a", b""), ("b", b"")]),
            "films.zip: there is no items file",
        ),
    ] {
        let seen = from_file(name, content).expect_err("no titles");
        assert!(seen.starts_with(said), "{seen}");
    }
}

#[test]
fn of_a_file_that_was_asked_for_single_lines_stop_nothing_either() {
    assert_eq!(
        from_file("films.csv", b"movieId,title\n8\n7,Seven, Again\n"),
        Ok("Seven, Again".to_string())
    );
    assert_eq!(
        from_file("films.csv", b"movieId,title\n7,Caf\xE9\n"),
        Ok("Café".to_string())
    );
    let seen = from_file("films.csv", b"movieId,title\n7\n").expect_err("no titles");
    assert!(seen.contains("none of these items has ratings"), "{seen}");
}
