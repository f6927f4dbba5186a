//! Protocols, cards, comparisons, searches and cross-validation through the binary.

#![allow(clippy::unwrap_used)]

mod common;

#[path = "../../../tests/common/at_hand.rs"]
mod at_hand;

use at_hand::at_hand;
use common::{command, ran, recburn};
use serde_json::Value;
use std::path::Path;

#[test]
fn protocols_are_listed_and_described() {
    let home = tempfile::tempdir().unwrap();
    let all = recburn(home.path(), &["protocols", "--json"]).fine().json();
    let names: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    for name in ["ml-100k-u", "p1", "p2", "loo-99"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let shown = recburn(home.path(), &["protocols", "p2"]).fine();
    assert!(shown.out.contains("415 of 943 users"), "{}", shown.out);
    recburn(home.path(), &["protocols", "p3"]).fails(2, &["p3", "p1-from-4"]);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| recburn(home.path(), words);
    run(&["evaluate"]).fails(2, &["MODEL"]);
    run(&["evaluate", "--protocol", "p1"]).fails(2, &["--model"]);
    run(&["evaluate", "--protocol", "p1", "--model", "ease"]).fails(3, &["ml-100k"]);
    run(&["compare", "ease", "slim"]).fails(2, &["ease", "--protocol"]);
    run(&["compare", "a.json", "b.json"]).fails(3, &["a.json"]);
    run(&["train", "--folds", "1"]).fails(2, &["2 folds"]);
    run(&["train", "--folds", "3", "--split", "mask:0.8"]).fails(2, &["--split"]);
    run(&["train", "--average", "ema:2"]).fails(2, &["ema"]);
    run(&["train", "--model", "ease", "--find-rate"]).fails(2, &["--find-rate"]);
}

/// The folder of real data, where there is one.
fn data() -> Option<std::path::PathBuf> {
    at_hand("RECBURN_DATA")
}

#[test]
fn models_of_both_kinds_have_cards_that_are_compared() {
    let Some(data) = data() else { return };
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        ran(command(home.path())
            .env("RECBURN_DATA", &data)
            .args(words)
            .output()
            .unwrap())
    };
    let ease = [
        "evaluate",
        "--protocol",
        "p1",
        "--model",
        "ease",
        "-o",
        "lambda=400",
        "--out",
        "ease",
        "--json",
    ];
    let ease = run(&ease).fine().json();
    let ndcg = summary(&ease, "ndcg@10");
    assert!((ndcg - 0.4542).abs() < 2e-4, "{ndcg}");
    assert!(home.path().join("ease/card.md").exists());
    let bpr = [
        "evaluate",
        "--protocol",
        "p1",
        "--model",
        "bpr_mf",
        "--preset",
        "default", // quick, and clearly behind
        "--out",
        "bpr",
    ];
    run(&bpr).fine();
    let compared = run(&["compare", "ease", "bpr", "--out", "both", "--json"])
        .fine()
        .json();
    assert_eq!(compared["tables"][0]["entries"][0]["model"], "ease");
    assert_eq!(compared["tables"][0]["pairs"][0]["is_clear"], true);
    for file in [
        "comparison.json",
        "comparison.md",
        "comparison.svg",
        "comparison.png",
    ] {
        assert!(home.path().join("both").join(file).exists(), "{file}");
    }
    // Ratings of one fold, trained for the epochs of the preset.
    let rated = [
        "evaluate",
        "--protocol",
        "ml-100k-u1",
        "--model",
        "biased_mf",
        "--preset",
        "100k",
        "--json",
    ];
    let rated = run(&rated).fine().json();
    assert!(
        (0.90..0.97).contains(&summary(&rated, "rmse")),
        "{}",
        rated["summary"]
    );
    let other = [
        "compare",
        "--protocol",
        "ml-100k-u1",
        "mean",
        "ease/card.json",
    ];
    run(&other).fails(3, &["protocol"]);
}

fn summary(card: &Value, measure: &str) -> f64 {
    let all = card["summary"].as_array().unwrap();
    let own = all.iter().find(|one| one["measure"] == measure).unwrap();
    own["mean"].as_f64().unwrap()
}

const SPACE: &str = "[parameters]\n\"options.factors\" = { choice = [2, 4] }\nlearning_rate = { float = [1e-3, 1e-1], log = true }\n";

fn tune(home: &Path, workers: &str, out: &str) -> Value {
    let words = [
        "tune",
        "space.toml",
        "--model",
        "biased_mf",
        "--filter",
        "items>=60",
        "--epochs",
        "2",
        "--trials",
        "6",
        "--sampler",
        "random",
        "--workers",
        workers,
        "--out",
        out,
        "--json",
    ];
    recburn(home, &words).fine().json()
}

