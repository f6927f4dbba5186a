//! Models with features, histories, positives, dropout and normalisation: on any number of ranks the same training.

use super::{assert_near, bits, experiment, trained};
use recburn::optim::Rule;
use recburn::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;

const USERS: usize = 70;
const ITEMS: usize = 50;

/// Files in a folder of their own: made-up ratings with times, and features of the users and the items.
pub(super) struct Files {
    pub(super) folder: tempfile::TempDir,
}

impl Files {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let mut ratings = "user,item,rating,timestamp\n".to_string();
        for row in 0..1_500_usize {
            let (user, item) = (
                row * row % 89 * 3 % USERS,
                (row * 7 + row * row % 31) % ITEMS,
            );
            let (stars, time) = ((user * 5 + item * 3 + row % 3) % 5 + 1, row * 37 % 1_009);
            writeln!(ratings, "u{user},i{item},{stars},{time}").unwrap();
        }
        write("ratings.csv", ratings);
        let mut users = "id,age,job\n".to_string();
        for at in 0..USERS {
            let job = ["cook", "clerk", "nurse"][at % 3];
            writeln!(users, "u{at},{},{job}", 18 + at * 7 % 50).unwrap();
        }
        write("users.csv", users);
        let mut items = "id,year,tags\n".to_string();
        for at in 0..ITEMS {
            let tags = ["", "new", "long;new", "sad;long;old", "old"][at % 5];
            writeln!(items, "i{at},{},{tags}", 1950 + at * 11 % 60).unwrap();
        }
        write("items.csv", items);
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A model on these ratings.
    pub(super) fn of(&self, model: &str, options: Value) -> Experiment {
        let mut experiment = experiment(model, options, Rule::ADAM, 2);
        experiment.training.data = self.path("ratings.csv");
        experiment.training.split = "mask:0.8".to_string();
        experiment.training.batch = 150;
        experiment
    }

    /// A model that reads the features as well.
    pub(super) fn with_features(&self, model: &str, options: Value) -> Experiment {
        let mut experiment = self.of(model, options);
        let (users, items) = (self.path("users.csv"), self.path("items.csv"));
        experiment.training.user_features = Some(format!("{users}:id,age:number,job:id"));
        experiment.training.item_features = Some(format!("{items}:id,year:number,tags:bag(;)"));
        experiment
    }
}

/// Trains on one to four ranks, and on three of them twice.
#[track_caller]
pub(super) fn same_on_any_number(experiment: &Experiment, what: &str) {
    let alone = trained(1, experiment, None, false);
    assert!(
        alone.0.epochs.iter().all(|epoch| epoch.train.loss() > 0.0),
        "{what}"
    );
    let mut three = None;
    for size in 2..=4 {
        let ranks = trained(size, experiment, None, false);
        assert_near(&ranks, &alone, &format!("{what} on {size} ranks"));
        if size == 3 {
            three = Some(ranks);
        }
    }
    let (again, three) = (trained(3, experiment, None, false), three.unwrap());
    assert_eq!(
        bits(&again.0),
        bits(&three.0),
        "{what}: the same ranks, the same bits"
    );
    assert_eq!(again.1, three.1, "{what}: the same ranks, the same bits");
}

#[test]
fn features_travel_with_their_rows() {
    let files = Files::new();
    let options = json!({ "factors": 4, "l2": 1e-5 });
    let machine = files.with_features("factorisation_machine", options);
    same_on_any_number(&machine, "factorisation_machine");
    let options = json!({ "factors": 4, "hidden": [8], "l2": 1e-3, "l2_on": "batch" });
    for (model, options) in [
        ("two_tower", json!({})),
        ("deep_fm", options),
        ("wide_and_deep", json!({ "hidden": [8] })),
        ("dcn_v2", json!({ "hidden": [8] })),
    ] {
        // Adam makes steps of gradients that are nothing but rounding, as of a unit that rests.
        let mut experiment = files.with_features(model, options);
        experiment.training.rule = Rule::sgd(0.9);
        same_on_any_number(&experiment, model);
    }
}

#[test]
fn columns_of_times_travel_with_their_ratings() {
    let files = Files::new();
    let mut experiment = files.of("factorisation_machine", json!({ "factors": 4 }));
    experiment.training.time_columns = true;
    same_on_any_number(&experiment, "columns of times");
    experiment.training.watch = Some("ndcg@5".parse().unwrap());
    same_on_any_number(&experiment, "columns of times and lists");
}

#[test]
fn histories_are_rows_that_are_asked_for() {
    let files = Files::new();
    same_on_any_number(&files.of("svdpp", json!({ "factors": 4 })), "svdpp");
    let options =
        json!({ "length": 10, "width": 8, "blocks": 1, "heads": 1, "dropout": 0.2, "l2": 1e-4 });
    let mut next = files.of("sasrec", options);
    next.training.examples = "next-item".parse().unwrap();
    next.training.loss = "softmax".parse().unwrap();
    next.training.rule = Rule::sgd(0.9);
    next.training.batch = 16;
    for negatives in ["popular:3", "catalogue"] {
        next.training.negatives = Some(negatives.to_string());
        same_on_any_number(&next, &format!("sasrec against {negatives}"));
    }
}

