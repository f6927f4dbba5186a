//! Training on positives through the binary: lists in place of ratings, from the words of the command line to a saved model.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::Value;
use std::path::Path;

const POSITIVES: [&str; 12] = [
    "train",
    "--model",
    "biased_mf",
    "--examples",
    "positives",
    "--loss",
    "bpr",
    "--split",
    "fraction:0.8/0.1/0.1",
    "--patience",
    "5",
    "--json",
];

fn train(here: &Path, more: &[&str]) -> Value {
    recburn(here, &[&POSITIVES, more].concat()).fine().json()
}

#[test]
fn positives_are_judged_by_lists_from_training_to_evaluation() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let report = train(
        here,
        &["--negatives", "popular:2", "--out", "run", "--epochs", "2"],
    );
    assert!(
        report["metrics"].is_null() && report["baselines"].is_null() && report["test"].is_null()
    );
    for (part, of) in [("ranking", "valid"), ("test_ranking", "test")] {
        for name in ["ndcg@10", "recall@10", "hit@10", "mrr@10"] {
            let value = report[part][name].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&value), "{of} {name}: {value}");
        }
    }
    let last = report["epochs"].as_array().unwrap().last().unwrap();
    assert!(last["valid"]["ndcg@10"].is_f64() && last["valid_loss"].is_null());

    let evaluated = recburn(here, &["evaluate", "run/model", "--json"])
        .fine()
        .json();
    assert_eq!(evaluated["ranking"], report["ranking"]);
    assert_eq!(evaluated["test"]["ranking"], report["test_ranking"]);
    assert!(evaluated["metrics"].is_null());
    let text = recburn(here, &["evaluate", "run/model"]).fine().out;
    assert!(text.contains("ndcg@10") && !text.contains("rmse"), "{text}");

    // A score is no rating: it has no scale to be clipped to, and is not called one.
    let text = recburn(here, &["recommend", "run/model", "--user", "1"])
        .fine()
        .out;
    let heading = text.lines().next().unwrap();
    assert!(
        heading.contains("score") && !heading.contains("rating "),
        "{text}"
    );
    let list = recburn(here, &["recommend", "run/model", "--user", "1", "--json"])
        .fine()
        .json();
    for line in list.as_array().unwrap() {
        assert_eq!(line["rating"], line["clipped"]);
    }

    // What was chosen comes back from the file, and runs again.
    let again = recburn(
        here,
        &["run", "run/experiment.toml", "--epochs", "1", "--json"],
    )
    .fine()
    .json();
    assert!(
        again[0]["runs"][0]["report"]["ranking"]["ndcg@10"].is_f64(),
        "{again}"
    );
    let more = [
        "--negatives",
        "popular:2",
        "--out",
        "run",
        "--resume",
        "--epochs",
        "3",
    ];
    assert_eq!(train(here, &more)["epochs"].as_array().unwrap().len(), 3);
}

#[test]
fn a_rating_model_may_be_judged_by_lists_as_well() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["train", "--epochs", "1", "--watch", "recall@5", "--json"];
    let report = recburn(home.path(), &arguments).fine().json();
    assert!(report["metrics"]["rmse"].is_f64());
    assert!(report["ranking"]["recall@5"].is_f64());
}

#[test]
fn words_that_contradict_each_other_end_in_one_line() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let cases: [(&[&str], &[&str]); 6] = [
        (
            &["--examples", "likes"],
            &["likes", "positives or next-item"],
        ),
        (
            &["--negatives", "uniform:2"],
            &["negatives require positives", "examples are ratings"],
        ),
        (
            &[
                "--examples",
                "positives",
                "--loss",
                "bpr",
                "--negatives",
                "uniform",
            ],
            &["uniform", "in-batch or catalogue"],
        ),
        (
            &[
                "--examples",
                "positives",
                "--loss",
                "bpr",
                "--watch",
                "rmse",
            ],
            &["rmse", "ndcg@K"],
        ),
        (&["--watch", "ndcg@0"], &["ndcg@0", "such as ndcg@10"]),
        (&["--loss", "bpr"], &["bpr"]),
    ];
    for (arguments, said) in cases {
        recburn(here, &[&["train"], arguments].concat()).fails(2, said);
    }
    assert!(!here.join("out").exists(), "nothing is written");
}

#[test]
fn next_items_need_a_model_that_reads_sequences() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["train", "--examples", "next-item", "--loss", "softmax"];
    let ran = recburn(home.path(), &arguments);
    assert_ne!(ran.code, Some(0));
    assert!(
        ran.err.contains("recent") && !ran.err.contains("panicked"),
        "{}",
        ran.err
    );
}
