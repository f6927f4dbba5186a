//! What holds for every model of the zoo: a registered model is a tested model.

mod common;

use common::{cpu, distance, experiment, network, prepared};
use recburn::data::{Feature, Featured, Features, Lists, Side};
use recburn::models::{Entry, nominal_schema};
use recburn::prelude::*;
use recburn::recipe::Recipe;
use serde_json::{Value, json};
use std::path::Path;

/// What a model reads of the data besides its users and items.
fn features(model: &Network, prepared: &Prepared) -> Features {
    let features = prepared.features(&model.inputs());
    features.expect("what the model reads")
}

/// Runs a claim for every model, saying which one breaks it.
fn for_every_model(claim: impl Fn(&Entry, &Experiment, &Prepared)) {
    for entry in zoo() {
        println!("{}", entry.name);
        let experiment = experiment(entry.name);
        claim(&entry, &experiment, &prepared(experiment.training.centre));
    }
}

#[test]
fn every_model_has_an_example_of_its_name() {
    for_every_model(|entry, _, _| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(entry.name)
            .with_extension("rs");
        assert!(path.exists(), "{} is missing", path.display());
    });
}

#[test]
fn every_model_has_as_many_parameters_as_its_graph_says() {
    for_every_model(|_, experiment, prepared| {
        let network = network(experiment, prepared);
        assert_eq!(network.num_params(), network.graph().parameters().total());
        let named: usize = Weights::of(&network)
            .0
            .values()
            .map(|weight| weight.values.len())
            .sum();
        assert_eq!(named, network.num_params());
    });
}