#[test]
fn recurrent_units_read_histories() {
    let files = Files::new();
    for model in ["gru4rec", "narm"] {
        let mut next = files.of(model, json!({ "length": 8, "width": 6, "units": 6 }));
        next.training.examples = "next-item".parse().unwrap();
        next.training.negatives = Some("uniform:2".to_string());
        next.training.loss = "softmax".parse().unwrap();
        next.training.rule = Rule::sgd(0.9);
        next.training.batch = 16;
        same_on_any_number(&next, model);
    }
}

#[test]
fn positives_have_the_same_negatives() {
    let files = Files::new();
    for (loss, negatives) in [
        ("bpr", "uniform:2"),
        ("softmax", "popular^0.75:3"),
        ("softmax", "catalogue"),
    ] {
        let options = json!({ "factors": 4, "l2": 1e-3, "l2_on": "batch" });
        let mut positives = files.of("bpr_mf", options);
        positives.training.examples = "positives".parse().unwrap();
        positives.training.loss = loss.parse().unwrap();
        positives.training.negatives = Some(negatives.to_string());
        same_on_any_number(&positives, &format!("positives against {negatives}"));
    }
}

#[test]
fn negatives_of_a_batch_are_those_of_all_its_parts() {
    let files = Files::new();
    let options = json!({ "factors": 4, "l2": 1e-3, "l2_on": "batch" });
    for (loss, negatives, batch) in [
        ("softmax", "in-batch", 150),
        ("softmax", "shared-uniform:10", 150),
        ("bpr", "shared-popular^0.75:5", 40),
        // Some ranks have no part of some of these batches.
        ("softmax", "shared-uniform:3", 5),
    ] {
        let mut positives = files.of("bpr_mf", options.clone());
        positives.training.examples = "positives".parse().unwrap();
        positives.training.loss = loss.parse().unwrap();
        positives.training.negatives = Some(negatives.to_string());
        positives.training.batch = batch;
        same_on_any_number(&positives, &format!("positives against {negatives}"));
    }
    // The features of the items come with them.
    let mut towers = files.with_features("two_tower", json!({}));
    towers.training.examples = "positives".parse().unwrap();
    towers.training.loss = "softmax".parse().unwrap();
    towers.training.negatives = Some("in-batch".to_string());
    towers.training.rule = Rule::sgd(0.9);
    towers.training.watch = Some("ndcg@5".parse().unwrap());
    same_on_any_number(&towers, "two_tower against in-batch");

    let options = json!({ "length": 8, "width": 6, "units": 6 });
    let mut next = files.of("gru4rec", options);
    next.training.examples = "next-item".parse().unwrap();
    next.training.negatives = Some("shared-uniform:6".to_string());
    next.training.loss = "softmax".parse().unwrap();
    next.training.rule = Rule::sgd(0.9);
    next.training.batch = 16;
    same_on_any_number(&next, "gru4rec against shared-uniform:6");
}

#[test]
fn masks_of_dropout_go_by_place() {
    let files = Files::new();
    let options = json!({ "user_factors": 4, "item_factors": 4, "embedding_dropout": 0.3 });
    let mut experiment = files.of("concat_mlp", options);
    experiment.training.rule = Rule::sgd(0.9);
    same_on_any_number(&experiment, "dropout");
    // Layers of which most units are dropped are computed in another way.
    let options = json!({ "factors": 4, "hidden": [16, 8], "dropout": 0.6 });
    let mut experiment = files.of("deep_fm", options);
    experiment.training.rule = Rule::sgd(0.9);
    same_on_any_number(&experiment, "dropout of most units");
}

#[test]
fn normalisation_is_over_the_whole_batch() {
    let files = Files::new();
    let options = json!({ "factors": 4, "hidden": [8, 6], "batch_norm": true, "dropout": 0.1 });
    let mut experiment = files.of("deep_fm", options);
    // Adam makes steps of the gradient of a bias before a normalisation, which is nothing but rounding.
    experiment.training.rule = Rule::sgd(0.9);
    same_on_any_number(&experiment, "batches of 150");
    // Some ranks have no part of some of these batches.
    experiment.training.batch = 8;
    experiment.training.rule = Rule::sgd(0.0);
    experiment.training.phases[0].epochs = 1;
    experiment.training.split = "fraction:0.1".to_string();
    same_on_any_number(&experiment, "batches of 8");
}

#[test]
fn penalties_on_batches_are_those_of_whole_batches() {
    let files = Files::new();
    let options = json!({ "factors": 4, "l2": 1e-3, "l2_on": "batch" });
    same_on_any_number(&files.of("scaled_mf", options), "l2_on=batch");
}

#[test]
fn weights_are_averaged_where_they_live() {
    let files = Files::new();
    let mut experiment = files.of("biased_mf", json!({ "factors": 4, "l2": 1e-4 }));
    experiment.training.average = Some("swa:2".parse().unwrap());
    experiment.training.phases[0].epochs = 3;
    same_on_any_number(&experiment, "averages");

    let checkpoint = files.folder.path().join("checkpoint");
    let straight = trained(1, &experiment, None, false);
    experiment.training.phases[0].epochs = 2;
    trained(4, &experiment, Some(&checkpoint), false);
    experiment.training.phases[0].epochs = 3;
    let resumed = trained(2, &experiment, Some(&checkpoint), true);
    assert_near(&resumed, &straight, "averages of 4 ranks, continued on 2");
}
