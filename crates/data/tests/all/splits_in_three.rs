//! A test part next to training and validation, and a split that holds nothing out.

use crate::common;
use recburn_data::{DataError, Dataset, Part, Split, SplitKind};

/// Four users with ten rows each, in order of time.
fn dataset() -> Dataset {
    let pairs: Vec<(u32, u32)> = (0..40).map(|row| (row % 4, row / 4)).collect();
    let mut dataset = common::dataset(common::ratings(&pairs));
    dataset.ratings.timestamps = Some((0..40).collect());
    dataset
}

fn split(word: &str) -> Split {
    let kind: SplitKind = word.parse().expect("a split");
    dataset().split(&kind, 7).expect("three parts")
}

#[test]
fn a_test_part_takes_nothing_from_training() {
    for (two, three) in [
        ("fraction:0.8", "fraction:0.8/0.1/0.1"),
        ("mask:0.6", "mask:0.6/0.2/0.2"),
        ("by-user:0.6", "by-user:0.6/0.2/0.2"),
        ("by-user-shuffled:0.6", "by-user-shuffled:0.6/0.2/0.2"),
        ("time:0.5", "time:0.5/0.25/0.25"),
    ] {
        let (plain, tested) = (split(two), split(three));
        assert_eq!(plain.train, tested.train, "{three}");
        let mut held_out = [tested.valid_rows.clone(), tested.test_rows.clone()].concat();
        held_out.sort_unstable();
        assert_eq!(held_out, plain.valid_rows, "{three}");
        assert!(!tested.valid.is_empty() && !tested.test.is_empty());
        assert!(plain.test.is_empty() && plain.test_rows.is_empty());
        let kind: SplitKind = three.parse().expect("a split");
        let (rest, moved) = dataset().into_split(&kind, 7).expect("three parts");
        assert_eq!(moved, tested);
        assert!(rest.ratings.is_empty());
    }
}

#[test]
fn what_is_tested_on_comes_last_where_there_is_an_order() {
    let by_time = split("time:0.5/0.25/0.25");
    assert_eq!(by_time.valid_rows, (20..30).collect::<Vec<_>>());
    assert_eq!(by_time.test_rows, (30..40).collect::<Vec<_>>());
    // Each user's last row is for the test, the one before for validation.
    let last = split("leave-last-out:1/1");
    assert_eq!(last.valid_rows, [32, 33, 34, 35]);
    assert_eq!(last.test_rows, [36, 37, 38, 39]);
    let by_user = split("by-user:0.7/0.1/0.2");
    assert_eq!(by_user.valid_rows, [28, 29, 30, 31]);
    assert_eq!(by_user.test_rows, (32..40).collect::<Vec<_>>());
}

#[test]
fn a_split_of_nothing_trains_on_everything() {
    let none = split("none");
    assert_eq!(none.train, dataset().ratings);
    assert!(none.valid.is_empty() && none.test.is_empty());
    assert_eq!(none.cold.rows, 0);
    let parts = dataset()
        .parts(&SplitKind::None, 1)
        .expect("no kind is simpler");
    assert!(parts.iter().all(|&part| part == Part::Train));
}

#[test]
fn words_of_three_parts_are_printed_as_they_are_read() {
    for (word, printed) in [
        ("none", "none"),
        ("fraction:0.8/0.1", "fraction:0.8/0.1/0.1"),
        ("fraction:0.7/0.2/0.1", "fraction:0.7/0.2/0.1"),
        ("time:0.9/0.05/0.05", "time:0.9/0.05/0.05"),
        ("stratified:0.6/0.2/0.2", "by-user:0.6/0.2/0.2"),
        ("leave-last-out:2/3", "leave-last-out:2/3"),
    ] {
        let kind: SplitKind = word.parse().expect("a split");
        assert_eq!(kind.to_string(), printed);
        assert_eq!(printed.parse::<SplitKind>().expect("printed"), kind);
    }
}

#[test]
fn shares_that_leave_a_part_empty_or_are_more_than_all_are_refused() {
    for word in [
        "fraction:0.8/0.2",
        "fraction:0.8/0.3/0.1",
        "fraction:0.5/0.2/0.2",
        "fraction:0.8/0/0.2",
        "fraction:0.8/0.2/0",
        "fraction:0.8/-0.1/0.3",
        "fraction:0.8/NaN/0.1",
        "fraction:0.8/x",
        "leave-last-out:1/0",
        "leave-last-out:1/0.5",
        "fold:1/5/5",
    ] {
        assert!(word.parse::<SplitKind>().is_err(), "{word}");
    }
    // Nothing is left to test on.
    let pairs = [(0, 0), (0, 1), (0, 2), (0, 3)];
    let kind: SplitKind = "fraction:0.5/0.4/0.1".parse().expect("a split");
    let answer = common::dataset(common::ratings(&pairs)).split(&kind, 1);
    assert!(
        matches!(answer, Err(DataError::EmptyPart { part: "test", .. })),
        "{answer:?}"
    );
}
