//! One model of the parts that several processes have trained.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use recburn::optim::Rule;
use recburn::recipe::{Phase, Recipe};
use recburn::spread::{Ranks, threads};
use recburn::{Experiment, pick_device};
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Leaves what three processes leave that have trained without gathering; returns their validation loss.
fn trained(folder: &Path) -> f64 {
    let mut text = "user,item,rating\n".to_string();
    for row in 0..900 {
        let (user, item) = (row * row % 40, row % 30);
        writeln!(text, "u{user},i{item},{}", 1 + (user + item * 2) % 5).unwrap();
    }
    fs::write(folder.join("ratings.csv"), text).unwrap();
    let mut experiment = Experiment {
        model: "biased_mf".to_string(),
        options: json!({ "factors": 4 }),
        training: Default::default(),
        seed: 3,
    };
    experiment.training.data = folder.join("ratings.csv").display().to_string();
    experiment.training.rule = Rule::ADAM;
    experiment.training.batch = 100;
    experiment.training.centre = true;
    experiment.training.phases = vec![Phase {
        epochs: 2,
        learning_rate: 0.01,
    }];
    let out = folder.join("big");
    let losses = threads(3, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let part = experiment.read_part(&*ranks, None).unwrap();
        let mut home = experiment.bring_home(part, &*ranks).unwrap();
        let (features, _) = experiment.spread_features(&mut home).unwrap();
        let prepared = experiment
            .prepare_spread(home, features, ranks, Arc::default())
            .unwrap();
        let device = pick_device(Some("flex")).unwrap();
        let mut model = experiment.spread_network(&prepared, &device).unwrap();
        let trainer = experiment.spread_trainer(&prepared);
        let mut trainer = trainer.checkpoint(out.join("checkpoint"), 1);
        experiment
            .fit_spread(&mut trainer, &mut model, &prepared)
            .unwrap();
        let last = trainer.history().last().cloned().unwrap();
        let parts = out.join("parts");
        experiment
            .save_parts(&parts, &prepared, model, trainer, &device)
            .unwrap();
        last.valid.unwrap().loss()
    });
    Recipe::of(&experiment)
        .save(&out.join("experiment.toml"))
        .unwrap();
    losses[0]
}

#[test]
fn the_parts_of_several_processes_become_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let loss = trained(folder.path());
    fs::remove_dir_all(folder.path().join("big/parts")).unwrap();
    for given in ["big", "big/model"] {
        recburn(folder.path(), &["recommend", given, "--user", "u1"])
            .fails(3, &["the parts of 3 processes", "`recburn gather big`"]);
    }
    let gathered = recburn(folder.path(), &["--json", "gather", "big"]).fine();
    let report = gathered.json();
    let rmse = report["metrics"]["rmse"].as_f64().unwrap();
    assert!((rmse * rmse - loss).abs() < 1e-4 * loss, "{rmse} {loss}");
    let lists = recburn(
        folder.path(),
        &["recommend", "big", "--user", "u1", "--count", "3"],
    );
    assert!(lists.fine().out.contains('i'));
    recburn(folder.path(), &["gather", "."]).fails(2, &["no checkpoint of several processes"]);
}

#[test]
fn parts_answer_without_the_data_as_the_whole_does() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path());
    let copied = folder.path().join("alone");
    fs::create_dir(&copied).unwrap();
    let run = |arguments: &[&str]| recburn(folder.path(), arguments);
    let answers = |model: &str| {
        let each = [
            &["recommend", model, "--user", "u1"][..],
            &["recommend", model, "--user", "u1", "--user", "u4"],
            &["recommend", model, "--ratings", "mine.csv"],
            &["recommend", model, "--all", "--out", "-"],
            &["predict", model, "--user", "u9", "--item", "i2"],
            &["similar", model, "--item", "i2"],
            &["evaluate", model],
        ];
        fs::write(folder.path().join("mine.csv"), "i3,5\ni4,1\n").unwrap();
        each.map(|arguments| run(arguments).fine().out)
    };
    run(&["gather", "big"]).fine();
    let wanted = answers("big/model");
    fs::remove_file(folder.path().join("ratings.csv")).unwrap();
    fs::rename(folder.path().join("big/model"), folder.path().join("aside")).unwrap();
    assert_eq!(answers("big"), wanted);
    assert_eq!(answers("big/parts"), wanted);
    // Of one part alone some users are known, and the others are said to be elsewhere.
    let mut known = 0;
    for part in ["1-of-3", "2-of-3", "3-of-3"] {
        let own = format!("big/parts/{part}");
        let asked = run(&["recommend", &own, "--user", "u1"]);
        match asked.code {
            Some(0) => {
                known += 1;
                assert_eq!(asked.out, wanted[0]);
            }
            _ => {
                asked.fails(3, &["there is no user `u1`", "such a user would be in"]);
            }
        }
    }
    assert_eq!(known, 1);
    // A part that is damaged is refused by whoever reads it.
    fs::write(folder.path().join("big/parts/2-of-3/ids.json"), "{}").unwrap();
    run(&["evaluate", "big"]).fails(3, &["2-of-3", "its SHA-256 is not the one in model.json"]);
}
