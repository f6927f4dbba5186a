//! Errors under `--json`: one JSON document on standard error, whatever went wrong.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Ran, recburn};
use serde_json::Value;
use std::fs;

/// The error of a run that failed; whatever else is on standard error is JSON, too.
#[track_caller]
fn error(ran: &Ran) -> Value {
    let documents: Vec<Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let (last, before) = documents.split_last().expect("an error is reported");
    for document in before {
        assert!(document["warning"].is_string(), "{document}");
    }
    let error = last["error"].clone();
    assert_eq!(error["exit_status"].as_i64(), ran.code.map(i64::from));
    error
}

#[test]
fn every_kind_of_error_is_one_document_with_its_chain_and_status() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    fs::write(here.join("r.csv"), "userId,movieId,rating\n1,2,x\n").unwrap();
    fs::create_dir(here.join("folder.json")).unwrap();
    fs::write(here.join("flags.toml"), "[train]\nepochs = \"many\"\n").unwrap();
    fs::write(here.join("json.toml"), "json = true\n").unwrap();
    let rate = [
        "train",
        "--json",
        "--learning-rate",
        "1e30",
        "--rule",
        "sgd",
        "--out",
        "x",
    ];
    let tried: [(&[&str], &str, i32, &str); 11] = [
        (
            &["train", "--json", "--model", "svd"],
            "usage",
            2,
            "biased_mf",
        ),
        (
            &["train", "--epoch", "3", "--json"],
            "usage",
            2,
            "'--epoch'",
        ),
        (&["--json", "recommend"], "usage", 2, "MODEL"),
        (&["--json", "trian"], "usage", 2, "trian"),
        (&["--json"], "usage", 2, "subcommand"),
        (
            &["--json", "--config", "flags.toml", "train"],
            "usage",
            2,
            "flags.toml",
        ),
        (
            &["--config", "json.toml", "train", "--option", "factors=many"],
            "usage",
            2,
            "many",
        ),
        (
            &["--json", "--config", "none.toml", "train"],
            "usage",
            2,
            "none.toml",
        ),
        (
            &["data", "describe", "r.csv", "--json"],
            "input",
            3,
            "line 2",
        ),
        (&["evaluate", "nowhere", "--json"], "input", 3, "nowhere"),
        (&rate, "training", 5, "lower the rate"),
    ];
    for (words, kind, code, said) in tried {
        let ran = recburn(here, words);
        assert_eq!(ran.code, Some(code), "{words:?}: {}", ran.err);
        let error = error(&ran);
        assert_eq!(error["kind"], kind, "{words:?}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{words:?}: {message}");
        assert!(
            !message.contains('\u{1b}') && !message.contains("Usage:"),
            "{message}"
        );
        let chain: Vec<&str> = error["chain"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link.as_str().unwrap())
            .collect();
        assert_eq!(chain.join(": "), message);
        for (at, link) in chain.iter().enumerate() {
            for cause in &chain[at + 1..] {
                assert!(!link.contains(cause), "said twice: {chain:?}");
            }
        }
        assert_eq!(ran.out, "", "{words:?}");
    }
}

#[test]
fn people_read_the_same_in_one_line() {
    let home = tempfile::tempdir().unwrap();
    let words = ["train", "--option", "factors=many"];
    let json = recburn(home.path(), &[&words[..], &["--json"]].concat());
    let message = error(&json)["message"].as_str().unwrap().to_string();
    recburn(home.path(), &words).fails(2, &[&format!("error: {message}\n")]);
    assert!(
        message.starts_with("these options are not those of biased_mf: "),
        "{message}"
    );
}

#[test]
fn figures_that_were_missed_leave_an_answer_and_an_error() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let recipe = "model = \"dot_mf\"\nseeds = [1]\n[options]\nfactors = 4\n[training]\nbatch = 512\n\
                  phases = [{ epochs = 1, learning_rate = 0.01 }]\n\
                  [[figures]]\nmeasure = \"rmse\"\nby = \"us\"\nvalue = 0.01\n";
    fs::write(here.join("missed.toml"), recipe).unwrap();
    let ran = recburn(here, &["run", "missed.toml", "--json"]);
    assert_eq!(ran.code, Some(6), "{}", ran.err);
    assert!(ran.json().is_array());
    assert_eq!(error(&ran)["kind"], "missed");
}

#[test]
fn help_says_where_errors_are() {
    let home = tempfile::tempdir().unwrap();
    let help = recburn(home.path(), &["--help"]).fine().out;
    for words in ["standard error", "exit_status", "chain"] {
        assert!(help.contains(words), "{words}: {help}");
    }
    // Help that is asked for is no error, and stays text.
    let help = recburn(home.path(), &["train", "--help", "--json"]).fine();
    assert!(help.out.contains("Usage:") && help.err.is_empty());
}
