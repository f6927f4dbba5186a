//! The lists of all users as a file: what is in it, what is refused, and what Ctrl-C leaves.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn train(home: &Path, model: &str) {
    let flags = ["train", "--model", model, "--epochs", "1", "--out", model];
    recburn(home, &flags).fine();
}

/// The lines of a file of lists, by user: item and rating.
fn lists(file: &Path) -> BTreeMap<String, Vec<(String, f64)>> {
    let text = fs::read_to_string(file).unwrap();
    let mut lists: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let list = lists.entry(cells[0].to_string()).or_default();
        list.push((cells[2].to_string(), cells[3].parse().unwrap()));
        assert_eq!(cells[1], list.len().to_string(), "the rank: {line}");
    }
    lists
}

#[test]
fn every_list_of_the_file_is_the_one_of_its_user() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    for model in ["biased_mf", "neumf", "item_knn"] {
        match model {
            "item_knn" => drop(recburn(here, &["train", "--model", model, "--out", model]).fine()),
            _ => train(here, model),
        }
        let filters = [
            "-n",
            "6",
            "--genre",
            "drama",
            "--genre",
            "Comedy",
            "--not-genre",
            "War",
        ];
        let filters = [&filters[..], &["--min-ratings", "3"]].concat();
        let to = ["recommend", model, "--all", "--out", "lists.csv"];
        let said = recburn(here, &[&to[..], &filters].concat()).fine();
        assert!(said.out.contains("610 lists, 3,660 rows"), "{}", said.out);
        let all = lists(&here.join("lists.csv"));
        assert_eq!(all.len(), 610);
        for user in ["1", "33", "610"] {
            let one = [
                &["recommend", model, "--user", user, "--json"],
                &filters[..],
            ]
            .concat();
            let one = recburn(here, &one).fine().json();
            let one = one.as_array().unwrap();
            for (own, (item, rating)) in one.iter().zip(&all[user]) {
                assert_eq!(
                    own["item"],
                    Value::String(item.clone()),
                    "{model}, user {user}"
                );
                assert!((own["rating"].as_f64().unwrap() - rating).abs() < 1e-5);
                let genres: Vec<&str> = own["genres"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|genre| genre.as_str().unwrap())
                    .collect();
                assert!(
                    genres.contains(&"Drama") || genres.contains(&"Comedy"),
                    "{genres:?}"
                );
                assert!(!genres.contains(&"War"), "{genres:?}");
                assert!(own["ratings"].as_u64().unwrap() >= 3);
            }
            assert_eq!(one.len(), all[user].len());
        }
    }
}

#[test]
fn genres_that_do_not_exist_and_endings_of_other_formats_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    train(here, "biased_mf");
    let all = |more: &[&str]| recburn(here, &[&["recommend", "biased_mf", "--all"], more].concat());
    all(&[]).fails(2, &["--out"]);
    all(&["--out", "lists.csv", "--user", "1"]).fails(2, &["--user"]);
    all(&["--out", "lists.csv", "--genre", "Opera"]).fails(2, &["no genre `Opera`", "Comedy"]);
    all(&["--out", "lists.csv", "--not-genre", "Opera"]).fails(2, &["no genre `Opera`"]);
    all(&["--out", "lists.parquet"]).fails(2, &["CSV", ".jsonl", ".parquet"]);
    let one = ["recommend", "biased_mf", "--user", "1", "--genre", "Opera"];
    recburn(here, &one).fails(2, &["no genre `Opera`"]);
    let left: Vec<_> = fs::read_dir(here).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing but the model: {left:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_file_of_lists_leaves_nothing() {
    use common::{command, ran};
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let shape = ["--users", "30000", "--items", "3000", "--ratings", "60000"];
    let synth = [&["data", "synth", "--out", "ratings.csv"], &shape[..]].concat();
    recburn(here, &synth).fine();
    // No product of two vectors: so many lists take minutes.
    let flags = [
        "train",
        "--data",
        "ratings.csv",
        "--model",
        "concat_mlp",
        "--epochs",
        "1",
    ];
    recburn(here, &[&flags[..], &["--out", "run"]].concat()).fine();
    fs::create_dir(here.join("lists")).unwrap();
    let child = command(here)
        .args(["recommend", "run", "--all", "--out", "lists/all.csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let files = || fs::read_dir(here.join("lists")).unwrap().count();
    while files() == 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "no file was begun"
        );
        sleep(Duration::from_millis(20));
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    ran(child.wait_with_output().unwrap()).fails(130, &["interrupted", "no list was written"]);
    assert_eq!(files(), 0);
}