#[test]
fn every_model_learns_what_is_there_to_learn() {
    for_every_model(|entry, experiment, prepared| {
        let mut model = network(experiment, prepared);
        let mut trainer = experiment.trainer();
        let features = prepared
            .features(&model.inputs())
            .expect("what the model reads");
        let train = Featured::new(&prepared.train, &features);
        let valid = Featured::new(&prepared.valid, &features);
        let rmse = |model: &Network| {
            let measures = evaluate(model, &train, Loss::Mse).expect("sound rows");
            measures[Measures::RMSE]
        };
        let before = rmse(&model);
        trainer.set_learning_rate(0.01);
        trainer
            .fit(&mut model, &train, Some(&valid), 30)
            .expect("a training that ends");
        let after = rmse(&model);
        let mean = prepared.train.mean();
        let squares = prepared
            .train
            .ratings
            .iter()
            .map(|&rating| (f64::from(rating) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / prepared.train.len() as f64).sqrt();
        println!(
            "{}: rmse {:.3} before, {:.3} after, {deviation:.3} for the mean",
            entry.name, before, after
        );
        assert!(
            after < 0.95 * deviation,
            "{} does no better than the mean",
            entry.name
        );
    });
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_another_seed_others() {
    for_every_model(|_, experiment, prepared| {
        let train = |seed| {
            let mut experiment = experiment.clone();
            experiment.seed = seed;
            let mut model = network(&experiment, prepared);
            let mut trainer = experiment.trainer();
            let features = features(&model, prepared);
            let examples = Featured::new(&prepared.train, &features);
            trainer
                .fit(&mut model, &examples, None, 2)
                .expect("a training that ends");
            Weights::of(&model)
        };
        assert_eq!(train(3), train(3));
        assert!(distance(&train(3), &train(4)) > 0.0);
    });
}

#[test]
fn rows_end_where_the_dense_reference_ends() {
    for_every_model(|_, experiment, prepared| {
        for rule in [Rule::ADAM, Rule::sgd(0.9), Rule::sgd(0.0), Rule::ADAGRAD] {
            let train = |dense: bool| {
                let mut experiment = experiment.clone();
                experiment.training.rule = rule;
                let mut model = network(&experiment, prepared);
                let trainer = experiment.trainer();
                let mut trainer = if dense {
                    trainer.dense_tables().walk_tables()
                } else {
                    trainer
                };
                trainer.set_learning_rate(0.01);
                let features = features(&model, prepared);
                let examples = Featured::new(&prepared.train, &features);
                trainer
                    .fit(&mut model, &examples, None, 2)
                    .expect("a training that ends");
                (Weights::of(&model), trainer.penalty())
            };
            let ((rows, penalty), (dense, reference)) = (train(false), train(true));
            assert!(
                distance(&rows, &dense) < 1e-4,
                "{rule}: {}",
                distance(&rows, &dense)
            );
            assert!(
                (penalty - reference).abs() <= 1e-4 * reference,
                "{rule}: {penalty} {reference}"
            );
        }
    });
}

#[test]
fn a_training_goes_on_from_a_checkpoint_as_if_nothing_had_happened() {
    for_every_model(|_, experiment, prepared| {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("checkpoint");
        let trainer = || {
            experiment
                .trainer()
                .with(EarlyStopping::new(50))
                .with(Plateau::new(0.5, 1))
        };
        let mut straight = network(experiment, prepared);
        let features = features(&straight, prepared);
        let train = Featured::new(&prepared.train, &features);
        let valid = Featured::new(&prepared.valid, &features);
        let mut one = trainer();
        one.fit(&mut straight, &train, Some(&valid), 5)
            .expect("a training that ends");

        let mut first = network(experiment, prepared);
        let mut interrupted = trainer().checkpoint(&folder, 1);
        interrupted
            .fit(&mut first, &train, Some(&valid), 2)
            .expect("a training that ends");
        let mut second = network(
            &Experiment {
                seed: 99,
                ..experiment.clone()
            },
            prepared,
        );
        let mut resumed = trainer();
        resumed.resume(&folder, &mut second).expect("a checkpoint");
        resumed
            .fit(&mut second, &train, Some(&valid), 3)
            .expect("a training that ends");

        assert_eq!(Weights::of(&second), Weights::of(&straight));
        let numbers = |trainer: &Trainer| -> Vec<_> {
            let epochs = trainer.history().epochs.iter();
            epochs
                .map(|e| {
                    (
                        e.epoch,
                        e.learning_rate,
                        e.train.clone(),
                        e.valid.clone(),
                        e.penalty,
                    )
                })
                .collect()
        };
        assert_eq!(numbers(&resumed), numbers(&one));
    });
}

#[test]
fn a_saved_model_predicts_what_it_predicted_before() {
    for_every_model(|_, experiment, prepared| {
        let mut model = network(experiment, prepared);
        let mut trainer = experiment.trainer();
        let features = features(&model, prepared);
        let examples = Featured::new(&prepared.train, &features);
        trainer
            .fit(&mut model, &examples, None, 1)
            .expect("a training that ends");
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("model");
        let before = experiment
            .recommender(&model, prepared)
            .expect("a recommender");
        before.save(&folder).expect("saved");
        let after = Recommender::load(&folder, &cpu()).expect("loaded");
        for (user, item) in [("u0", "i0"), ("u7", "i29"), ("u39", "i3")] {
            assert_eq!(
                before.predict(user, item).expect("known"),
                after.predict(user, item).expect("known")
            );
        }
        assert_eq!(
            before.recommend("u5", 10).expect("known"),
            after.recommend("u5", 10).expect("known")
        );
        let made: Experiment =
            serde_json::from_value(after.training().clone()).expect("an experiment");
        assert_eq!(made, *experiment);
    });
}

#[test]
fn factors_that_must_not_be_negative_are_not() {
    let experiment = experiment("non_negative_mf");
    let prepared = prepared(false);
    let mut model = network(&experiment, &prepared);
    let mut trainer = experiment.trainer();
    trainer.set_learning_rate(0.05);
    trainer
        .fit(&mut model, &prepared.train, None, 5)
        .expect("a training that ends");
    for (name, weight) in Weights::of(&model).0 {
        assert!(weight.values.iter().all(|&value| value >= 0.0), "{name}");
        assert!(
            weight.values.contains(&0.0),
            "{name}: nothing was ever projected"
        );
    }
}

/// The small data set with features of users and items, and a column of its ratings that says much of them.
fn with_features() -> Dataset {
    let mut dataset = common::dataset();
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    let age = (0..users).map(|user| (user % 7) as f32).collect();
    let lists: Vec<Vec<u32>> = (0..items as u32).map(|item| vec![item % 3, 3]).collect();
    let genres = Lists::of(lists.iter().map(Vec::as_slice));
    let of_users = [
        Feature::numbers("age", Side::User, 1, age),
        Feature::ids(
            "job",
            Side::User,
            5,
            (0..users as u32).map(|user| user % 5).collect(),
        ),
    ];
    for feature in of_users {
        dataset.features.add(feature).expect("a feature");
    }
    let genres = Feature::bags("genres", Side::Item, 4, genres);
    dataset.features.add(genres).expect("a feature");
    let ratings = &mut dataset.ratings;
    let mood: Vec<u32> = (0..ratings.len() as u32).map(|row| row * 7 % 3).collect();
    for (rating, mood) in ratings.ratings.iter_mut().zip(&mood) {
        *rating += *mood as f32;
    }
    ratings
        .others
        .push(Feature::ids("mood", Side::Event, 3, mood));
    dataset
}

#[test]
fn a_model_learns_from_a_column_of_ratings_and_predicts_with_its_typical_value() {
    let split = SplitKind::Fraction { train: 0.8 };
    let prepared = Prepared::new(with_features(), &split, 1, true).expect("two parts");
    let fitted = |features: Value| {
        let mut experiment = experiment("factorisation_machine");
        experiment.options["features"] = features;
        experiment.training.phases[0].learning_rate = 0.01;
        let mut model = network(&experiment, &prepared);
        let mut trainer = experiment.trainer();
        experiment
            .fit(&mut trainer, &mut model, &prepared)
            .expect("a training that ends");
        let rmse = prepared.metrics(&model).expect("metrics").rmse;
        let last = trainer
            .history()
            .last()
            .and_then(|epoch| epoch.valid.clone());
        let judged = last.expect("a validation")[Measures::RMSE];
        assert!((rmse - judged).abs() < 1e-5, "{rmse} and {judged}");
        let recommender = experiment.recommender(&model, &prepared);
        (rmse, recommender.expect("a recommender"))
    };
    let ((without, _), (with, recommender)) = (fitted(json!([])), fitted(Value::Null));
    assert!(
        with < 0.8 * without,
        "{with} with the column, {without} without"
    );
    let features = recommender.features();
    let typical = features.find("mood").expect("its typical value");
    assert_eq!(typical.rows(), 1);
    let folder = tempfile::tempdir().expect("a folder");
    recommender.save(folder.path()).expect("saved");
    let again = Recommender::load(folder.path(), &cpu()).expect("what was saved");
    let of = |recommender: &Recommender| recommender.predict("u1", "i1").expect("known ids").rating;
    assert_eq!(of(&recommender), of(&again));
}

#[test]
fn a_saved_model_with_spoilt_features_is_refused_with_what_is_wrong() {
    let (experiment, prepared) = (experiment("svdpp"), prepared(true));
    let model = network(&experiment, &prepared);
    let recommender = experiment
        .recommender(&model, &prepared)
        .expect("a recommender");
    let spoilt = |spoil: &dyn Fn(&mut Value)| {
        let folder = tempfile::tempdir().expect("a folder");
        recommender.save(folder.path()).expect("saved");
        // As written before there were digests, which would tell first.
        let about = folder.path().join("model.json");
        let text = std::fs::read(&about).expect("what it says of itself");
        let mut model: Value = serde_json::from_slice(&text).expect("plain data");
        model
            .as_object_mut()
            .expect("fields")
            .remove("files")
            .expect("digests");
        std::fs::write(&about, model.to_string()).expect("written");
        let path = folder.path().join("features.json");
        let text = std::fs::read(&path).expect("the features");
        let mut features: Value = serde_json::from_slice(&text).expect("plain data");
        spoil(&mut features);
        std::fs::write(&path, features.to_string()).expect("written");
        let error = Recommender::load(folder.path(), &cpu()).expect_err("spoilt features");
        let error = error.to_string();
        assert!(error.contains("features.json"), "{error}");
        error
    };
    let lists = |features: &mut Value| features[0]["values"]["lists"].take();
    let error = spoilt(&|features| {
        let mut bags = lists(features);
        bags["ids"][3] = json!(30);
        features[0]["values"]["lists"] = bags;
    });
    assert!(
        error.contains("`history`: the id 30 is beyond the table's 30 rows"),
        "{error}"
    );
    let error = spoilt(&|features| {
        let mut bags = lists(features);
        bags["ids"] = json!([0, 1]);
        bags["ends"] = json!([1, 2]);
        features[0]["values"]["lists"] = bags;
    });
    assert!(
        error.contains("`history`: it has values for 2 users, but there are 40"),
        "{error}"
    );
    let error = spoilt(&|features| features[0]["values"]["lists"]["ends"][0] = json!(1_000_000));
    assert!(
        error.contains("`history`: its lists are inconsistent"),
        "{error}"
    );
    let error = spoilt(&|features| *features = json!([]));
    assert!(
        error.contains("there is no input `history`; the data have none"),
        "{error}"
    );
}

#[test]
fn bounded_scores_stay_inside_the_scale() {
    let mut experiment = experiment("scaled_mf");
    experiment.options["initializer"] =
        serde_json::json!({ "normal": { "mean": 0.0, "std": 5.0 } });
    let prepared = prepared(false);
    let scores = score_rows(&network(&experiment, &prepared), &prepared.train);
    assert!(scores.iter().all(|score| (0.5..=5.0).contains(score)));
}

#[test]
fn what_is_printed_of_every_model_is_as_it_was() {
    for_every_model(|entry, _, _| {
        let schema = nominal_schema(944, 1_683);
        for (preset, recipe) in Recipe::presets(entry.name).expect("presets") {
            let graph = entry.graph(&recipe.options, &schema).expect(preset);
            let shown = format!("{}\n{}\n{}", graph.summary(), graph.mermaid(), graph.dot());
            let name = format!("{}_{preset}", entry.name);
            // A new model is no edit here: it has nothing yet that could change.
            let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("tests/snapshots/zoo__{name}.snap"));
            if !kept.exists() && std::env::var("INSTA_UPDATE").is_err() {
                println!("{name}: no snapshot; INSTA_UPDATE=always keeps one");
                continue;
            }
            insta::assert_snapshot!(name, shown);
        }
    });
}

#[test]
fn the_version_of_burn_that_reports_name_is_the_one_that_is_built() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"))
        .expect("a lock file");
    assert!(lock.contains(&format!(
        "name = \"burn\"\nversion = \"{}\"",
        recburn::BURN_VERSION
    )));
}
