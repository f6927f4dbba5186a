//! What a run of a recipe says.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::Value;
use std::fs;

const RECIPE: &str = "model = \"dot_mf\"\nseeds = [1, 2]\n[options]\nfactors = 4\n[training]\ncentre = true\nbatch = 512\n\
                      phases = [{ epochs = 2, learning_rate = 0.01 }]\n";

#[test]
fn a_recipe_is_held_against_its_figures() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let met = "[[figures]]\nmeasure = \"rmse\"\nby = \"us\"\nat_most = 2.0\n\
               [[figures]]\nmeasure = \"table_sizes\"\nby = \"us\"\ntables = { user_factors = [610, 4] }\n";
    fs::write(here.join("met.toml"), format!("{RECIPE}{met}")).unwrap();
    let ran = recburn(here, &["run", "met.toml", "--out", "kept", "--json"])
        .fine()
        .json();
    let runs = ran[0]["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    let rmse = |run: &Value| run["report"]["metrics"]["rmse"].as_f64().unwrap();
    let mean = (rmse(&runs[0]) + rmse(&runs[1])) / 2.0;
    assert!((ran[0]["figures"][0]["mean"].as_f64().unwrap() - mean).abs() < 1e-9);
    assert_ne!(rmse(&runs[0]), rmse(&runs[1]));
    assert!(here.join("kept/met/seed-2/report.json").is_file());

    let missed = "[[figures]]\nmeasure = \"valid_loss\"\nby = \"us\"\nvalues = [0.1, 0.1]\n";
    fs::write(here.join("missed.toml"), format!("{RECIPE}{missed}")).unwrap();
    let ran = recburn(here, &["run", "missed.toml", "--seeds", "1"]);
    assert!(
        ran.out.contains("| missed | validation loss") && ran.out.contains("MISSED"),
        "{}",
        ran.out
    );
    ran.fails(6, &["missed"]);
    // A figure of the end says nothing of a run that is cut short; those of epochs still do.
    let end = "[[figures]]\nmeasure = \"rmse\"\nby = \"us\"\nvalue = 0.1\n";
    fs::write(here.join("end.toml"), format!("{RECIPE}{end}")).unwrap();
    let ran = recburn(here, &["run", "end.toml", "--seeds", "1", "--epochs", "1"]).fine();
    assert!(ran.out.contains("not compared"), "{}", ran.out);
}

#[test]
fn a_preset_is_run_by_its_name() {
    let home = tempfile::tempdir().unwrap();
    let ran = recburn(
        home.path(),
        &[
            "run",
            "dot_mf/default",
            "--seeds",
            "1",
            "--epochs",
            "1",
            "--json",
        ],
    );
    let ran = ran.fine().json();
    assert_eq!(ran[0]["recipe"], "dot_mf/default");
    assert_eq!(ran[0]["runs"][0]["report"]["data"], "sample");
    let ran = recburn(home.path(), &["run", "dot_mf/none"]);
    ran.fails(2, &["dot_mf has no preset `none`; it has default"]);
}

#[test]
fn a_variant_is_run_beside_its_recipe_or_alone() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let variant =
        "[variants.slow]\nabout = \"slower\"\nphases = [{ epochs = 1, learning_rate = 0.001 }]\n";
    fs::write(here.join("r.toml"), format!("{RECIPE}{variant}")).unwrap();
    let names = |words: &[&str]| -> Vec<String> {
        let ran = recburn(here, words).fine().json();
        let ran = ran.as_array().unwrap().iter();
        ran.map(|recipe| recipe["recipe"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(
        names(&["run", "r.toml", "--seeds", "1", "--json"]),
        ["r", "r/slow"]
    );
    let alone = [
        "run",
        "r.toml",
        "--seeds",
        "1",
        "--variant",
        "slow",
        "--json",
    ];
    assert_eq!(names(&alone), ["r/slow"]);
    recburn(here, &["run", "r.toml", "--variant", "fast"]).fails(2, &["fast"]);
}

#[test]
fn a_wrong_recipe_is_told_with_its_place_before_anything_runs() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    fs::write(here.join("good.toml"), RECIPE).unwrap();
    let tried = [
        ("model = 3\n".to_string(), "line 1"),
        (format!("colour = 1\n{RECIPE}"), "colour"),
        (
            format!("{RECIPE}[[figures]]\nmeasure = \"rmse\"\nby = \"us\"\n"),
            "one of value",
        ),
        (
            format!("{RECIPE}[[figures]]\nmeasure = \"mae\"\nby = \"us\"\nvalues = [1.0]\n"),
            "recorded per epoch",
        ),
    ];
    for (text, said) in tried {
        fs::write(here.join("bad.toml"), text).unwrap();
        let ran = recburn(here, &["run", "good.toml", "bad.toml"]);
        assert!(!ran.out.contains("seed"), "{}", ran.out);
        ran.fails(2, &["bad.toml", said]);
    }
    // Of several, those whose data are missing are left out; one alone says what is missing.
    let data = RECIPE.replace("centre = true", "centre = true\ndata = \"ml-1m\"");
    fs::write(here.join("absent.toml"), data).unwrap();
    recburn(here, &["run", "absent.toml"]).fails(3, &["recburn data fetch ml-1m"]);
    let ran = recburn(here, &["run", "good.toml", "absent.toml", "--seeds", "1"]).fine();
    assert!(ran.out.contains("its data are missing"), "{}", ran.out);
}
