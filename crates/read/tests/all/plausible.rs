//! What was read is looked at: is it what it was taken for?

use crate::common::{named, open_in};
use recburn_data::Filter;
use recburn_read::OpenOptions;

/// What is said of a table with a header.
fn said(text: &str, columns: &str) -> Vec<String> {
    let how = match columns {
        "" => OpenOptions::default(),
        columns => named(columns),
    };
    open_in(&[("ratings.csv", text.as_bytes())], "ratings.csv", &how)
        .expect("good")
        .warnings
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).fold("userId,movieId,rating\n".to_string(), |text, at| {
        text + &row(at) + "\n"
    })
}

#[track_caller]
fn one(warnings: &[String], part: &str) {
    let [only] = warnings else {
        panic!("{warnings:?}")
    };
    assert!(only.contains(part), "{only}");
}

#[test]
fn nothing_is_said_of_ordinary_ratings() {
    let text = rows(100, |row| {
        format!("{},{},{}", row / 10, row % 10, 1 + row % 5)
    });
    assert_eq!(said(&text, ""), [""; 0]);
    // Quantities, not steps.
    let text = rows(100, |row| {
        format!("{},{},{}.5", row / 10, row % 10, row * row)
    });
    assert_eq!(said(&text, ""), [""; 0]);
}

#[test]
fn ratings_that_are_all_equal_teach_nothing() {
    let text = rows(40, |row| format!("{},{},1", row / 8, row % 8));
    one(
        &said(&text, ""),
        "every rating is 1: a rating model learns nothing",
    );
    // No column of ratings at all.
    one(
        &said(&text, "user=userId,item=movieId"),
        "every rating is 1: a rating model",
    );
    let text = text.replace("rating", "weather");
    let pairs = OpenOptions {
        pairs: true,
        ..OpenOptions::default()
    };
    // Whoever asks for pairs misses no ratings.
    let opened = open_in(&[("ratings.csv", text.as_bytes())], "ratings.csv", &pairs);
    assert_eq!(opened.expect("pairs").warnings, [""; 0]);
    let text = rows(40, |row| format!("{},{},4.5", row / 8, row % 8));
    one(&said(&text, ""), "every rating is 4.5: a rating model");
    // Nor do those that a filter has made equal.
    let text = rows(40, |row| format!("{},{},{}", row / 8, row % 8, 1 + row % 5));
    let dataset = open_in(
        &[("ratings.csv", text.as_bytes())],
        "ratings.csv",
        &OpenOptions::default(),
    );
    let filter: Filter = "rating>=5".parse().expect("a filter");
    let (kept, _) = filter
        .apply(&dataset.expect("good"))
        .expect("some are kept");
    one(&kept.warnings, "every rating is 5: a rating model");
    let (again, _) = filter.apply(&kept).expect("all are kept");
    one(&again.warnings, "every rating is 5: a rating model");
}

#[test]
fn a_column_of_times_or_ids_is_not_taken_for_ratings_without_a_word() {
    let text = rows(40, |row| {
        format!(
            "{},{},{}",
            row / 8,
            row % 8,
            1_100_000_000 + 1_000 * (row % 7)
        )
    });
    one(
        &said(&text, ""),
        "the least rating is 1100000000: that column looks like times or ids",
    );
    let text = rows(40, |row| format!("{},{},{}", row / 8, row % 8, 7 * row));
    one(&said(&text, ""), "no two ratings are equal");
}

#[test]
fn users_and_items_that_tell_nothing_apart_are_said() {
    let rating = |row: usize| 1 + row % 5;
    let text = rows(40, |row| format!("7,{},{}", row % 8, rating(row)));
    one(&said(&text, ""), "every rating has the same user, 7:");
    let text = rows(40, |row| format!("{},x,{}", row % 8, rating(row)));
    one(&said(&text, ""), "every rating has the same item, x:");
    let text = rows(40, |row| format!("{row},{},{}", row % 8, rating(row)));
    one(&said(&text, ""), "every rating has a user of its own:");
    let text = rows(40, |row| format!("{},{row},{}", row % 8, rating(row)));
    one(&said(&text, ""), "every rating has an item of its own:");
}

#[test]
fn ids_that_were_read_otherwise_than_meant_are_said() {
    let with = |id: &str| {
        rows(40, |row| {
            format!("{id}{},{},{}", row / 8, row % 8, 1 + row % 5).replace('#', "")
        })
    };
    assert_eq!(said(&with("u#"), ""), [""; 0]);
    // A blank that is not one of ASCII's stays with the id.
    one(
        &said(&with("\u{a0}"), ""),
        "5 of 5 user ids have blanks around them, such as \u{a0}0:",
    );
    let text = rows(40, |row| {
        format!("{}.0,{},{}", row / 8, row % 8, 1 + row % 5)
    });
    one(
        &said(&text, ""),
        "5 of 5 user ids have a .0 at the end, such as 0.0:",
    );
    let text = rows(40, |row| {
        format!("'{}','{}',{}", row / 8, row % 8, 1 + row % 5)
    });
    let warnings = said(&text, "");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("5 of 5 user ids have quotes around them, such as '0':"));
    assert!(warnings[1].contains("8 of 8 item ids have quotes around them, such as '0':"));
}
