//! The learning rate range test.

use crate::common::{factorisation, ratings, rich};
use proptest::prelude::*;
use recburn_data::Implicit;
use recburn_nn::{Network, Weights};
use recburn_train::{
    Averaging, Judge, Loss, RateRange, RateTest, Rule, TrainError, Trainer, find_rate,
};

fn trainer(rule: Rule) -> Trainer {
    Trainer::new(rule, 0.01).batch(8).seed(3)
}

const WIDE: RateRange = RateRange {
    low: 1e-5,
    high: 1e3,
    steps: 120,
};

fn test(trainer: &Trainer, model: &Network, range: RateRange) -> RateTest {
    find_rate(trainer, model, &ratings(90), range).expect("a test that ends")
}

/// The training losses of some epochs.
fn losses(trainer: &mut Trainer, model: &mut Network, epochs: usize) -> Vec<f64> {
    let judge: Option<&dyn Judge<Network>> = None;
    trainer
        .fit(model, &ratings(90), judge, epochs)
        .expect("a training that ends");
    let epochs = trainer.history().epochs.iter();
    epochs.map(|epoch| epoch.train.loss()).collect()
}

#[test]
fn at_the_suggested_rate_training_converges() {
    for rule in [Rule::sgd(0.0), Rule::sgd(0.9), Rule::ADAM, Rule::ADAGRAD] {
        for model in [factorisation(), rich()] {
            let test = test(&trainer(rule), &model, WIDE);
            let rate = test.suggestion.expect("a loss that falls");
            let diverged = test.diverged_at.unwrap_or(WIDE.high);
            println!(
                "{rule}: {rate:.2e} of {diverged:.2e}, {:?}",
                test.tenth_of_lowest
            );
            assert!(WIDE.low < rate && rate < diverged);
            let at = |rate: f64| {
                let mut trainer = trainer(rule);
                trainer.set_learning_rate(rate);
                let losses = losses(&mut trainer, &mut model.clone(), 4);
                losses[3] / losses[0]
            };
            assert!(at(rate) < 0.9, "{rule}: {}", at(rate));
            assert!(at(rate) < at(WIDE.low), "{rule}");
        }
    }
}

#[test]
fn the_test_changes_neither_model_nor_training() {
    for start in [factorisation(), rich()] {
        for way in [
            |trainer: Trainer| trainer,
            Trainer::dense_tables,
            Trainer::reference,
            |trainer: Trainer| trainer.average(Averaging::Swa { from: 1 }),
        ] {
            let trained = |tests: bool| {
                let mut trainer = way(trainer(Rule::ADAM));
                let mut model = start.clone();
                let mut all = Vec::new();
                for _ in 0..3 {
                    if tests {
                        let before = Weights::of(&model);
                        test(&trainer, &model, WIDE);
                        assert!(Weights::of(&model) == before);
                    }
                    all = losses(&mut trainer, &mut model, 1);
                }
                (Weights::of(&model), all)
            };
            assert!(trained(true) == trained(false));
        }
    }
}

#[test]
fn the_first_loss_is_that_of_the_next_step_and_the_seed_determines_all() {
    // One batch per epoch, of all ratings in some order.
    let whole = || {
        trainer(Rule::ADAM)
            .batch(90)
            .average(Averaging::Swa { from: 1 })
    };
    let (mut trained, mut model) = (whole(), factorisation());
    losses(&mut trained, &mut model, 2);
    let first = test(&trained, &model, WIDE).losses[0];
    let next = losses(&mut trained, &mut model, 1)[2];
    assert!((first - next).abs() < 1e-6 * next, "{first} {next}");

    let seeded = |seed| test(&trainer(Rule::ADAM).seed(seed), &rich(), WIDE);
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
}

#[test]
fn every_objective_can_be_tested() {
    let data = ratings(40);
    for (loss, negatives) in [
        (Loss::Bpr, "uniform:1"),
        (Loss::Hinge, "uniform:2"),
        (Loss::Softmax, "shared-uniform:3"),
        (Loss::Logistic, "uniform:2"),
    ] {
        let train = Implicit::new(&data, negatives.parse().expect("negatives"));
        let train = train.expect("positives");
        for model in [factorisation(), rich()] {
            let trainer = trainer(Rule::ADAM).loss(loss);
            let test = find_rate(&trainer, &model, &train, WIDE).expect("a test that ends");
            assert!(test.suggestion.is_some(), "{loss}: {test:?}");
        }
    }
    let alone = trainer(Rule::ADAM).loss(Loss::Bpr);
    let error = find_rate(&alone, &rich(), &data, WIDE).expect_err("no negatives");
    assert!(matches!(error, TrainError::NoNegatives { .. }), "{error}");
}

#[test]
fn a_test_ends_when_the_loss_diverges_or_with_its_range() {
    let diverged = test(&trainer(Rule::sgd(0.0)), &factorisation(), WIDE);
    let at = diverged.diverged_at.expect("a rate that is too high");
    assert!(diverged.rates.len() < WIDE.steps);
    assert!(diverged.rates.iter().all(|&rate| rate <= at));

    // More steps than an epoch has: the test goes round the data.
    let gentle = RateRange {
        low: 1e-6,
        high: 1e-4,
        steps: 50,
    };
    let test = test(&trainer(Rule::sgd(0.0)), &factorisation(), gentle);
    assert_eq!((test.rates.len(), test.losses.len()), (50, 50));
    assert_eq!((test.rates[0], test.rates[49]), (1e-6, 1e-4));
    assert_eq!(test.diverged_at, None);
}

#[test]
fn a_range_that_is_none_is_refused() {
    let good = RateRange::default();
    for (range, fault) in [
        (
            RateRange { steps: 19, ..good },
            "the number of steps of a rate test must be 20 or more, not 19",
        ),
        (
            RateRange { low: 0.0, ..good },
            "the lowest rate of a rate test must be finite and above 0, not 0",
        ),
        (
            RateRange {
                low: f64::NAN,
                ..good
            },
            "the lowest rate of a rate test must be finite and above 0, not NaN",
        ),
        (
            RateRange {
                low: 1.0,
                high: 1.0,
                ..good
            },
            "the highest rate of a rate test must be finite and above the lowest, not 1",
        ),
        (
            RateRange {
                high: f64::INFINITY,
                ..good
            },
            "the highest rate of a rate test must be finite and above the lowest, not inf",
        ),
    ] {
        let error = find_rate(&trainer(Rule::ADAM), &rich(), &ratings(90), range);
        let error = error.expect_err("no range");
        assert_eq!(error.to_string(), fault);
    }
    let decays = trainer(Rule::adamw(0.5));
    let error = find_rate(&decays, &rich(), &ratings(90), good).expect_err("too much decay");
    assert!(error.to_string().contains("weight_decay"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn rates_rise_by_one_factor(low in 1e-8..1e-3, factor in 1.5..1e3, steps in 20_usize..60) {
        let range = RateRange { low, high: low * factor, steps };
        let test = test(&trainer(Rule::ADAM), &factorisation(), range);
        let step = f64::powf(factor, 1.0 / (steps - 1) as f64);
        for pair in test.rates.windows(2) {
            prop_assert!((pair[1] / pair[0] / step - 1.0).abs() < 1e-9);
        }
        prop_assert!(test.losses.iter().all(|loss| loss.is_finite()));
        if let Some(rate) = test.suggestion {
            prop_assert!(test.rates[steps / 10..].contains(&rate));
        }
    }
}
