//! Averages of weights over epochs.

use crate::common::averages::{BOTH, Keeper, PATHS, fit, trainer};
use crate::common::{distance, figures, ratings, rich};
use proptest::prelude::*;
use recburn_nn::Weights;
use recburn_train::{Averaging, Loss, Rule, TrainError, Trainer, evaluate};

const EPOCHS: usize = 5;

/// The weighted mean of weights, in `f64`.
fn mean(all: &[Weights], weight: impl Fn(usize) -> f64) -> Weights {
    let total: f64 = (0..all.len()).map(&weight).sum();
    let mut mean = all[0].clone();
    for (name, of) in &mut mean.0 {
        for (at, value) in of.values.iter_mut().enumerate() {
            let sum: f64 = all
                .iter()
                .enumerate()
                .map(|(epoch, weights)| weight(epoch) * f64::from(weights.0[name].values[at]))
                .sum();
            *value = (sum / total) as f32;
        }
    }
    mean
}

/// What a fit leaves when the ends of its epochs had these weights.
fn expected(averaging: Averaging, plain: &[Weights]) -> Weights {
    match averaging {
        Averaging::Swa { from } => match plain.get(from - 1..).filter(|all| !all.is_empty()) {
            Some(averaged) => mean(averaged, |_| 1.0),
            None => plain[plain.len() - 1].clone(),
        },
        Averaging::Ema { decay } => {
            mean(plain, |epoch| decay.powi((plain.len() - 1 - epoch) as i32))
        }
    }
}

#[test]
fn on_every_path_a_fit_leaves_the_mean_of_the_weights_of_training_and_trains_as_without_it() {
    for (path, model, way) in PATHS {
        for rule in [Rule::sgd(0.9), Rule::ADAM] {
            let keeper = Keeper::default();
            let mut plain = way(trainer(rule)).with(keeper.clone());
            let mut last = model();
            fit(&mut plain, &mut last, EPOCHS);
            let of_training = keeper.0.borrow().clone();
            assert_eq!(of_training.len(), EPOCHS);
            let late = Averaging::Swa { from: EPOCHS + 1 };
            for averaging in [BOTH[0], BOTH[1], late] {
                let keeper = Keeper::default();
                let mut averaged = way(trainer(rule)).average(averaging).with(keeper.clone());
                let mut model = model();
                fit(&mut averaged, &mut model, EPOCHS);
                let seen = keeper.0.borrow().clone();
                assert!(
                    seen[EPOCHS - 1] == Weights::of(&model),
                    "{path} {averaging}"
                );
                for (epoch, seen) in seen.iter().enumerate() {
                    let wanted = expected(averaging, &of_training[..=epoch]);
                    let apart = distance(seen, &wanted);
                    assert!(apart < 5e-7, "{path} {rule} {averaging} {epoch}: {apart}");
                }
                let (own, other) = (averaged.history(), plain.history());
                for (own, other) in own.epochs.iter().zip(&other.epochs) {
                    assert_eq!(own.train, other.train, "{path} {rule} {averaging}");
                }
                let valid = evaluate(&model, &ratings(20), Loss::Mse).expect("measures");
                let record = own.last().expect("epochs");
                assert_eq!(record.valid.as_ref(), Some(&valid), "{path} {averaging}");
                assert_eq!(record.penalty, averaged.penalty());
            }
        }
    }
}

#[test]
fn the_penalty_is_that_of_the_averages() {
    let square = |values: &[f32]| -> f64 {
        let squares = values.iter().map(|&w| f64::from(w) * f64::from(w));
        squares.sum()
    };
    for (path, model, way) in PATHS {
        let mut trainer = way(trainer(Rule::ADAM)).average(BOTH[0]);
        let mut model = model();
        fit(&mut trainer, &mut model, 3);
        let weights = Weights::of(&model);
        let expected = match weights.0.get("hidden.weight") {
            Some(kernel) => 1e-3 * (square(&weights.0["p.weight"].values) + square(&kernel.values)),
            None => {
                let rows = weights.0["p.weight"].values.chunks_exact(4);
                let squares: Vec<f64> = rows.map(square).collect();
                let train = ratings(45);
                let looked_up = train.users.iter().map(|user| squares[user.0 as usize]);
                1e-2 * looked_up.sum::<f64>() / 45.0
            }
        };
        let seen = trainer.penalty();
        assert!(
            (seen - expected).abs() < 1e-6 * expected,
            "{path}: {seen} {expected}"
        );
    }
}

#[test]
fn several_fits_are_one_longer_fit() {
    for (path, start, way) in PATHS {
        for averaging in BOTH {
            let train = |fits: &[usize]| {
                let mut trainer = way(trainer(Rule::ADAM)).average(averaging);
                let mut model = start();
                for &epochs in fits {
                    fit(&mut trainer, &mut model, epochs);
                }
                (Weights::of(&model), figures(trainer.history()))
            };
            let straight = train(&[5]);
            for fits in [&[2, 3][..], &[1, 1, 3], &[4, 1]] {
                assert!(train(fits) == straight, "{path} {averaging} {fits:?}");
            }
        }
    }
}

