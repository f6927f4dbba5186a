//! Training on several ranks, as threads: whatever their number, the same training.
//!
//! Batches are small, so that each is prepared on a thread of its own: ranks that wait for each other on the threads of one
//! pool might wait for ever.

#![allow(clippy::unwrap_used)]

mod files;
mod models;
mod parts;
mod whole;
mod within;

use recburn::SpreadPrepared;
use recburn::nn::Weights;
use recburn::optim::Rule;
use recburn::prelude::*;
use recburn::recipe::Phase;
use recburn::spread::{Ranks, threads};
use recburn::train::History;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A model on the sample.
fn experiment(model: &str, options: serde_json::Value, rule: Rule, epochs: usize) -> Experiment {
    let mut experiment = Experiment {
        model: model.to_string(),
        options,
        training: Default::default(),
        seed: 7,
    };
    experiment.training.rule = rule;
    experiment.training.batch = 1_500;
    experiment.training.centre = true;
    experiment.training.phases = vec![Phase {
        epochs,
        learning_rate: 0.01,
    }];
    experiment
}

/// The data of one rank.
fn prepared(experiment: &Experiment, ranks: &Rc<dyn Ranks>) -> SpreadPrepared {
    let part = experiment.read_part(&**ranks, None).unwrap();
    let mut home = experiment.bring_home(part, &**ranks).unwrap();
    let (features, _) = experiment.spread_features(&mut home).unwrap();
    let stop = Arc::default();
    experiment
        .prepare_spread(home, features, ranks.clone(), stop)
        .unwrap()
}

/// The history of a training on this many ranks, and the collected weights.
fn trained(
    size: usize,
    experiment: &Experiment,
    checkpoint: Option<&Path>,
    resume: bool,
) -> (History, Weights) {
    let mut ended = threads(size, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let prepared = prepared(experiment, &ranks);
        let device = pick_device(Some("flex")).unwrap();
        let mut model = experiment.spread_network(&prepared, &device).unwrap();
        let mut trainer = experiment.spread_trainer(&prepared);
        if let Some(folder) = checkpoint {
            trainer = trainer.checkpoint(folder, 1);
            if resume {
                experiment
                    .resume_spread(&mut trainer, folder, &mut model, &prepared)
                    .unwrap();
            }
        }
        experiment
            .fit_spread(&mut trainer, &mut model, &prepared)
            .unwrap();
        let whole = experiment.collect(&prepared, &model, &device).unwrap();
        let weights = whole.map(|(_, model)| Weights::of(&model));
        assert_eq!(weights.is_some(), ranks.rank() == 0);
        (trainer.history().clone(), weights)
    });
    let histories: Vec<Vec<u64>> = ended.iter().map(|(history, _)| bits(history)).collect();
    assert!(
        histories.iter().all(|own| *own == histories[0]),
        "all ranks have the same history"
    );
    let (history, weights) = ended.swap_remove(0);
    (history, weights.expect("the first rank has the whole"))
}

/// Losses, penalties and measures of all epochs.
fn figures(history: &History) -> Vec<f64> {
    let epochs = history.epochs.iter();
    let of = epochs.map(|epoch| {
        let valid = epoch.valid.iter();
        let valid = valid.flat_map(|measures| measures.iter().map(|(_, value)| value));
        [epoch.train.loss(), epoch.penalty].into_iter().chain(valid)
    });
    of.flatten().collect()
}

fn bits(history: &History) -> Vec<u64> {
    figures(history).into_iter().map(f64::to_bits).collect()
}

#[track_caller]
fn assert_near(own: &(History, Weights), wanted: &(History, Weights), what: &str) {
    let (figures, exact) = (figures(&own.0), figures(&wanted.0));
    assert_eq!(figures.len(), exact.len(), "{what}");
    for (own, exact) in figures.iter().zip(&exact) {
        let apart = (own - exact).abs() / exact.abs().max(1e-9);
        assert!(apart <= 1e-5, "{what}: {own} instead of {exact}");
    }
    for (name, weight) in &wanted.1.0 {
        let own = &own.1.0[name].values;
        assert_eq!(own.len(), weight.values.len(), "{what}: {name}");
        let apart = own
            .iter()
            .zip(&weight.values)
            .map(|(own, exact)| (own - exact).abs());
        let apart = apart.fold(0.0, f32::max);
        assert!(apart <= 1e-4, "{what}: {name} is apart by {apart}");
    }
}

