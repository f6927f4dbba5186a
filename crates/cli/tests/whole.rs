//! Models that are fitted as a whole, from data to recommendations.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;

/// Popular items of the sample, so that dense models are quick.
const FEW: [&str; 2] = ["--filter", "items>=60"];

fn train(home: &std::path::Path, model: &str, more: &[&str]) -> serde_json::Value {
    let words = [
        &["train", "--json", "--model", model, "--out", model],
        &FEW[..],
        more,
    ]
    .concat();
    recburn(home, &words).fine().json()
}

#[test]
fn every_method_goes_from_a_file_to_recommendations() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("mine.csv"), "item,rating\n1,5\n").unwrap();
    for entry in recburn::classical::methods() {
        let name = entry.name;
        let more: &[&str] = match name {
            "bayesian_fm" => &["-o", "sweeps=6", "-o", "burn_in=2", "-o", "saved_samples=2"],
            _ => &[],
        };
        let report = train(home.path(), name, more);
        assert!(report["fit_seconds"].is_number(), "{report}");
        let (metrics, ranking) = (&report["metrics"], &report["ranking"]);
        assert_ne!(metrics.is_null(), ranking.is_null(), "{report}");
        assert_ne!(
            report["baselines"].is_null(),
            report["popularity"].is_null()
        );

        let evaluated = recburn(home.path(), &["evaluate", name, "--json"])
            .fine()
            .json();
        assert_eq!(evaluated["model"], name);
        let (mine, theirs) = match metrics.is_null() {
            true => (&ranking["ndcg@10"], &evaluated["ranking"]["ndcg@10"]),
            false => (&metrics["rmse"], &evaluated["metrics"]["rmse"]),
        };
        assert_eq!(mine, theirs, "{name}");

        let first = recburn(home.path(), &["recommend", name, "--user", "1", "--json"]);
        assert_eq!(first.fine().json().as_array().unwrap().len(), 10);
        let own = [
            "recommend",
            name,
            "--ratings",
            "mine.csv",
            "--min-ratings",
            "0",
            "--json",
        ];
        let own = recburn(home.path(), &own);
        match own.code {
            // The item may have been filtered out, which is said.
            Some(3) => assert!(own.err.contains("none of the 1 rated items"), "{}", own.err),
            _ => assert_eq!(own.fine().json()["items"].as_array().unwrap().len(), 10),
        }
        let all = ["recommend", name, "--all-users", "--out", "lists.csv"];
        recburn(home.path(), &all).fine();
        recburn(home.path(), &["similar", name, "--item", "1"]).fails(2, &[name, "tables"]);
    }
}

#[test]
fn its_recipe_repeats_it() {
    let home = tempfile::tempdir().unwrap();
    let report = train(home.path(), "bias", &["--seed", "7"]);
    let runs = recburn(home.path(), &["run", "bias/experiment.toml", "--json"])
        .fine()
        .json();
    assert_eq!(runs[0]["runs"][0]["report"]["metrics"], report["metrics"]);
}

#[test]
fn what_steps_need_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for (words, said) in [
        (["--epochs", "3"], "--epochs"),
        (["--rule", "adam"], "--rule"),
        (["--loss", "bpr"], "--loss"),
    ] {
        let words = [&["train", "--model", "ease"], &words[..]].concat();
        recburn(home.path(), &words).fails(2, &[said, "ease is fitted as a whole"]);
    }
    let wrong = ["train", "--model", "ease", "-o", "lambda=-1"];
    recburn(home.path(), &wrong).fails(2, &["lambda is -1"]);
    let wrong = ["train", "--model", "easy"];
    recburn(home.path(), &wrong).fails(2, &["easy", "biased_mf", "ease"]);
    let listed = recburn(home.path(), &["models", "list", "ease", "--json"])
        .fine()
        .json();
    assert_eq!(listed[0]["name"], "ease");
    let shown = recburn(home.path(), &["models", "show", "ease", "--json"])
        .fine()
        .json();
    assert!(shown["options"]["lambda"].is_number(), "{shown}");
}