#[test]
fn a_model_with_other_weights_begins_other_averages() {
    for averaging in BOTH {
        let mut averaged = trainer(Rule::sgd(0.0)).average(averaging);
        fit(&mut averaged, &mut rich(), 2);
        let mut plain = trainer(Rule::sgd(0.0));
        fit(&mut plain, &mut rich(), 2);
        let (mut one, mut other) = (rich(), rich());
        fit(&mut averaged, &mut one, 1);
        fit(&mut plain, &mut other, 1);
        assert!(Weights::of(&one) == Weights::of(&other), "{averaging}");
    }
}

#[test]
fn settings_out_of_range_and_other_settings_in_a_checkpoint_are_refused() {
    for (averaging, fault) in [
        (
            Averaging::Ema { decay: 0.0 },
            "the decay of averaged weights must be above 0 and below 1, not 0",
        ),
        (
            Averaging::Ema { decay: 1.0 },
            "the decay of averaged weights must be above 0 and below 1, not 1",
        ),
        (
            Averaging::Ema { decay: f64::NAN },
            "the decay of averaged weights must be above 0 and below 1, not NaN",
        ),
        (
            Averaging::Swa { from: 0 },
            "the first averaged epoch must be 1 or more, not 0",
        ),
    ] {
        let error = trainer(Rule::ADAM)
            .average(averaging)
            .fit(&mut rich(), &ratings(45), Some(&ratings(20)), 1)
            .expect_err("out of range");
        assert_eq!(error.to_string(), fault);
    }
    let home = tempfile::tempdir().expect("a folder");
    let mut averaged = trainer(Rule::ADAM).average(BOTH[0]);
    let mut model = rich();
    fit(&mut averaged, &mut model, 2);
    let folder = home.path().join("checkpoint");
    averaged.save_checkpoint(&folder, &model).expect("a folder");
    let error = trainer(Rule::ADAM)
        .resume(&folder, &mut model)
        .expect_err("without averages");
    assert!(
        error.to_string().contains("averaging was swa:2, is none"),
        "{error}"
    );
}

#[test]
fn the_memory_of_averages_is_planned() {
    let is_refused = |trainer: Trainer, limit: u64| {
        let mut trainer = trainer.memory_limit(limit);
        let fitted = trainer.fit(&mut rich(), &ratings(45), Some(&ratings(20)), 1);
        matches!(fitted, Err(TrainError::Memory(_)))
    };
    let enough = (0..1_u64 << 20).step_by(256);
    let enough = enough.take_while(|&limit| is_refused(trainer(Rule::ADAM), limit));
    let enough = enough.last().expect("some memory is needed") + 256;
    assert!(!is_refused(trainer(Rule::ADAM), enough));
    assert!(is_refused(trainer(Rule::ADAM).average(BOTH[0]), enough));
}

#[test]
fn what_is_no_averaging_is_refused_with_the_words_that_are() {
    for (word, fault) in [
        (
            "swa",
            "unknown averaging `swa`: expected swa:EPOCH or ema:DECAY",
        ),
        (
            "ema:",
            "unknown averaging `ema:`: expected swa:EPOCH or ema:DECAY",
        ),
        (
            "mean:3",
            "unknown averaging `mean:3`: expected swa:EPOCH or ema:DECAY",
        ),
        (
            "swa:x",
            "`x` in the averaging `swa:x` is not a setting with a number: expected swa:EPOCH or ema:DECAY",
        ),
        (
            "swa:-1",
            "`-1` in the averaging `swa:-1` is not a setting with a number: expected swa:EPOCH or ema:DECAY",
        ),
        (
            "swa:0",
            "the averaging `swa:0`: the first averaged epoch must be 1 or more, not 0",
        ),
        (
            "ema:1",
            "the averaging `ema:1`: the decay of averaged weights must be above 0 and below 1, not 1",
        ),
        (
            "ema:-0.5",
            "the averaging `ema:-0.5`: the decay of averaged weights must be above 0 and below 1, not -0.5",
        ),
    ] {
        let error = word.parse::<Averaging>().expect_err("no averaging");
        assert_eq!(error.to_string(), fault);
        let json = serde_json::to_string(word).expect("text");
        let error = serde_json::from_str::<Averaging>(&json).expect_err("no averaging");
        assert!(error.to_string().contains(fault), "{error}");
    }
}

proptest! {
    #[test]
    fn words_are_read_as_they_are_written(from in 1_usize.., decay in 1e-12..1.0 - 1e-12) {
        for averaging in [Averaging::Swa { from }, Averaging::Ema { decay }] {
            prop_assert_eq!(averaging.to_string().parse(), Ok(averaging));
            let json = serde_json::to_string(&averaging).expect("text");
            prop_assert_eq!(&json, &format!("\"{averaging}\""));
            prop_assert_eq!(serde_json::from_str::<Averaging>(&json).ok(), Some(averaging));
        }
    }
}
