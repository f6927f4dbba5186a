//! Effects of parameters, against values that can be computed by hand.

use crate::common::{FOUR, bowl, number, run, space};
use proptest::prelude::*;
use recburn_tune::{Direction, Effect, Outcome, Sampler, Shape, Study, Trial, spearman};
use serde_json::json;

fn close(one: Option<f64>, other: f64) -> bool {
    one.is_some_and(|one| (one - other).abs() < 1e-12)
}

#[test]
fn spearman_has_the_values_of_the_formula() {
    let pairs = |left: &[f64], right: &[f64]| -> Vec<(f64, f64)> {
        left.iter().copied().zip(right.iter().copied()).collect()
    };
    // Without ties, 1 - 6 sum d^2 / (n (n^2 - 1)): the squared differences are 1, 1, 1, 1, 0.
    let of = pairs(&[1.0, 2.0, 3.0, 4.0, 5.0], &[20.0, 10.0, 40.0, 30.0, 50.0]);
    assert!(close(spearman(&of), 1.0 - 6.0 * 4.0 / (5.0 * 24.0)));
    // The ranks are 1, 2.5, 2.5, 4 and 1, 2, 3, 4.
    let of = pairs(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]);
    assert!(close(spearman(&of), 4.5 / (4.5_f64 * 5.0).sqrt()));
    assert_eq!(spearman(&[]), None);
    assert_eq!(spearman(&[(1.0, 1.0)]), None);
}

proptest! {
    #[test]
    fn spearman_depends_on_the_order_alone(pairs in prop::collection::vec((-9_i8..9, -9_i8..9), 2..40)) {
        let pairs: Vec<(f64, f64)> = pairs.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
        let stretched: Vec<_> = pairs.iter().map(|(x, y)| (x.exp(), y.powi(3))).collect();
        let turned: Vec<_> = pairs.iter().map(|(x, y)| (*x, -y)).collect();
        let rho = spearman(&pairs);
        prop_assert_eq!(spearman(&stretched), rho);
        prop_assert_eq!(spearman(&turned), rho.map(|rho| -rho));
        prop_assert!(rho.is_none_or(|rho| (-1.0..=1.0).contains(&rho)));
    }
}

#[test]
fn choices_have_their_best_and_mean() {
    let text = "[parameters]\nrule = { choice = ['adam', 'sgd', 'none'] }\nx = { int = [1, 3] }";
    let study = Study::new(space(text), Sampler::Grid, 1);
    let evaluate = |trial: &Trial, _| match trial.values["rule"].as_str() {
        Some("adam") => Ok(Outcome::new(number(trial, "x"))),
        Some("sgd") => Ok(Outcome::new(10.0 * number(trial, "x"))),
        _ => Err("no rule"),
    };
    let results = study.run(2, None, evaluate, |_| {}).expect("a result");
    let effects = serde_json::to_value(results.effects()).expect("JSON");
    let choices = json!({ "choices": [
        { "value": "adam", "trials": 3, "best": 1.0, "mean": 2.0 },
        { "value": "sgd", "trials": 3, "best": 10.0, "mean": 20.0 },
        { "value": "none", "trials": 0, "best": null, "mean": null },
    ] });
    assert_eq!(effects[0]["shape"], choices);
    // T = 688, W = 202: 1, 2, 3 and 10, 20, 30 around their mean of 11, and around 2 and 20.
    let importance = effects[0]["importance"].as_f64();
    assert!(close(importance, (688.0 - 202.0 - 202.0 / 4.0) / 688.0));
    assert_eq!(
        effects[1]["shape"]["numbers"]["points"][4],
        json!([2.0, 20.0])
    );

    let study = study.direction(Direction::Maximize);
    let results = study.run(2, None, evaluate, |_| {}).expect("a result");
    let Shape::Choices(choices) = &results.effects()[0].shape else {
        panic!("choices")
    };
    assert_eq!((choices[0].best, choices[1].best), (Some(3.0), Some(30.0)));
}

fn importance(effects: &[Effect], name: &str) -> f64 {
    let effect = effects.iter().find(|effect| effect.parameter == name);
    effect
        .and_then(|effect| effect.importance)
        .expect("an importance")
}

#[test]
fn importance_finds_the_parameters_that_matter() {
    let study = Study::new(space(FOUR), Sampler::Random, 4).trials(400);
    let l2 = |trial: &Trial| number(trial, "options.l2").log10().powi(2) + bowl(trial) / 100.0;
    let results = run(&study, 2, None, l2);
    let effects = results.effects();
    assert_eq!(effects.len(), 4);
    assert!(importance(&effects, "options.l2") > 0.9);
    for other in ["options.factors", "options.bias", "training.dropout"] {
        assert!(importance(&effects, other) < 0.05, "{other}");
    }
    let Shape::Numbers {
        points,
        correlation,
        log,
    } = &effects[2].shape
    else {
        panic!("numbers")
    };
    assert_eq!(
        (effects[2].parameter.as_str(), *log, points.len()),
        ("options.l2", true, 400)
    );
    assert!(correlation.is_some_and(|rho| rho < -0.95));
    let Shape::Choices(choices) = &effects[0].shape else {
        panic!("choices")
    };
    assert_eq!(
        choices.iter().map(|choice| choice.trials).sum::<usize>(),
        400
    );
}

#[test]
fn without_variance_there_is_no_importance() {
    let study = Study::new(space(FOUR), Sampler::Random, 4).trials(20);
    for effect in run(&study, 1, None, |_| 0.5).effects() {
        assert_eq!(effect.importance, None, "{}", effect.parameter);
    }
    let one = run(&study.trials(1), 1, None, bowl);
    assert!(
        one.effects()
            .iter()
            .all(|effect| effect.importance.is_none())
    );
}

#[test]
fn effects_of_halving_are_those_of_the_first_rung() {
    let study = Study::new(space(FOUR), Sampler::HALVING, 4)
        .trials(27)
        .budget(1, 9);
    let results = run(&study, 1, None, |trial| {
        bowl(trial) - 100.0 * trial.budget as f64
    });
    let Shape::Numbers { points, .. } = &results.effects()[1].shape else {
        panic!("numbers")
    };
    assert_eq!(points.len(), 27);
    assert!(points.iter().all(|(_, objective)| *objective > -100.0));
}
