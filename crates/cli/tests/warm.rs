//! Training that goes on from a saved model when new ratings came.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Ran, recburn};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const OLD: usize = 1_200;

/// Ratings of forty readers and thirty books, with a taste that can be learnt.
fn old_ratings() -> String {
    let mut text = "userId,movieId,rating\n".to_string();
    for row in 0..OLD {
        let (user, item) = (row / 30, row % 30);
        let stars = 1 + (user % 2 + item % 3 + (user / 10 + item / 10) % 2) % 5;
        writeln!(text, "r{user},b{item},{stars}").unwrap();
    }
    text
}

/// The same, and ratings of a new reader and a new book.
fn grown_ratings() -> String {
    let mut text = old_ratings();
    for item in 0..20 {
        writeln!(text, "newcomer,b{item},{}", 1 + item % 5).unwrap();
    }
    for user in 0..20 {
        writeln!(text, "r{user},novelty,{}", 1 + user % 5).unwrap();
    }
    text
}

fn first_train_loss(folder: &Path, out: &str) -> f64 {
    let report = fs::read_to_string(folder.join(out).join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    report["epochs"][0]["train_loss"].as_f64().unwrap()
}

fn trained(here: &Path, more: &[&str]) -> Ran {
    fs::write(here.join("old.csv"), old_ratings()).unwrap();
    let train = ["train", "--data", "old.csv", "--epochs", "20", "--out", "o"];
    recburn(here, &[&train, more].concat()).fine()
}

const WARM: [&str; 9] = [
    "train",
    "--from",
    "o/model",
    "--data",
    "grown.csv",
    "--epochs",
    "1",
    "--out",
    "o2",
];

#[test]
fn grown_data_start_from_the_saved_weights() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &["--split", "mask:0.8", "-o", "factors=6"]);
    fs::write(here.join("grown.csv"), grown_ratings()).unwrap();
    let warm = recburn(here, &WARM).fine();
    let said = "40 users and 30 items are known, 1 users and 1 items are new";
    assert!(warm.out.contains(said), "{}", warm.out);
    // The same rows are held out again, so none that was trained on has to be moved.
    assert!(!warm.err.contains("moved"), "{}", warm.err);

    let scratch = [
        "train",
        "--data",
        "grown.csv",
        "--split",
        "mask:0.8",
        "--epochs",
        "1",
        "--out",
        "fresh",
        "-o",
        "factors=6",
    ];
    recburn(here, &scratch).fine();
    let (warm, fresh) = (
        first_train_loss(here, "o2"),
        first_train_loss(here, "fresh"),
    );
    assert!(
        warm < 0.8 * fresh,
        "{warm} from the saved model, {fresh} from scratch"
    );

    let list = ["recommend", "o2/model", "--user", "newcomer", "--json"];
    let list = recburn(here, &list).fine().json();
    assert!(!list.as_array().unwrap().is_empty());
    let new_item = [
        "predict", "o2/model", "--user", "r39", "--item", "novelty", "--json",
    ];
    assert!(recburn(here, &new_item).fine().json()["rating"].is_number());
    // And once more from what came of it, with data, split and options that it remembers.
    let again = ["train", "--from", "o2", "--epochs", "1", "--out", "o3"];
    let again = recburn(here, &again).fine();
    assert!(
        again.out.contains("0 users and 0 items are new"),
        "{}",
        again.out
    );
}

#[test]
fn a_row_that_was_trained_on_is_never_held_out() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &["--split", "fraction:0.8/0.1/0.1"]);
    fs::write(here.join("grown.csv"), grown_ratings()).unwrap();
    let warm = recburn(here, &WARM).fine();
    let warning =
        "held-out rows are moved to the training part: the saved model was trained on them";
    assert!(warm.err.contains(warning), "{}", warm.err);
    let report = fs::read_to_string(here.join("o2/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let rows = |part: &str| report[part].as_u64().unwrap();
    assert_eq!(
        rows("train_rows") + rows("valid_rows") + rows("test_rows"),
        OLD as u64 + 40
    );
    assert!(rows("valid_rows") > 0 && rows("test_rows") > 0);
    // What the old model was not trained on is at most its held-out fifth and the new rows.
    assert!(rows("valid_rows") + rows("test_rows") <= OLD as u64 / 5 + 40);
    // The rows that the new model keeps as held out are new to the old model, too.
    let evaluate = ["evaluate", "o2/model", "--json"];
    let held_out = recburn(here, &evaluate).fine().json();
    assert_eq!(held_out["rows"], report["valid_rows"]);
}

#[test]
fn nothing_new_to_hold_out_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &["--split", "none"]);
    let warm = ["train", "--from", "o", "--epochs", "1", "--out", "o2"];
    let split = [&warm[..], &["--split", "fraction:0.8"]].concat();
    recburn(here, &split).fails(2, &["every row", "fraction:0.8", "none"]);
    assert!(!here.join("o2").exists());
    recburn(here, &warm).fine();
}

#[test]
fn what_is_not_in_the_data_any_more_is_said() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &["--split", "none"]);
    let grown = grown_ratings();
    let new: Vec<&str> = grown.lines().skip(OLD + 1).collect();
    let only_new = format!("userId,movieId,rating\n{}\n", new.join("\n"));
    fs::write(here.join("grown.csv"), only_new).unwrap();
    let warm = recburn(here, &WARM).fine();
    let said = "1,200 rows that the saved model was trained on are not in these data";
    assert!(warm.err.contains(said), "{}", warm.err);
}

#[test]
fn the_centre_stays() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &["--centre", "true"]);
    fs::write(here.join("grown.csv"), grown_ratings()).unwrap();
    recburn(here, &WARM).fine();
    let centre = |out: &str| {
        let model = fs::read_to_string(here.join(out).join("model/model.json")).unwrap();
        let model: Value = serde_json::from_str(&model).unwrap();
        model["centre"].clone()
    };
    assert_eq!(centre("o"), centre("o2"));
    let other = [&WARM[..], &["--centre", "false"]].concat();
    recburn(here, &other).fails(2, &["mean subtracted", "do not change the centring"]);
}

#[test]
fn another_model_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    trained(here, &[]);
    let refused = |flags: &[&str], said: &[&str]| {
        let warm = ["train", "--from", "o/model", "--out", "o2"];
        recburn(here, &[&warm, flags].concat()).fails(2, said);
        assert!(!here.join("o2").exists());
    };
    refused(
        &["--model", "concat_mlp"],
        &["biased_mf", "concat_mlp", "--model"],
    );
    refused(&["--preset", "small18"], &["--preset", "--from"]);
    refused(&["--resume"], &["--resume", "--from"]);
    // A split that holds none out, for with the other one there is nothing new to hold out.
    refused(
        &["--split", "none", "-o", "factors=7"],
        &["`user_factors` width is 10 in the saved model, but 7 here"],
    );
    let nowhere = ["train", "--from", "elsewhere", "--out", "o2"];
    recburn(here, &nowhere).fails(3, &["elsewhere", "not a saved model"]);
}
