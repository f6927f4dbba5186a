//! A model exported as a page: what is in it, that it folds in as the binary does, and what is refused.

#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn train(home: &Path, model: &str, more: &[&str]) {
    let flags = ["train", "--model", model, "--epochs", "2", "--out", model];
    recburn(home, &[&flags, more].concat()).fine();
}

/// The document in a page.
fn document(page: &str) -> Value {
    let place = "<script type=\"application/json\" id=\"embedded\">";
    let (_, rest) = page.split_once(place).unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    assert!(!text.contains('<'), "nothing in it ends the element");
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_page_has_the_items_and_no_user_in_it() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    train(here, "biased_mf", &[]);
    let said = recburn(here, &["export", "biased_mf", "--format", "html", "--json"]);
    let said = said.fine().json();
    // Next to the model's folder.
    assert_eq!(said["file"], "biased_mf/model.html");
    let page = fs::read_to_string(here.join("biased_mf/model.html")).unwrap();
    assert_eq!(said["bytes"], page.len());
    let document = document(&page);
    let items = document["items"].as_array().unwrap();
    assert_eq!(said["items"], items.len());
    assert_eq!(document["model"]["architecture"], "biased_mf");
    assert_eq!(
        document["histograms"].as_array().unwrap().len(),
        items.len()
    );
    let factors = &document["factors"];
    assert_eq!(
        (&factors["width"], &factors["user_bias"]),
        (&json!(10), &json!(true))
    );
    // 4 bytes a number, 4 letters for 3 bytes.
    let letters = |numbers: usize| (numbers * 4).div_ceil(3) * 4;
    assert_eq!(
        factors["items"].as_str().unwrap().len(),
        letters(items.len() * 10)
    );
    let fields: Vec<&String> = document.as_object().unwrap().keys().collect();
    let known = [
        "factors",
        "format",
        "genres",
        "histograms",
        "items",
        "model",
        "prior",
    ];
    assert_eq!(fields, known, "what is in a page is public");
    // Nowhere else it is another page than the service's.
    let own = include_str!("../../serve/page/index.html");
    let (before, _) = own.split_once("id=\"embedded\">").unwrap();
    assert!(page.starts_with(before));

    let to = ["export", "biased_mf", "--format", "html", "--out", "-"];
    let out = recburn(here, &to).fine();
    assert!(out.out.starts_with("<!doctype html>") && out.err.contains("standard output"));
    assert_eq!(out.out.len(), page.len());
}

#[test]
fn a_model_without_item_vectors_and_flags_that_say_nothing_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    train(here, "concat_mlp", &[]);
    recburn(here, &["train", "--model", "item_knn", "--out", "item_knn"]).fine();
    let export = |model: &str, more: &[&str]| {
        let flags = ["export", model, "--format", "html", "--out", "page.html"];
        recburn(here, &[&flags, more].concat())
    };
    export("concat_mlp", &[]).fails(2, &["without the service", "other layers", "biased_mf"]);
    export("item_knn", &[]).fails(2, &["without the service", "no vectors of users"]);
    export("concat_mlp", &["--table", "item_factors"]).fails(2, &["--table"]);
    export("nothing", &[]).fails(3, &["nothing"]);
    assert!(!here.join("page.html").exists());
    fs::create_dir(here.join("page.html")).unwrap();
    train(here, "dot_mf", &[]);
    export("dot_mf", &[]).fails(1, &["cannot write page.html", "folder"]);
}

/// The requests of a few visitors, who have rated one item to many.
fn visitors(document: &Value) -> Vec<Vec<(String, f64)>> {
    let mut items = document["items"].as_array().unwrap().clone();
    items.sort_by_key(|item| std::cmp::Reverse(item[3].as_u64()));
    let rated = |count: usize| {
        let some = items.iter().step_by(3).take(count).enumerate();
        some.map(|(at, item)| {
            let id = item[0].as_str().unwrap().to_string();
            (id, 0.5 + ((at * 7 + count) % 10) as f64 / 2.0)
        })
        .collect()
    };
    [1, 2, 5, 20, 120].map(rated).to_vec()
}

/// What the page's own functions answer; `None` where there is no Node.js.
fn answered(page: &Path, requests: &Value) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/page/exported.mjs");
    let child = Command::new("node")
        .arg(script)
        .arg(page)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    let mut asked = child.stdin.take().unwrap();
    asked.write_all(requests.to_string().as_bytes()).unwrap();
    drop(asked);
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "the page's script fails");
    Some(serde_json::from_slice(&said.stdout).unwrap())
}

#[test]
fn a_page_folds_in_as_the_binary_does() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let positives: &[&str] = &["--examples", "positives", "--loss", "bpr"];
    for (model, more) in [
        ("biased_mf", &[][..]),
        ("scaled_mf", &[]),
        ("non_negative_mf", &[]),
        ("gmf", &[]),
        ("bpr_mf", positives),
    ] {
        train(here, model, more);
        recburn(here, &["export", model, "--format", "html"]).fine();
        let page = here.join(model).join("model.html");
        let visitors = visitors(&document(&fs::read_to_string(&page).unwrap()));
        let request = |rated: &Vec<(String, f64)>| {
            let ratings = rated.iter();
            let ratings: Vec<Value> = ratings
                .map(|(id, rating)| json!({ "id": id, "rating": rating }))
                .collect();
            json!({ "ratings": ratings, "count": 40, "minRatings": 0 })
        };
        let requests: Vec<Value> = visitors.iter().map(request).collect();
        let Some(answers) = answered(&page, &json!(requests)) else {
            println!("skipped: there is no Node.js");
            return;
        };
        for (rated, answer) in visitors.iter().zip(answers.as_array().unwrap()) {
            let lines = rated.iter().map(|(id, rating)| format!("{id},{rating}\n"));
            fs::write(here.join("mine.csv"), lines.collect::<String>()).unwrap();
            let flags = [
                "recommend",
                model,
                "--ratings",
                "mine.csv",
                "--min-ratings",
                "0",
                "-n",
                "40",
                "--json",
            ];
            let own = recburn(here, &flags).fine().json();
            let (own, theirs) = (
                own["items"].as_array().unwrap(),
                answer["items"].as_array().unwrap(),
            );
            assert_eq!((own.len(), theirs.len()), (40, 40), "{model}");
            for (own, theirs) in own.iter().zip(theirs) {
                for score in ["rating", "clipped"] {
                    let (one, other) = (
                        own[score].as_f64().unwrap(),
                        theirs[score].as_f64().unwrap(),
                    );
                    assert!(
                        (one - other).abs() < 1e-4,
                        "{model}, {} ratings: {own} and {theirs}",
                        rated.len()
                    );
                }
            }
            // Of equal scores the order may differ in the last bit.
            let ids = |list: &[Value], id: &str| {
                list.iter()
                    .map(|item| item[id].as_str().unwrap().to_string())
                    .collect::<std::collections::BTreeSet<_>>()
            };
            let shared = ids(own, "item").intersection(&ids(theirs, "id")).count();
            assert!(
                shared >= 39,
                "{model}: {shared} items of 40 are on both lists"
            );
        }
    }
}