#[test]
fn any_number_of_ranks_trains_the_same_model() {
    let json = |text: &str| serde_json::from_str(text).unwrap();
    let models = [
        (
            "dot_mf",
            r#"{"factors": 6}"#,
            Rule::ROWWISE_ADAGRAD,
            Mode::Exact,
        ),
        (
            "biased_mf",
            r#"{"factors": 5, "l2": 1e-5}"#,
            Rule::ADAM,
            Mode::Exact,
        ),
        (
            "scaled_mf",
            r#"{"factors": 4}"#,
            Rule::sgd(0.9),
            Mode::Touched,
        ),
        ("residual_mf", "{}", Rule::ADAM, Mode::Exact),
    ];
    for (model, options, rule, mode) in models {
        let mut experiment = experiment(model, json(options), rule, 2);
        experiment.training.mode = mode;
        experiment.training.split = "mask:0.8".to_string();
        let alone = trained(1, &experiment, None, false);
        for size in 2..=4 {
            let ranks = trained(size, &experiment, None, false);
            assert_near(&ranks, &alone, &format!("{model} on {size} ranks"));
        }
        let [one, other] = [(); 2].map(|()| trained(3, &experiment, None, false));
        assert_eq!(
            bits(&one.0),
            bits(&other.0),
            "{model}: the same ranks, the same bits"
        );
        assert_eq!(one.1, other.1, "{model}: the same ranks, the same bits");
    }
}

#[test]
fn a_checkpoint_of_four_ranks_continues_on_two_and_then_on_one() {
    let options = serde_json::json!({ "factors": 5, "l2": 1e-5 });
    let of = |epochs| {
        let mut experiment = experiment("biased_mf", options.clone(), Rule::ADAM, epochs);
        experiment.training.patience = Some(5);
        experiment
    };
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("checkpoint");
    trained(4, &of(1), Some(&checkpoint), false);
    trained(2, &of(2), Some(&checkpoint), true);
    let resumed = trained(1, &of(3), Some(&checkpoint), true);
    let straight = trained(1, &of(3), None, false);
    assert_near(&resumed, &straight, "4, 2 and 1 ranks");

    // One process outside MPI says whose checkpoint it is.
    let experiment = of(4);
    let prepared = experiment.prepare(None).unwrap();
    let device = pick_device(Some("flex")).unwrap();
    let mut model = experiment.network(&prepared, &device).unwrap();
    let mut trainer = experiment.trainer();
    let refused = experiment.resume(&mut trainer, &checkpoint, &mut model, &prepared);
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("the checkpoint is of a different training"),
        "{refused}"
    );
}

#[test]
fn what_does_not_train_on_several_ranks_is_named() {
    let base = experiment("biased_mf", serde_json::json!({}), Rule::ADAM, 1);
    let refused = |change: &dyn Fn(&mut Experiment)| {
        let mut experiment = base.clone();
        change(&mut experiment);
        experiment.check_spread().unwrap_err().to_string()
    };
    let split = refused(&|it| it.training.split = "time:0.8".to_string());
    assert!(
        split.contains("`time:0.8` needs all ratings in one place"),
        "{split}"
    );
    let filter = refused(&|it| it.training.filter = Some("repeats=last,users>=5".to_string()));
    assert!(filter.contains("repeated ratings"), "{filter}");
    let added = refused(&|it| it.training.add = Some("more.csv".to_string()));
    assert!(added.contains("ratings are not added"), "{added}");
    let whole = refused(&|it| it.model = "ease".to_string());
    assert!(whole.contains("fitted as a whole"), "{whole}");
}
