//! Saved models.

use crate::common::{cpu, experiment, network, prepared};
use crate::refusals::{Home, refusal, text};
use recburn::nn::Weight;
use recburn::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A trained model with its ids.
pub(crate) fn trained() -> Recommender {
    let (experiment, prepared) = (experiment("biased_mf"), prepared(true));
    let mut model = network(&experiment, &prepared);
    let mut trainer = experiment.trainer();
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        .unwrap();
    experiment.recommender(&model, &prepared).unwrap()
}

/// A saved model, spoilt. What refuses it names the file: by its digest, and in a folder without digests by these words.
fn load_refusal(file: &str, spoil: impl Fn(&Path), words: &[&str]) {
    for digests in [true, false] {
        let home = Home::new();
        let folder = home.path("model");
        trained().save(&folder).unwrap();
        if !digests {
            edit_json(&folder.join("model.json"), |json| {
                json.as_object_mut().unwrap().remove("files").unwrap();
            });
        }
        Recommender::load(&folder, &cpu()).unwrap();
        spoil(&folder.join(file));
        let path = folder.join(file);
        let answer = home.unchanged(|| Recommender::load(&folder, &cpu()).map(|_| ()));
        let missing = !path.exists();
        match digests && file != "model.json" && !missing {
            true => refusal(answer, &[text(&path), "SHA-256"]),
            false => refusal(answer, &[&[text(&path)], words].concat()),
        };
    }
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

fn edit_weights(path: &Path, edit: impl FnOnce(&mut BTreeMap<String, Weight>)) {
    let mut weights = Weights::load(path).unwrap();
    edit(&mut weights.0);
    weights.save(path).unwrap();
}

#[test]
fn a_folder_that_holds_no_model_is_refused() {
    let home = Home::new();
    let folders = [
        home.folder("empty"),
        home.path("missing"),
        home.file("file", b"hello"),
    ];
    for folder in folders {
        let answer = home.unchanged(|| Recommender::load(&folder, &cpu()).map(|_| ()));
        refusal(
            answer,
            &[
                text(&folder.join("model.json")),
                "not a saved model",
                "no such file",
            ],
        );
    }
}

#[test]
fn a_model_with_a_missing_file_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        load_refusal(file, |path| fs::remove_file(path).unwrap(), &[]);
    }
}

#[test]
fn a_model_with_a_file_of_garbage_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        for garbage in [
            &b""[..],
            b"garbage",
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"{}",
            b"[]",
            b"null",
        ] {
            load_refusal(file, |path| fs::write(path, garbage).unwrap(), &[]);
        }
    }
}

#[test]
fn a_model_with_a_truncated_file_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        let cut = |path: &Path| {
            let whole = fs::read(path).unwrap();
            fs::write(path, &whole[..whole.len() - 5]).unwrap();
        };
        load_refusal(file, cut, &[]);
    }
}

#[test]
fn a_model_of_another_format_is_refused() {
    load_refusal(
        "model.json",
        |path| edit_json(path, |json| json["format"] = json!(1)),
        &["format 1", "format 3", "train it again"],
    );
}

#[test]
fn a_model_whose_graph_does_not_check_is_refused_by_its_node() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &[&str]); 6] = [
        (
            |nodes| nodes[1]["op"]["embedding"]["table"] = json!("nobody"),
            &["`user_factors`", "the table `nobody`"],
        ),
        (
            |nodes| nodes[1]["inputs"] = json!(["nobody"]),
            &["`user_factors`", "`nobody`"],
        ),
        (|nodes| nodes[1]["name"] = json!("user"), &["`user`"]),
        (|nodes| nodes[1]["name"] = json!("../x"), &["`../x`"]),
        (
            |nodes| nodes[1]["op"] = json!({ "convolution": {} }),
            &["`convolution`"],
        ),
        (|nodes| *nodes = json!([]), &["no nodes"]),
    ];
    for (edit, words) in edits {
        let edit = |json: &mut Value| edit(&mut json["graph"]["nodes"]);
        load_refusal("model.json", |path| edit_json(path, edit), words);
    }
}

#[test]
fn a_model_whose_graph_asks_for_more_than_there_can_be_is_refused() {
    // More numbers than an address can count; nothing should be made of it before it is held against the weights.
    for width in [1_u64 << 61, (1 << 61) + 1] {
        let edit = |json: &mut Value| {
            for table in [0, 1] {
                json["graph"]["tables"][table]["width"] = json!(width);
            }
        };
        let home = Home::new();
        let folder = home.path("model");
        trained().save(&folder).unwrap();
        edit_json(&folder.join("model.json"), edit);
        refusal(
            Recommender::load(&folder, &cpu()).map(|_| ()),
            &["user_factors"],
        );
    }
}