#[test]
fn a_search_finds_the_same_winner_with_any_number_of_workers_and_continues() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("space.toml"), SPACE).unwrap();
    let one = tune(home.path(), "1", "one");
    let two = tune(home.path(), "2", "two");
    let values = |search: &Value| {
        let trials = search["trials"].as_array().unwrap().iter();
        trials
            .map(|of| (of["trial"]["values"].clone(), of["value"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&one), values(&two));
    assert_eq!(one["winner"]["trial"], two["winner"]["trial"]);
    assert!(one["winner"]["value"].as_f64().unwrap() < 1.3, "{one}");
    for file in ["winner.toml", "search.json", "trials.jsonl", "effects.svg"] {
        assert!(home.path().join("one").join(file).exists(), "{file}");
    }
    // Nothing is run again.
    let journal = home.path().join("one/trials.jsonl");
    let before = std::fs::read(&journal).unwrap();
    assert_eq!(values(&tune(home.path(), "2", "one")), values(&one));
    assert_eq!(std::fs::read(&journal).unwrap(), before);
    let ran = recburn(home.path(), &["run", "one/winner.toml", "--json"])
        .fine()
        .json();
    let rmse = ran[0]["runs"][0]["report"]["metrics"]["rmse"]
        .as_f64()
        .unwrap();
    let found = one["winner"]["value"].as_f64().unwrap();
    assert!((rmse - found).abs() < 1e-6, "{rmse} {found}");

    std::fs::write(
        home.path().join("bad.toml"),
        "[parameters]\n\"options.factor\" = { int = [1, 2] }\n",
    )
    .unwrap();
    recburn(home.path(), &["tune", "bad.toml"]).fails(2, &["options.factor", "options.factors"]);
    std::fs::write(
        home.path().join("bad.toml"),
        "[parameters]\nlearning_rate = { float = [2, 1] }\n",
    )
    .unwrap();
    recburn(home.path(), &["tune", "bad.toml"]).fails(2, &["bad.toml", "2"]);
    recburn(home.path(), &["tune", "none.toml"]).fails(2, &["none.toml"]);
}

#[test]
fn a_search_of_a_model_that_is_fitted_as_a_whole() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join("space.toml"),
        "[parameters]\n\"options.lambda\" = { choice = [1.0, 100.0] }\n",
    )
    .unwrap();
    let words = [
        "tune",
        "space.toml",
        "--model",
        "ease",
        "--filter",
        "items>=60",
        "--sampler",
        "grid",
        "--json",
    ];
    let search = recburn(home.path(), &words).fine().json();
    assert_eq!(search["measure"], "ndcg@10");
    assert_eq!(search["trials"].as_array().unwrap().len(), 2);
}

#[test]
fn cross_validation_has_a_run_per_fold() {
    let home = tempfile::tempdir().unwrap();
    let words = [
        "train", "--model", "bias", "--folds", "3x2", "--out", "cv", "--json",
    ];
    let answer = recburn(home.path(), &words).fine().json();
    let runs = answer["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 6);
    let rows: u64 = runs[..3]
        .iter()
        .map(|run| run["valid_rows"].as_u64().unwrap())
        .sum();
    assert_eq!(
        rows,
        runs[0]["train_rows"].as_u64().unwrap() + runs[0]["valid_rows"].as_u64().unwrap()
    );
    let rmse = &answer["measures"][0];
    assert_eq!(rmse["measure"], "rmse");
    let mean: f64 = runs
        .iter()
        .map(|run| run["metrics"]["rmse"].as_f64().unwrap())
        .sum::<f64>()
        / 6.0;
    assert!((rmse["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert!(home.path().join("cv/folds.json").exists());
}

#[test]
fn a_rate_test_draws_and_suggests_and_averages_are_settings() {
    let home = tempfile::tempdir().unwrap();
    let words = ["train", "--find-rate", "--out", "rates", "--json"];
    let test = recburn(home.path(), &words).fine().json();
    let rate = test["suggestion"].as_f64().unwrap();
    assert!((1e-5..1.0).contains(&rate), "{rate}");
    assert!(home.path().join("rates/rates.png").exists());
    assert!(!home.path().join("rates/model").exists());
    let words = [
        "train",
        "--average",
        "swa:2",
        "--epochs",
        "3",
        "--out",
        "swa",
        "--json",
    ];
    recburn(home.path(), &words).fine();
    let recipe = std::fs::read_to_string(home.path().join("swa/experiment.toml")).unwrap();
    assert!(recipe.contains("average = \"swa:2\""), "{recipe}");
}
