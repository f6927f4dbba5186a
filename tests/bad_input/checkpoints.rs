//! Checkpoints.

use crate::common::{experiment, network, prepared};
use crate::refusals::{Home, refusal, text};
use recburn::nn::Weight;
use recburn::prelude::*;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// A checkpoint of two epochs, and the trainer that goes on from it.
pub(crate) fn checkpoint(home: &Home, prepared: &Prepared) -> (PathBuf, Network) {
    let folder = home.path("checkpoint");
    let mut model = network(&experiment("biased_mf"), prepared);
    let mut trainer = resumer().checkpoint(&folder, 1);
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 2)
        .unwrap();
    (folder, model)
}

pub(crate) fn resumer() -> Trainer {
    Trainer::new(Rule::sgd(0.9), 0.01).batch(16).seed(7)
}

/// Asks for a refusal that leaves the folder, the model and the trainer as they were.
fn resume_refusal(
    home: &Home,
    folder: &Path,
    mut trainer: Trainer,
    model: &mut Network,
    words: &[&str],
) -> String {
    let before = Weights::of(model);
    let message = home.unchanged(|| refusal(trainer.resume(folder, model), words));
    assert!(Weights::of(model) == before, "the model has changed");
    assert!(
        trainer.history().epochs.is_empty(),
        "the trainer has changed"
    );
    message
}

#[test]
fn a_folder_that_is_no_checkpoint_is_refused() {
    let (home, prepared) = (Home::new(), prepared(true));
    let mut model = network(&experiment("biased_mf"), &prepared);
    let empty = home.folder("empty");
    let missing = home.path("missing");
    let file = home.file("file", b"hello");
    for folder in [&empty, &missing, &file] {
        resume_refusal(
            &home,
            folder,
            resumer(),
            &mut model,
            &[text(&folder.join("progress.json"))],
        );
    }
    home.file("garbage/progress.json", b"\x00\x01 not json");
    let words = [
        &*text(&home.path("garbage/progress.json")).to_string(),
        "not a checkpoint",
        "line 1",
    ];
    resume_refusal(&home, &home.path("garbage"), resumer(), &mut model, &words);
    home.file("other/progress.json", b"{\"format\": 1}");
    resume_refusal(
        &home,
        &home.path("other"),
        resumer(),
        &mut model,
        &["progress.json", "missing field"],
    );
}

#[test]
fn a_checkpoint_with_a_broken_file_is_refused_by_that_file() {
    let prepared = prepared(true);
    for name in ["weights.safetensors", "optimizer.safetensors"] {
        let home = Home::new();
        let (folder, mut model) = checkpoint(&home, &prepared);
        let whole = fs::read(folder.join(name)).unwrap();
        for broken in [&b""[..], b"garbage", &whole[..whole.len() / 2]] {
            fs::write(folder.join(name), broken).unwrap();
            resume_refusal(
                &home,
                &folder,
                resumer(),
                &mut model,
                &[text(&folder.join(name))],
            );
        }
        fs::remove_file(folder.join(name)).unwrap();
        resume_refusal(
            &home,
            &folder,
            resumer(),
            &mut model,
            &[text(&folder.join(name))],
        );
    }
}

#[test]
fn a_checkpoint_whose_optimizer_state_does_not_fit_is_refused() {
    /// Takes the state of one parameter and gives it back spoilt.
    type Spoil = fn(String, Weight) -> Option<(String, Weight)>;
    let spoils: [(&str, Spoil); 3] = [
        ("of another shape", |name, weight| {
            Some((
                name,
                Weight {
                    shape: vec![1],
                    values: weight.values[..1].to_vec(),
                },
            ))
        }),
        ("missing", |_, _| None),
        ("of a parameter that the model lacks", |name, weight| {
            Some((format!("another.{name}"), weight))
        }),
    ];
    let prepared = prepared(true);
    // Of a dense layer, and of a table.
    for (model, parameter) in [
        ("concat_mlp", "dense_1.weight"),
        ("biased_mf", "item_factors.weight"),
    ] {
        for (what, spoil) in spoils {
            let home = Home::new();
            let folder = home.path("checkpoint");
            let experiment = experiment(model);
            let mut network = network(&experiment, &prepared);
            let mut first = resumer().checkpoint(&folder, 1);
            first.fit(&mut network, &prepared.train, None, 1).unwrap();

            let path = folder.join("optimizer.safetensors");
            let mut state = Weights::load(&path).unwrap();
            let name = format!("{parameter}.velocity");
            let weight = state
                .0
                .remove(&name)
                .unwrap_or_else(|| panic!("{:?}", state.0.keys()));
            state.0.extend(spoil(name.clone(), weight));
            state.save(&path).unwrap();
            // At the latest when training goes on: from another state it would be another trajectory.
            let mut trainer = resumer();
            let resumed = trainer.resume(&folder, &mut network);
            let answer = resumed.and_then(|()| trainer.fit(&mut network, &prepared.train, None, 1));
            assert!(
                answer.is_err(),
                "the state of {parameter}, {what}, was taken"
            );
            refusal(answer, &[&name]);
        }
    }
}

#[test]
fn a_checkpoint_of_other_hyper_parameters_is_refused_by_their_name() {
    let (home, prepared) = (Home::new(), prepared(true));
    let (folder, mut model) = checkpoint(&home, &prepared);
    let other = |rule| Trainer::new(rule, 0.01).batch(16).seed(7);
    for (trainer, words) in [
        (other(Rule::sgd(0.8)), ["rule", "0.9", "0.8"]),
        (other(Rule::ADAM), ["rule", "0.9", "0.999"]),
        (resumer().mode(Mode::Touched), ["mode", "Exact", "Touched"]),
        (resumer().loss(Loss::Mae), ["loss", "Mse", "Mae"]),
        (resumer().batch(32), ["batch", "16", "32"]),
        (resumer().seed(8), ["seed", "7", "8"]),
    ] {
        resume_refusal(&home, &folder, trainer, &mut model, &words);
    }
    resumer().resume(&folder, &mut model).unwrap();
}

#[test]
fn a_checkpoint_of_another_model_is_refused() {
    let (home, prepared) = (Home::new(), prepared(true));
    let (folder, _) = checkpoint(&home, &prepared);
    let mut wider = experiment("biased_mf");
    wider.options["factors"] = json!(17);
    let mut model = network(&wider, &prepared);
    resume_refusal(
        &home,
        &folder,
        resumer(),
        &mut model,
        &["item_factors.weight", "[30, 17]"],
    );
    let mut model = network(&experiment("dot_mf"), &prepared);
    resume_refusal(&home, &folder, resumer(), &mut model, &["the weights"]);
}
