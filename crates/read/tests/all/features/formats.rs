//! Features that come with the ratings, and where there are none.

use super::{numbers, words};
use crate::common::folder;
use recburn_data::{Dataset, IdOrder};
use recburn_read::{OpenDataset, OpenOptions, ReadError};

#[test]
fn movielens_100k_has_its_users_and_items() {
    let files = folder(&[
        ("u.data", b"7\t2\t3\t874965758\n5\t3\t1\t876893171\n"),
        ("u.user", b"5|24|M|technician|85711\n7|53|F|other|94043\n"),
    ]);
    let opened = |order| {
        let how = OpenOptions {
            order,
            ..OpenOptions::default()
        };
        how.open(&files.path().to_string_lossy())
            .expect("good files")
    };
    let dataset = opened(IdOrder::FirstSight);
    assert_eq!(numbers(&dataset.features, "age"), [53.0, 24.0]);
    assert_eq!(
        words(&dataset.features, "occupation"),
        [["other"], ["technician"]]
    );
    assert_eq!(words(&dataset.features, "zip"), [["9"], ["8"]]);
    assert_eq!(dataset.warnings, [""; 0]);
    // A row that no id has is nobody's, and not missing.
    let raw = opened(IdOrder::Raw);
    assert_eq!(numbers(&raw.features, "age")[5..], [24.0, 38.5, 53.0]);
    assert_eq!(raw.warnings, [""; 0]);
}

#[test]
fn a_broken_file_that_nobody_asked_for_is_a_warning() {
    let files = folder(&[
        ("u.data", b"7\t2\t3\t874965758\n5\t3\t1\t876893171\n"),
        ("u.user", b"5|young|M|technician|85711\n"),
    ]);
    let dataset = Dataset::open(&files.path().to_string_lossy()).expect("good ratings");
    assert!(dataset.features.is_empty());
    let said = dataset.warnings.join("\n");
    assert!(said.ends_with("u.user, line 1, column age: expected a number, found 'young'; no features of users are taken from it"), "{said}");
}

#[test]
fn the_sample_takes_no_features() {
    let how = OpenOptions {
        user_features: Some("users.csv".parse().expect("a path")),
        ..OpenOptions::default()
    };
    assert!(matches!(
        how.open("sample"),
        Err(ReadError::NoFile {
            what: "file of features"
        })
    ));
}