#[test]
fn weights_that_do_not_fit_the_graph_are_refused_by_name() {
    let file = "weights.safetensors";
    let reshape = |weights: &mut BTreeMap<String, Weight>| {
        let weight = weights.get_mut("user_factors.weight").unwrap();
        weight.shape.swap(0, 1);
    };
    load_refusal(
        file,
        |path| edit_weights(path, reshape),
        &["`user_factors.weight`", "[40, ", ", 40]"],
    );
    let remove = |weights: &mut BTreeMap<String, Weight>| drop(weights.remove("item_bias.weight"));
    load_refusal(
        file,
        |path| edit_weights(path, remove),
        &["`item_bias.weight`", "user_bias.weight"],
    );
    let add = |weights: &mut BTreeMap<String, Weight>| {
        weights.insert(
            "third.weight".to_string(),
            Weight {
                shape: vec![1],
                values: vec![0.0],
            },
        );
    };
    load_refusal(file, |path| edit_weights(path, add), &["`third.weight`"]);
    // No saving writes such a number, so the file itself is spoilt.
    let spoil = |path: &Path| {
        let at = |start: usize| start + 3 * 4;
        overwrite(path, "item_bias.weight", at, &f32::NAN.to_le_bytes());
    };
    load_refusal(file, spoil, &["`item_bias.weight`", "NaN", "position 3"]);
}

/// Replaces bytes of one tensor of a safetensors file, at a place found from the tensor's first byte.
fn overwrite(path: &Path, tensor: &str, at: impl Fn(usize) -> usize, with: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let start = json[tensor]["data_offsets"][0].as_u64().unwrap() as usize;
    let at = 8 + header + at(start);
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(path, bytes).unwrap();
}

#[test]
fn seen_items_that_are_no_lists_are_refused() {
    // Tensors of another number type under the right names, and under wrong ones.
    let floats = |name: &str| {
        let weight = Weight {
            shape: vec![2],
            values: vec![0.0, 0.0],
        };
        Weights(BTreeMap::from([
            (name.to_string(), weight.clone()),
            ("items".to_string(), weight.clone()),
            ("held_out".to_string(), weight),
        ]))
    };
    load_refusal(
        "seen.safetensors",
        |path| floats("offsets").save(path).unwrap(),
        &["F32", "U32"],
    );
    load_refusal(
        "seen.safetensors",
        |path| floats("from").save(path).unwrap(),
        &["offsets"],
    );
    // Numbers that lead nowhere: the first offset, which is 0, becomes 255.
    let lead_astray = |path: &Path| overwrite(path, "offsets", |start| start, &[255]);
    load_refusal("seen.safetensors", lead_astray, &["lists do not belong to"]);
}

#[test]
fn ids_that_need_more_rows_than_the_graph_has_are_refused() {
    for (what, side, rows) in [("user", "users", 40), ("item", "items", 30)] {
        let add = |json: &mut Value| {
            json[side]["ids"]
                .as_array_mut()
                .unwrap()
                .push(json!("one more"))
        };
        let words = [what, &format!("{rows} rows"), &(rows + 1).to_string()];
        load_refusal("ids.json", |path| edit_json(path, add), &words);
    }
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let twice = |json: &mut Value| json["users"]["ids"][3] = json!("u2");
    load_refusal("ids.json", |path| edit_json(path, twice), &["listed twice"]);
}

#[test]
fn a_recommender_of_fewer_rows_than_the_data_is_refused() {
    let (experiment, prepared) = (experiment("biased_mf"), prepared(true));
    let small = Schema::of_pairs(39, prepared.schema.items(), prepared.schema.scale);
    let graph = recburn::models::find("biased_mf")
        .unwrap()
        .graph(&experiment.options, &small)
        .unwrap();
    let answer = experiment.recommender(&Network::new(graph, 1, &cpu()), &prepared);
    refusal(answer.map(|_| ()), &["user", "39 rows", "40"]);
}

#[test]
fn a_stranger_is_told_by_name() {
    let recommender = trained();
    refusal(
        recommender.predict("nobody", "i1"),
        &["user", "`nobody`", "40"],
    );
    refusal(
        recommender.predict("u1", "nothing"),
        &["item", "`nothing`", "30"],
    );
    refusal(recommender.recommend("nobody", 3), &["user", "`nobody`"]);
    refusal(
        recommender.embedding("score"),
        &["`score`", "user_factors, "],
    );
}
