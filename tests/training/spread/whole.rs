//! Models of whole users, of profiles and of the graph of all interactions: on any number of ranks the same training.

use super::models::{Files, same_on_any_number};
use super::{assert_near, trained};
use recburn::optim::Rule;
use recburn::prelude::*;
use serde_json::{Value, json};

/// A model of whole users or profiles, in batches of 25 users.
fn of_users(files: &Files, model: &str, options: Value, examples: &str) -> Experiment {
    let mut experiment = files.of(model, options);
    experiment.training.examples = examples.parse().unwrap();
    experiment.training.rule = Rule::sgd(0.9);
    experiment.training.batch = 25;
    experiment
}

#[test]
fn profiles_are_at_home_and_all_items_are_asked_for() {
    let files = Files::new();
    let options = json!({ "hidden": 8, "code": 5, "l2": 1e-4 });
    let mut denoising = of_users(&files, "mult_dae", options, "profiles");
    denoising.training.loss = "softmax".parse().unwrap();
    denoising.training.hidden = 0.4;
    same_on_any_number(&denoising, "mult_dae");
    denoising.training.watch = Some("ndcg@5".parse().unwrap());
    // Some ranks have no user of some of these batches.
    denoising.training.batch = 2;
    denoising.training.phases[0].epochs = 1;
    same_on_any_number(&denoising, "mult_dae in batches of 2");
}

#[test]
fn what_is_drawn_around_a_profile_goes_by_its_user() {
    let files = Files::new();
    let options = json!({ "hidden": 8, "latent": 4, "kl": 0.5, "warm_up": 3 });
    let mut variational = of_users(&files, "mult_vae", options, "profiles");
    variational.training.loss = "softmax".parse().unwrap();
    variational.training.hidden = 0.3;
    variational.training.average = Some("ema:0.9".parse().unwrap());
    same_on_any_number(&variational, "mult_vae");
    variational.training.average = None;
    variational.training.batch = 2;
    variational.training.phases[0].epochs = 1;
    same_on_any_number(&variational, "mult_vae in batches of 2");
}

#[test]
fn whole_users_are_at_home() {
    let files = Files::new();
    for (l2_on, batch) in [("table", 25), ("batch", 2)] {
        let options = json!({ "by": "user", "hidden": 6, "l2": 1e-3, "l2_on": l2_on });
        let mut by_user = of_users(&files, "autorec", options, "whole-users");
        by_user.training.batch = batch;
        same_on_any_number(&by_user, &format!("autorec by user in batches of {batch}"));
    }
    // A query for each rating, with a mask of its own.
    let options = json!({ "factors": 4, "hidden": [8], "dropout": 0.3 });
    let dropped = of_users(&files, "deep_fm", options, "whole-users");
    same_on_any_number(&dropped, "whole users with dropout");
}

#[test]
fn the_users_of_an_item_are_summed_where_they_live() {
    let files = Files::new();
    for (l2_on, rule, mode, batch) in [
        ("table", Rule::sgd(0.9), Mode::Exact, 7),
        ("table", Rule::ADAM, Mode::Touched, 7),
        ("batch", Rule::ROWWISE_ADAGRAD, Mode::Exact, 7),
        // Some ranks have no rating of some of these items.
        ("batch", Rule::sgd(0.0), Mode::Exact, 1),
    ] {
        let options = json!({ "by": "item", "hidden": 6, "l2": 1e-3, "l2_on": l2_on });
        let mut by_item = of_users(&files, "autorec", options, "whole-items");
        (by_item.training.rule, by_item.training.mode) = (rule, mode);
        by_item.training.batch = batch;
        same_on_any_number(&by_item, &format!("autorec by item in batches of {batch}"));
    }
    let options = json!({ "factors": 4, "features": ["raters", "history"] });
    let mut machine = files.of("factorisation_machine", options);
    machine.training.rule = Rule::sgd(0.9);
    machine.training.watch = Some("ndcg@5".parse().unwrap());
    same_on_any_number(&machine, "users of an item as a feature");
    let options = json!({ "factors": 4, "hidden": [8], "dropout": 0.3 });
    let dropped = of_users(&files, "deep_fm", options, "whole-items");
    same_on_any_number(&dropped, "whole items with dropout");
}

fn smoothed(files: &Files, l2_on: &str) -> Experiment {
    let options = json!({ "factors": 4, "layers": 2, "l2": 1e-3, "l2_on": l2_on });
    let mut smoothed = files.of("light_gcn", options);
    smoothed.training.examples = "positives".parse().unwrap();
    smoothed.training.loss = "bpr".parse().unwrap();
    smoothed
}

#[test]
fn rows_are_smoothed_along_the_interactions_of_all() {
    let files = Files::new();
    for (l2_on, rule, mode) in [
        ("batch", Rule::ADAM, Mode::Exact),
        ("table", Rule::sgd(0.9), Mode::Touched),
        ("batch", Rule::ROWWISE_ADAGRAD, Mode::Exact),
    ] {
        let mut plain = smoothed(&files, l2_on);
        (plain.training.rule, plain.training.mode) = (rule, mode);
        plain.training.watch = Some("ndcg@5".parse().unwrap());
        same_on_any_number(&plain, &format!("light_gcn, l2_on={l2_on}"));
    }
    let mut shared = smoothed(&files, "batch");
    shared.training.loss = "softmax".parse().unwrap();
    shared.training.negatives = Some("shared-uniform:20".to_string());
    shared.training.average = Some("ema:0.8".parse().unwrap());
    same_on_any_number(&shared, "light_gcn with shared negatives and averages");
    // Some ranks have no part of some of these batches.
    shared.training.batch = 4;
    shared.training.split = "fraction:0.1".to_string();
    same_on_any_number(&shared, "light_gcn in batches of 4");
}

#[test]
fn a_smoothed_model_continues_on_another_number_of_ranks() {
    let files = Files::new();
    let mut experiment = smoothed(&files, "batch");
    experiment.training.phases[0].epochs = 3;
    let straight = trained(1, &experiment, None, false);
    let checkpoint = files.folder.path().join("checkpoint");
    experiment.training.phases[0].epochs = 1;
    trained(4, &experiment, Some(&checkpoint), false);
    experiment.training.phases[0].epochs = 3;
    let resumed = trained(2, &experiment, Some(&checkpoint), true);
    assert_near(&resumed, &straight, "light_gcn of 4 ranks, continued on 2");
}
