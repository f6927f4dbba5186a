//! Models with features, histories, positives, dropout and normalisation: on any number of ranks the same training.

use super::{assert_near, bits, experiment, trained};
use recburn::data::{Dataset, IdOrder, UserIx};
use recburn::optim::Rule;
use recburn::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Files with made-up features of the users and the items of the sample.
fn feature_files(folder: &Path) -> [String; 2] {
    let sample = Dataset::sample(IdOrder::Sorted);
    let (mut users, mut items) = ("id,age,job\n".to_string(), "id,year,tags\n".to_string());
    for (UserIx(at), id) in sample.users.iter() {
        writeln!(
            users,
            "{id},{},{}",
            18 + at * 7 % 50,
            ["cook", "clerk", "nurse"][at as usize % 3]
        )
        .unwrap();
    }
    for (item, id) in sample.items.iter() {
        let tags = ["", "new", "long;new", "sad;long;old", "old"][item.index() % 5];
        writeln!(items, "{id},{},{tags}", 1950 + item.index() * 11 % 60).unwrap();
    }
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (users, items) = (write("users.csv", users), write("items.csv", items));
    [
        format!("{users}:id,age:number,job:id"),
        format!("{items}:id,year:number,tags:bag(;)"),
    ]
}

/// Trains on one to four ranks, and on three of them twice.
#[track_caller]
fn same_on_any_number(experiment: &Experiment, what: &str) {
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

fn of(model: &str, options: Value) -> Experiment {
    let mut experiment = experiment(model, options, Rule::ADAM, 2);
    experiment.training.split = "mask:0.8".to_string();
    experiment
}

#[test]
fn features_travel_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let [users, items] = feature_files(folder.path());
    for (model, options) in [
        ("factorisation_machine", json!({ "factors": 4, "l2": 1e-5 })),
        ("two_tower", json!({})),
        (
            "deep_fm",
            json!({ "factors": 4, "hidden": [8], "l2": 1e-3, "l2_on": "batch" }),
        ),
    ] {
        let mut experiment = of(model, options);
        experiment.training.user_features = Some(users.clone());
        experiment.training.item_features = Some(items.clone());
        same_on_any_number(&experiment, model);
    }
}

#[test]
fn histories_are_rows_that_are_asked_for() {
    same_on_any_number(&of("svdpp", json!({ "factors": 4 })), "svdpp");
    let mut next = of(
        "sasrec",
        json!({ "length": 10, "width": 8, "blocks": 1, "heads": 1, "dropout": 0.2 }),
    );
    next.training.examples = "next-item".parse().unwrap();
    next.training.loss = "softmax".parse().unwrap();
    next.training.batch = 16;
    for negatives in ["uniform:3", "catalogue"] {
        next.training.negatives = Some(negatives.to_string());
        same_on_any_number(&next, &format!("sasrec against {negatives}"));
    }
}

#[test]
fn positives_have_the_same_negatives() {
    for (loss, negatives) in [
        ("bpr", "uniform:2"),
        ("softmax", "popular^0.75:3"),
        ("softmax", "catalogue"),
    ] {
        let mut positives = of("bpr_mf", json!({ "factors": 4 }));
        positives.training.examples = "positives".parse().unwrap();
        positives.training.loss = loss.parse().unwrap();
        positives.training.negatives = Some(negatives.to_string());
        positives.training.batch = 300;
        same_on_any_number(&positives, &format!("positives against {negatives}"));
    }
}

#[test]
fn masks_of_dropout_go_by_place() {
    let options = json!({ "user_factors": 4, "item_factors": 4, "embedding_dropout": 0.3 });
    same_on_any_number(&of("concat_mlp", options), "dropout");
    // Layers of which most units are dropped are computed in another way.
    let options = json!({ "factors": 4, "hidden": [16, 8], "dropout": 0.6 });
    same_on_any_number(&of("deep_fm", options), "dropout of most units");
}

#[test]
fn normalisation_is_over_the_whole_batch() {
    let options = json!({ "factors": 4, "hidden": [8, 6], "batch_norm": true, "dropout": 0.1 });
    let mut experiment = of("deep_fm", options);
    same_on_any_number(&experiment, "batches of 1,500");
    // Some ranks have no part of some of these batches.
    experiment.training.batch = 3;
    experiment.training.phases[0].epochs = 1;
    experiment.training.split = "fraction:0.1".to_string();
    same_on_any_number(&experiment, "batches of 3");
}

#[test]
fn penalties_on_batches_are_those_of_whole_batches() {
    let options = json!({ "factors": 4, "l2": 1e-3, "l2_on": "batch" });
    same_on_any_number(&of("scaled_mf", options), "l2_on=batch");
}

#[test]
fn weights_are_averaged_where_they_live() {
    let mut experiment = of("biased_mf", json!({ "factors": 4, "l2": 1e-4 }));
    experiment.training.average = Some("swa:2".parse().unwrap());
    experiment.training.phases[0].epochs = 3;
    same_on_any_number(&experiment, "averages");

    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("checkpoint");
    let straight = trained(1, &experiment, None, false);
    experiment.training.phases[0].epochs = 2;
    trained(4, &experiment, Some(&checkpoint), false);
    experiment.training.phases[0].epochs = 3;
    let resumed = trained(2, &experiment, Some(&checkpoint), true);
    assert_near(&resumed, &straight, "averages of 4 ranks, continued on 2");
}
