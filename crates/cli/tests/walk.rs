//! From training to recommendations, one command per step.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use serde_json::Value;
use std::fs;
use std::path::Path;

const TRAIN: [&str; 5] = ["train", "--epochs", "1", "--out", "run"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_rating_goes_from_the_file_to_the_recommendation() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let trained = recburn(here, &TRAIN).fine();
    assert!(
        trained.out.contains("Total parameters: 113,674"),
        "{}",
        trained.out
    );
    assert!(!trained.out.contains('\x1b'), "colours are for terminals");
    for file in [
        "report.json",
        "history.csv",
        "history.json",
        "curves.svg",
        "curves.png",
        "diagram.svg",
        "experiment.toml",
        "model/model.json",
        "checkpoint/progress.json",
    ] {
        assert!(
            !read_bytes(&here.join("run").join(file)).is_empty(),
            "{file}"
        );
    }

    // Scored again, the model is as good as its report says.
    let report: Value = serde_json::from_str(&read(&here.join("run/report.json"))).unwrap();
    let evaluated = recburn(here, &["evaluate", "run/model", "--json"])
        .fine()
        .json();
    assert_eq!(evaluated["metrics"], report["metrics"]);
    assert_eq!(evaluated["rows"], report["valid_rows"]);

    let list = recburn(
        here,
        &["recommend", "run/model", "--user", "1", "-n", "3", "--json"],
    );
    let list = list.fine().json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    let best = list[0]["item"].as_str().unwrap();
    let predicted = recburn(
        here,
        &[
            "predict",
            "run/model",
            "--user",
            "1",
            "--item",
            best,
            "--json",
        ],
    );
    let rating = |value: &Value| value["rating"].as_f64().unwrap();
    assert!((rating(&predicted.fine().json()) - rating(&list[0])).abs() < 1e-5);
    // What a user has rated is on the list where it is asked for.
    let all = recburn(
        here,
        &[
            "recommend",
            "run/model",
            "--user",
            "1",
            "-n",
            "100000",
            "--seen",
            "--json",
        ],
    );
    let unseen = recburn(
        here,
        &[
            "recommend",
            "run/model",
            "--user",
            "1",
            "-n",
            "100000",
            "--json",
        ],
    );
    let count = |ran: common::Ran| ran.fine().json().as_array().unwrap().len();
    let (all, unseen) = (count(all), count(unseen));
    assert!(all > unseen && unseen > 0, "{all} and {unseen}");

    let similar = recburn(here, &["similar", "run/model", "--item", best, "--json"]);
    let similar = similar.fine().json();
    let cosines: Vec<f64> = similar
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["cosine"].as_f64().unwrap())
        .collect();
    assert!(
        cosines.is_sorted_by(|a, b| a >= b) && cosines.len() == 10,
        "{cosines:?}"
    );
    assert!(
        cosines
            .iter()
            .all(|cosine| (-1.001..=1.001).contains(cosine))
    );
}

fn read_bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn embeddings_are_exported_under_their_ids() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    recburn(here, &TRAIN).fine();
    recburn(here, &["export", "run/model"]).fine();
    let csv = read(&here.join("run/model-tables/item_factors.csv"));
    assert!(
        csv.starts_with("id,0,1,2,3,4,5,6,7,8,9\n"),
        "{}",
        &csv[..60]
    );
    let tables = ["user_factors", "user_bias", "item_bias"];
    for table in tables {
        assert!(
            here.join(format!("run/model-tables/{table}.csv")).is_file(),
            "{table}"
        );
    }
    let flags = [
        "export",
        "run/model",
        "--table",
        "item_factors",
        "--format",
        "safetensors",
        "--out",
        "t",
    ];
    recburn(here, &flags).fine();
    let bytes = read_bytes(&here.join("t/item_factors.safetensors"));
    let (_, about) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let ids: Vec<String> =
        serde_json::from_str(&about.metadata().as_ref().unwrap()["ids"]).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor = file.tensor("item_factors").unwrap();
    assert_eq!(tensor.shape(), [ids.len(), 10]);
    // The first row says the same in both.
    let first = csv.lines().nth(1).unwrap();
    let (id, numbers) = first.split_once(',').unwrap();
    assert_eq!(id, ids[0]);
    let number = numbers.split(',').next().unwrap().parse::<f32>().unwrap();
    assert_eq!(number.to_le_bytes(), tensor.data()[..4]);
    recburn(here, &["export", "run/model", "--table", "films"])
        .fails(2, &["films", "item_factors"]);
}

