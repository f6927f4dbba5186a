//! Files of ratings.

use crate::common::experiment;
use crate::refusals::{Home, refusal, said, text};

/// The refusal of an experiment on a file of this name and content; it names the file.
fn file_refusal(name: &str, content: &[u8], words: &[&str]) -> String {
    let home = Home::new();
    let path = home.file(name, content);
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&path).to_string();
    home.unchanged(|| refusal(experiment.prepare(None), &[&[text(&path)], words].concat()))
}

#[test]
fn a_missing_file_is_told_with_where_it_was_looked_for() {
    let home = Home::new();
    let path = home.path("ratings.csv");
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&path).to_string();
    let message = home.unchanged(|| said(experiment.prepare(None)));
    assert!(
        message.contains(&format!("looked at: {}", text(&path))),
        "{message}"
    );
    assert!(message.contains("sample, ml-100k"), "{message}");
}

#[test]
fn a_missing_part_of_a_given_split_is_told() {
    let home = Home::new();
    let train = home.file("u1.base", b"1\t2\t3\t4\n");
    let mut experiment = experiment("biased_mf");
    experiment.training.split = format!("given:{},{}", text(&train), text(&home.path("u1.test")));
    let message = said(experiment.prepare(None));
    assert!(message.contains(text(&home.path("u1.test"))), "{message}");
}

#[test]
fn a_folder_without_ratings_is_refused() {
    let home = Home::new();
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(home.0.path()).to_string();
    let message = said(experiment.prepare(None));
    assert!(message.contains(text(home.0.path())), "{message}");
    assert!(message.contains("ratings.csv or u.data"), "{message}");
}

#[test]
fn an_empty_file_is_refused() {
    file_refusal("ratings.csv", b"", &["the file is empty"]);
    file_refusal("u.data", b"\n\n", &["the file is empty"]);
    file_refusal(
        "ratings.csv",
        b"userId,movieId,rating\n",
        &["no ratings below the header"],
    );
}

#[test]
fn a_binary_file_is_refused() {
    file_refusal(
        "ratings.csv",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        &["line 3", "binary"],
    );
    file_refusal("u.data", b"PK\x03\x04\x00\x00\x00", &["line 1", "binary"]);
}

#[test]
fn a_line_that_nothing_separates_is_refused_with_the_way_out() {
    file_refusal("ratings.csv", b"rating\n3\n", &["'rating'", "--columns"]);
}

#[test]
fn a_missing_column_is_named_with_those_there_are() {
    file_refusal(
        "ratings.csv",
        b"userId,rating,when\n1,3,4\n",
        &["line 1", "userId, rating, when", "--columns"],
    );
}

#[test]
fn a_rating_that_is_no_finite_number_is_refused_by_line_and_column() {
    for (seen, wanted) in [
        ("four", "expected a number"),
        ("", "expected a number"),
        ("NaN", "expected a finite number"),
        ("inf", "expected a finite number"),
        ("-Infinity", "expected a finite number"),
        ("1e99", "expected a finite number"),
    ] {
        let seen_text = format!("found '{seen}'");
        let csv = format!("userId,movieId,rating\n1,2,3\n1,3,{seen}\n");
        file_refusal(
            "ratings.csv",
            csv.as_bytes(),
            &["line 3, column rating", wanted, &seen_text],
        );
        let tabs = format!("1\t2\t3\t0\n1\t3\t{seen}\t0\n");
        file_refusal(
            "u.data",
            tabs.as_bytes(),
            &["line 2, column rating", wanted, &seen_text],
        );
    }
}

#[test]
fn a_short_line_is_refused_by_its_number() {
    file_refusal(
        "ratings.csv",
        b"userId,movieId,rating\n1,2,3\n1,2\n",
        &["line 3", "expected 3 fields, found 2"],
    );
    file_refusal(
        "u.data",
        b"1\t2\t3\t4\n1\t2\t3\n",
        &["line 2", "expected 4 fields, found 3"],
    );
}

#[test]
fn repeated_pairs_are_kept_counted_and_said() {
    let home = Home::new();
    let mut rows = String::from("userId,movieId,rating\n");
    // Each pair of five users and four items once, then three of them again.
    for row in 0..20 {
        rows += &format!("{},{},{}\n", row % 5, row % 4, 1 + row % 3);
    }
    rows += "0,0,5\n0,0,4\n3,1,2\n";
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&home.file("ratings.csv", rows.as_bytes())).to_string();
    let prepared = experiment.prepare(None).unwrap();
    assert_eq!(prepared.rows, 23);
    assert_eq!(prepared.train.len() + prepared.valid.len(), 23);
    assert_eq!(prepared.dataset.duplicates, 3);
    assert!(
        prepared.to_string().contains("3 repeated pairs"),
        "{}",
        prepared.dataset
    );
    assert!(
        prepared.to_string().contains("3 repeated pairs"),
        "{prepared}"
    );
}
