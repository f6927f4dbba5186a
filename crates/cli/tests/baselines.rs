//! Baselines and models in closed form, compared by the binary.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::Value;

fn compared(words: &[&str]) -> Value {
    let home = tempfile::tempdir().unwrap();
    let words = [&["baselines"], words, &["--json"]].concat();
    recburn(home.path(), &words).fine().json()
}

fn named<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let methods = answer["methods"].as_array().unwrap();
    methods.iter().find(|one| one["method"] == name).unwrap()
}

#[test]
fn methods_are_compared_on_the_same_held_out_rows() {
    let few = ["mean", "bias", "popularity"].map(|name| ["--method", name]);
    let answer = compared(&few.concat());
    assert_eq!(
        (&answer["train_rows"], &answer["rows"]),
        (&80_000.into(), &20_000.into())
    );
    let rmse = |name| named(&answer, name)["metrics"]["rmse"].as_f64().unwrap();
    assert!(rmse("bias") < rmse("mean"), "{answer}");
    let popularity = named(&answer, "popularity");
    assert!(popularity["metrics"].is_null());
    let ndcg = |one: &Value| one["ranking"]["ndcg@10"].as_f64().unwrap();
    assert!(ndcg(popularity) > ndcg(named(&answer, "bias")), "{answer}");
}

#[test]
fn a_test_part_is_scored_by_models_that_have_the_validation_part() {
    let words = [
        "--split",
        "by-user-hashed:0.7/0.1/0.2",
        "--part",
        "test",
        "--method",
        "mean",
    ];
    let answer = compared(&words);
    let (train, rows) = (&answer["train_rows"], &answer["rows"]);
    assert_eq!(train.as_u64().unwrap() + rows.as_u64().unwrap(), 100_000);
    assert!(
        (19_000..21_000).contains(&rows.as_u64().unwrap()),
        "{answer}"
    );
}

#[test]
fn the_table_has_a_row_for_each_method() {
    let home = tempfile::tempdir().unwrap();
    let ran = recburn(
        home.path(),
        &[
            "baselines",
            "--method",
            "bias",
            "--method",
            "popularity",
            "--at",
            "5",
        ],
    );
    let ran = ran.fine();
    for word in ["NDCG@5", "bias", "popularity", "fit s"] {
        assert!(ran.out.contains(word), "{}", ran.out);
    }
}

#[test]
fn what_is_wrong_is_said_before_anything_is_fitted() {
    let home = tempfile::tempdir().unwrap();
    let wrong: [(&[&str], &[&str]); 5] = [
        (&["--method", "svd"], &["svd", "popularity"]),
        (
            &["--method", "ease", "-o", "lambada=1"],
            &["lambada", "lambda"],
        ),
        (&["--method", "ease", "-o", "lambda=-1"], &["lambda", "-1"]),
        (&["-o", "lambda=1"], &["--method"]),
        (
            &["--part", "test", "--method", "mean"],
            &["test part", "fraction:0.8/0.1/0.1"],
        ),
    ];
    for (words, said) in wrong {
        let words = [&["baselines"], words].concat();
        recburn(home.path(), &words).fails(2, said);
    }
}