#[test]
fn all_weights_are_exported_for_keras_with_the_row_of_every_id() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    recburn(here, &TRAIN).fine();
    let said = recburn(here, &["export", "run", "--format", "keras", "--json"]);
    let said = said.fine().json();
    assert_eq!(said["file"], "run/model.safetensors");
    let bytes = read_bytes(&here.join("run/model.safetensors"));
    let (_, about) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let about = about.metadata().clone().unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let names = ["item_bias", "item_factors", "user_bias", "user_factors"];
    let names = names.map(|name| format!("{name}/embeddings"));
    assert_eq!(said["weights"], serde_json::json!(names));
    assert_eq!(file.len(), names.len());

    // The sum that Keras would compute, for one pair.
    let row = |side: &str, id: &str| -> usize {
        let rows: Value = serde_json::from_str(&about[side]).unwrap();
        rows[id].as_u64().unwrap() as usize
    };
    let numbers = |name: &str, row: usize| -> Vec<f32> {
        let tensor = file.tensor(name).unwrap();
        let width = 4 * tensor.shape()[1];
        let bytes = tensor.data()[row * width..][..width].chunks_exact(4);
        bytes
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect()
    };
    let (user, item) = (row("users", "1"), row("items", "7175"));
    let (p, q) = (numbers(&names[3], user), numbers(&names[1], item));
    let product: f32 = p.iter().zip(q).map(|(left, right)| left * right).sum();
    let biases = numbers(&names[2], user)[0] + numbers(&names[0], item)[0];
    let sum = product + biases + about["mean"].parse::<f32>().unwrap();
    let flags = ["predict", "run", "--user", "1", "--item", "7175", "--json"];
    let predicted = recburn(here, &flags).fine().json()["rating"]
        .as_f64()
        .unwrap();
    assert!(
        (f64::from(sum) - predicted).abs() < 1e-5,
        "{sum}, {predicted}"
    );

    recburn(
        here,
        &["export", "run", "--format", "keras", "--table", "item_bias"],
    )
    .fails(2, &["--table", "Keras"]);
}

#[test]
fn every_pair_of_a_file_is_predicted_and_what_is_unknown_left_empty() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    recburn(here, &TRAIN).fine();
    let ratings = "who;what;stars\n1;1;4\nnobody;1;3\n2;1;2.5\n";
    fs::write(here.join("new.csv"), ratings).unwrap();
    let columns = "user=who,item=what,rating=stars";
    let flags = [
        "predict",
        "run/model",
        "--data",
        "new.csv",
        "--columns",
        columns,
        "--out",
        "p.csv",
        "--json",
    ];
    let said = recburn(here, &flags).fine().json();
    assert_eq!(
        (said["rows"].as_u64(), said["unknown_rows"].as_u64()),
        (Some(3), Some(1))
    );
    let lines: Vec<String> = read(&here.join("p.csv"))
        .lines()
        .map(str::to_string)
        .collect();
    assert_eq!(lines[0], "user,item,rating,predicted,clipped");
    assert_eq!(lines[2], "nobody,1,3,,");
    let one = recburn(
        here,
        &[
            "predict",
            "run/model",
            "--user",
            "2",
            "--item",
            "1",
            "--json",
        ],
    );
    let rating = one.fine().json()["rating"].as_f64().unwrap();
    let written: f64 = lines[3].split(',').nth(3).unwrap().parse().unwrap();
    assert!((rating - written).abs() < 1e-5, "{rating} and {written}");
    let flags = [
        "evaluate",
        "run/model",
        "--data",
        "new.csv",
        "--columns",
        columns,
        "--json",
    ];
    let evaluated = recburn(here, &flags).fine().json();
    assert_eq!(
        (
            evaluated["rows"].as_u64(),
            evaluated["unknown_rows"].as_u64()
        ),
        (Some(3), Some(1))
    );
}

#[test]
fn what_a_training_writes_of_itself_is_run_again_with_the_same_end() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let trained = recburn(
        here,
        &[
            "train", "--epochs", "2", "--seed", "7", "--out", "run", "--json",
        ],
    );
    let trained = trained.fine().json();
    let again = recburn(here, &["run", "run/experiment.toml", "--json"])
        .fine()
        .json();
    assert_eq!(again[0]["runs"][0]["report"]["metrics"], trained["metrics"]);
}
