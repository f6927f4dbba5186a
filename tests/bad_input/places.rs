//! Places that cannot be written.

use crate::checkpoints::resumer;
use crate::common::{cpu, experiment, network, prepared};
use crate::refusals::{Home, text};
use crate::saved_models::trained;
use recburn::prelude::*;
use std::error::Error;

#[test]
fn saving_below_a_file_is_refused_and_leaves_the_file() {
    let home = Home::new();
    let taken = home.file("taken", b"mine");
    let recommender = trained();
    let factors = recommender.embedding("item_factors").unwrap();
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut trainer = resumer();
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        .unwrap();
    let report = experiment("biased_mf")
        .report(&prepared, &model, &trainer, None, &cpu())
        .unwrap();
    let (history, picture) = (trainer.history(), curves(trainer.history()).unwrap());

    let path = |name: &str| taken.join(name);
    let mut log = resumer().with(CsvLog::new(path("log.csv")));
    let mut checkpoints = resumer().checkpoint(path("checkpoint"), 1);
    let mut fit = |trainer: &mut Trainer| {
        trainer
            .fit(&mut model, &prepared.train, None, 1)
            .map(|_| ())
    };
    home.unchanged(|| {
        // In the way is not what was to be written but what should have been its folder.
        let words = |name: &str| [text(&path(name)).to_string(), "folder".to_string()];
        let faults = [
            check(recommender.save(&path("model")), &words("model")),
            check(
                factors.save_csv(&path("factors.csv")),
                &words("factors.csv"),
            ),
            check(
                Weights::of(recommender.model()).save(&path("weights.safetensors")),
                &words("weights.safetensors"),
            ),
            check(
                history.save_csv(&path("history.csv")),
                &words("history.csv"),
            ),
            check(
                history.save_json(&path("history.json")),
                &words("history.json"),
            ),
            check(report.save(path("report.json")), &words("report.json")),
            check(picture.save(&taken, "curves"), &words("curves.svg")),
            check(fit(&mut log), &words("log.csv")),
            check(fit(&mut checkpoints), &words("checkpoint")),
        ];
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

#[test]
fn saving_over_what_is_of_another_kind_is_refused_and_leaves_it() {
    let home = Home::new();
    let (file, folder) = (home.file("file", b"mine"), home.folder("folder/with"));
    let recommender = trained();
    let factors = recommender.embedding("item_factors").unwrap();
    home.unchanged(|| {
        let faults = [
            check(
                recommender.save(&file),
                &[text(&file).to_string(), "not a folder".to_string()],
            ),
            check(factors.save_csv(&folder), &[text(&folder).to_string()]),
            check(
                Weights::of(recommender.model()).save(&folder),
                &[text(&folder).to_string()],
            ),
        ];
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

/// What is wrong with a refusal, so that a test can tell of all of them.
fn check<T, E: Error>(answer: Result<T, E>, words: &[String]) -> Option<String> {
    let Err(error) = answer else {
        return Some("nothing was refused".to_string());
    };
    let message = error.to_string();
    let lacks = words
        .iter()
        .find(|word| !message.contains(*word))
        .map(|word| format!("`{word}` lacks"));
    let twice =
        (message.matches(&words[0]).count() > 1).then(|| "the path is said twice".to_string());
    let bare = message
        .starts_with(':')
        .then(|| "there is nothing before the colon".to_string());
    let fault = bare.or(twice).or(lacks)?;
    Some(format!("{fault} in: {message}"))
}
