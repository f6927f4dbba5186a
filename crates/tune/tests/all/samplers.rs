//! What the samplers propose.

use crate::common::{FOUR, bowl, number, run, space};
use recburn_tune::{Direction, Outcome, Rung, Sampler, Study, Trial, TuneError};
use std::collections::BTreeSet;
use std::convert::Infallible;

#[test]
fn samplers_are_words() {
    let words = [
        ("random", Sampler::Random),
        ("tpe", Sampler::Tpe { startup: 16 }),
        ("tpe:5", Sampler::Tpe { startup: 5 }),
        ("halving", Sampler::Halving { eta: 3 }),
        ("halving:2", Sampler::Halving { eta: 2 }),
        ("grid", Sampler::Grid),
    ];
    for (word, sampler) in words {
        assert_eq!(word.parse::<Sampler>(), Ok(sampler));
        assert_eq!(sampler.to_string().parse::<Sampler>(), Ok(sampler));
    }
    let mistakes = [
        (
            "bayes",
            "unknown sampler 'bayes': expected random, tpe, tpe:16",
        ),
        ("random:3", "unknown sampler 'random:3'"),
        ("halving:x", "unknown sampler 'halving:x'"),
        (
            "halving:1",
            "halving needs a factor of at least 2, not 1: say halving:2",
        ),
        ("tpe:0", "tpe needs at least 1 random trial, not 0"),
    ];
    for (word, expected) in mistakes {
        let error = word.parse::<Sampler>().expect_err("a mistake").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// The smallest objective after 60 trials.
fn best(sampler: Sampler, seed: u64) -> f64 {
    let study = Study::new(space(FOUR), sampler, seed).trials(60);
    let winner = run(&study, 1, None, bowl).winner();
    winner.and_then(|of| of.value).expect("a winner")
}

#[test]
fn tpe_finds_smaller_objectives_than_random_search() {
    let median = |sampler| {
        let mut best: Vec<f64> = (0..20).map(|seed| best(sampler, seed)).collect();
        best.sort_by(f64::total_cmp);
        (best[9] + best[10]) / 2.0
    };
    let (tpe, random) = (median(Sampler::TPE), median(Sampler::Random));
    println!("median of 20 seeds after 60 trials: TPE {tpe:.4}, random search {random:.4}");
    assert!(tpe < random / 2.0, "TPE {tpe}, random search {random}");
}

#[test]
fn tpe_maximises_as_it_minimises() {
    let study = Study::new(space(FOUR), Sampler::TPE, 7).trials(40);
    let down = run(&study, 1, None, bowl);
    let up = run(&study.direction(Direction::Maximize), 1, None, |trial| {
        -bowl(trial)
    });
    let values = |of: &recburn_tune::Results| -> Vec<_> {
        of.trials.iter().map(|of| of.trial.clone()).collect()
    };
    assert_eq!(values(&down), values(&up));
    assert_eq!(
        down.winner().map(|of| of.trial),
        up.winner().map(|of| of.trial)
    );
}

#[test]
fn random_values_are_uniform_on_their_scale() {
    let text = "[parameters]\na = { float = [1e-4, 1], log = true }\nb = { int = [1, 4] }\nc = { float = [-1, 1] }";
    let study = Study::new(space(text), Sampler::Random, 3).trials(4000);
    let results = run(&study, 1, None, |_| 0.0);
    let share = |of: &dyn Fn(&Trial) -> bool| {
        results
            .trials
            .iter()
            .filter(|trial| of(&trial.trial))
            .count() as f64
            / 4000.0
    };
    // Five standard errors of a share of one half are 0.04.
    assert!((share(&|trial| number(trial, "a") < 1e-2) - 0.5).abs() < 0.04);
    assert!((share(&|trial| number(trial, "c") < 0.0) - 0.5).abs() < 0.04);
    for value in 1..=4 {
        assert!((share(&|trial| trial.values["b"] == value) - 0.25).abs() < 0.04);
    }
    // Parameters are independent of each other.
    let both = share(&|trial| number(trial, "a") < 1e-2 && number(trial, "c") < 0.0);
    assert!((both - 0.25).abs() < 0.04);
}

#[test]
fn a_parameter_more_does_not_change_the_values_of_the_others() {
    let one = Study::new(
        space("[parameters]\nb = { float = [0, 1] }"),
        Sampler::Random,
        3,
    );
    let two = space("[parameters]\na = { float = [0, 1] }\nb = { float = [0, 1] }");
    let two = Study::new(two, Sampler::Random, 3);
    let values = |study| {
        run(study, 1, None, |_| 0.0)
            .trials
            .iter()
            .map(|of| number(&of.trial, "b"))
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&one), values(&two));
}

#[test]
fn a_finite_space_is_searched_without_repetition_and_at_most_once() {
    let text = "[parameters]\na = { int = [1, 30], log = true }\nb = { choice = ['x', 'y'] }";
    for sampler in [Sampler::Random, Sampler::TPE, Sampler::Grid] {
        let study = Study::new(space(text), sampler, 1).trials(100);
        let results = run(&study, 1, None, |trial| number(trial, "a"));
        let points: BTreeSet<String> = results
            .trials
            .iter()
            .map(|of| format!("{:?}", of.trial.values))
            .collect();
        assert_eq!((results.trials.len(), points.len()), (60, 60), "{sampler}");
        assert_eq!(study.planned(), 60);
    }
}

#[test]
fn a_grid_has_all_points_in_order() {
    let text = "[parameters]\na = { int = [1, 5], step = 2 }\nb = { choice = ['x', 'y'] }";
    let study = Study::new(space(text), Sampler::Grid, 1);
    let points = run(&study, 2, None, |_| 0.0).trials;
    let points: Vec<String> = points
        .iter()
        .map(|of| format!("{}{}", of.trial.values["a"], of.trial.values["b"]))
        .collect();
    assert_eq!(
        points,
        ["1\"x\"", "1\"y\"", "3\"x\"", "3\"y\"", "5\"x\"", "5\"y\""]
    );

    let error = Study::new(space(FOUR), Sampler::Grid, 1)
        .check()
        .expect_err("no end")
        .to_string();
    assert!(
        error.starts_with("the grid has no end: `options.l2` is a range of floating-point numbers"),
        "{error}"
    );
    let error = study.trials(5).check().expect_err("too large").to_string();
    assert_eq!(error, "the grid has 6 points, but the study only 5 trials");
}

#[test]
fn the_plan_of_halving_follows_its_formula() {
    let rungs = |trials, eta, least, full| {
        let study = Study::new(space(FOUR), Sampler::Halving { eta }, 1);
        let study = study.trials(trials).budget(least, full);
        let pair = |rung: &Rung| (rung.trials, rung.budget);
        study.rungs().iter().map(pair).collect::<Vec<_>>()
    };
    assert_eq!(rungs(27, 3, 1, 27), [(27, 1), (9, 3), (3, 9), (1, 27)]);
    assert_eq!(rungs(27, 3, 2, 27), [(27, 3), (9, 9), (3, 27)]); // 1 epoch would be too few
    assert_eq!(rungs(10, 3, 1, 20), [(10, 3), (3, 7), (1, 20)]); // 20 / 9 and 20 / 3, rounded up
    assert_eq!(rungs(4, 2, 1, 100), [(4, 25), (2, 50), (1, 100)]); // not more rungs than leave one trial
    assert_eq!(rungs(5, 2, 7, 7), [(5, 7)]);
}

/// Converges to `bowl` as 1 / budget, so each budget ranks as the full one does.
fn after(trial: &Trial) -> f64 {
    bowl(trial) + 1.0 / trial.budget as f64
}

#[test]
fn halving_keeps_the_best_and_spends_its_budget() {
    let study = Study::new(space(FOUR), Sampler::HALVING, 5)
        .trials(30)
        .budget(1, 20);
    let results = run(&study, 2, None, after);
    let rungs = study.rungs();
    let spent: usize = results.trials.iter().map(|of| of.trial.budget).sum();
    assert_eq!(
        spent,
        rungs
            .iter()
            .map(|rung| rung.trials * rung.budget)
            .sum::<usize>()
    );
    assert_eq!(results.trials.len(), study.planned());

    // The same configurations, all with the full budget.
    let all = run(
        &Study::new(space(FOUR), Sampler::Random, 5).trials(30),
        1,
        None,
        bowl,
    );
    let (halved, full) = (
        results.winner().expect("a winner"),
        all.winner().expect("a winner"),
    );
    assert_eq!(
        (&halved.trial.values, halved.trial.seed),
        (&full.trial.values, full.trial.seed)
    );
    assert_eq!(halved.trial.budget, 20);

    // Each promoted trial is one of the best of the rung below, and continues it.
    let (first, rest) = results.trials.split_at(30);
    let mut values: Vec<f64> = first.iter().filter_map(|of| of.value).collect();
    values.sort_by(f64::total_cmp);
    for (of, value) in rest[..rungs[1].trials].iter().zip(values) {
        let parent = &first[of.trial.parent.expect("a parent")];
        assert_eq!(
            (parent.value, &parent.trial.values),
            (Some(value), &of.trial.values)
        );
    }
    // One row per configuration; the full budget is in front, whatever the objective.
    let board = results.leaderboard().entries;
    assert_eq!(board.len(), 30);
    assert!(board.is_sorted_by_key(|of| std::cmp::Reverse(of.trial.budget)));
}

#[test]
fn halving_never_promotes_a_failed_trial() {
    let study = Study::new(space(FOUR), Sampler::Halving { eta: 2 }, 5)
        .trials(8)
        .budget(1, 4);
    let evaluate = |trial: &Trial, _| match trial.id {
        0 | 3 => Ok(Outcome::new(trial.id as f64)),
        id if id < 8 => Err("diverged"),
        _ => Ok(Outcome::new(trial.budget as f64)),
    };
    let results = study.run(3, None, evaluate, |_| {}).expect("a result");
    let parents: Vec<_> = results
        .trials
        .iter()
        .filter_map(|of| of.trial.parent)
        .collect();
    assert_eq!(parents, [0, 3, 8, 9]); // two of four places, and then both of two
    assert_eq!(results.leaderboard().failed.len(), 6);
    assert!(results.complete);
}

#[test]
fn settings_out_of_range_are_refused() {
    let study = || Study::new(space(FOUR), Sampler::Random, 1);
    let cases = [
        (
            study().trials(0),
            "the number of trials must be at least 1, not 0",
        ),
        (
            study().generation(0),
            "the size of a generation must be at least 1, not 0",
        ),
        (
            study().budget(0, 3),
            "the smallest budget must be at least 1, not 0",
        ),
        (
            study().budget(4, 3),
            "the full budget must be at least the smallest one, but 3 is less than 4",
        ),
        (
            Study::new(space(FOUR), Sampler::Halving { eta: 0 }, 1),
            "halving needs a factor of at least 2, not 0: say halving:2",
        ),
    ];
    for (study, expected) in cases {
        let evaluate = |_: &Trial, _| Ok::<_, Infallible>(Outcome::new(0.0));
        let error = study.run(1, None, evaluate, |_| {}).expect_err("a mistake");
        assert!(matches!(error, TuneError::Setting(_)));
        assert_eq!(error.to_string(), expected);
    }
}
