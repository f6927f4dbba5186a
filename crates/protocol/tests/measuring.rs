//! How lists and errors are measured under a protocol.

mod common;

use common::{Outcome, Spy, datasets, opened, protocol, small};
use proptest::prelude::*;
use recburn_data::Cold;
use recburn_protocol::{
    Candidates, Card, Classical, ColdRows, Fold, Group, Positives, Task, TieRule,
};
use serde_json::json;

const BY_USER: &str = "by-user-hashed:0.7/0.1/0.2";

fn sampled(negatives: usize) -> Task {
    Task::Ranking {
        at: vec![3],
        candidates: Candidates::Sampled { negatives, seed: 9 },
        ties: TieRule::ItemRow,
        positives: Positives::Every,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cold_rows_are_counted_and_left_out_where_the_protocol_says_so(dataset in datasets()) {
        let mut protocol = protocol("fold:1/3", Task::RATINGS);
        let opened = protocol.with(dataset.clone()).expect("a data set");
        let (split, _) = opened.split(0).expect("two parts");
        let cold = Cold::of(&split.train, &split.valid);
        let card = opened.run(&Spy::default(), &[1], 1).expect("figures");
        let run = &card.runs[0];
        prop_assert_eq!((run.cold.users, run.cold.items, run.cold.rows), (cold.users, cold.items, cold.rows));
        prop_assert_eq!(run.figures.cold.as_ref().map_or(0, |group| group.rows), cold.rows);
        prop_assert_eq!(run.figures.all.rows, split.valid.len());
        protocol.cold = ColdRows::LeaveOut;
        let opened = protocol.with(dataset).expect("a data set");
        match opened.run(&Spy::default(), &[1], 1) {
            Ok(left) => {
                let run = &left.runs[0];
                prop_assert_eq!(run.rows.test, split.valid.len() - cold.rows);
                prop_assert_eq!(run.cold.rows, cold.rows);
                prop_assert_eq!(run.figures.cold.as_ref(), None);
                prop_assert_eq!(Some(&run.figures.all), card.runs[0].figures.warm.as_ref());
            }
            Err(error) => prop_assert_eq!(split.valid.len(), cold.rows, "{}", error),
        }
    }

    #[test]
    fn lists_are_the_same_from_one_thread_and_from_many(dataset in datasets(), seed in 0_u64..1000) {
        let opened = protocol(BY_USER, Task::full_ranking()).with(dataset).expect("a data set");
        let figures = |shared, threads| {
            let spy = Spy { shared, orders: true, ..Spy::default() };
            opened.run(&spy, &[seed], threads).expect("figures").runs[0].figures.clone()
        };
        let one = figures(false, 1);
        prop_assert_eq!(&one, &figures(true, 2));
        // Users of warm and cold rows together are all users.
        let users = |group: &Option<Group>| group.as_ref().map_or(0, |group| group.users);
        prop_assert!(users(&one.warm).max(users(&one.cold)) <= one.all.users);
        prop_assert!(users(&one.warm) + users(&one.cold) >= one.all.users);
        let rows = |group: &Option<Group>| group.as_ref().map_or(0, |group| group.rows);
        prop_assert_eq!(rows(&one.warm) + rows(&one.cold), one.all.rows);
        if one.cold.is_none() {
            let warm = one.warm.expect("warm rows");
            for (name, value) in warm.measures.iter() {
                prop_assert!((value - one.all.measures[name]).abs() < 1e-12, "{}", name);
            }
        }
    }

    #[test]
    fn more_sampled_candidates_never_raise_a_figure(dataset in datasets()) {
        let figures = |task: Task| {
            let opened = protocol("leave-last-out-hashed:1/1", task).with(dataset.clone()).expect("a data set");
            let spy = Spy { orders: true, ..Spy::default() };
            opened.run(&spy, &[5], 1).expect("figures").runs[0].figures.clone()
        };
        let full = figures(Task::Ranking { at: vec![3], candidates: Candidates::Full, ties: TieRule::ItemRow, positives: Positives::Every });
        // Samples are nested, and twelve items are all.
        let sizes = [1, 2, 5, 12].map(|negatives| figures(sampled(negatives)));
        for (few, many) in sizes.iter().zip(&sizes[1..]) {
            for (fewer, more) in few.per_user.columns["mrr@3"].iter().zip(&many.per_user.columns["mrr@3"]) {
                prop_assert!(fewer >= more);
            }
        }
        prop_assert_eq!(&sizes[3].per_user, &full.per_user);
        prop_assert_eq!(&sizes[3].all.measures["auc"], &full.all.measures["auc"]);
    }
}

#[test]
fn one_sampled_item_leaves_two_candidates() -> Outcome {
    let spy = Spy {
        orders: true,
        ..Spy::default()
    };
    let card = opened("leave-last-out-hashed:1/1", sampled(1)).run(&spy, &[1], 1)?;
    let measures = &card.runs[0].figures.all.measures;
    assert_eq!(measures["recall@3"], 1.0);
    // The mean of first and second places.
    assert!((measures["mrr"] - (1.0 + measures["auc"]) / 2.0).abs() < 1e-9);
    assert!(card.to_markdown().contains("SAMPLED"));
    Ok(())
}

#[test]
fn only_rows_from_the_threshold_on_are_relevant() -> Outcome {
    let task = |positives| Task::Ranking {
        at: vec![5],
        candidates: Candidates::Full,
        ties: TieRule::ItemRow,
        positives,
    };
    let spy = Spy {
        orders: true,
        ..Spy::default()
    };
    let every = opened(BY_USER, task(Positives::Every));
    let (split, _) = every.split(0)?;
    let rows = |card: &Card| card.runs[0].figures.all.rows;
    assert_eq!(rows(&every.run(&spy, &[1], 1)?), split.test.len());
    let some = opened(BY_USER, task(Positives::AtLeast(4.0))).run(&spy, &[1], 1)?;
    let high = split.test.ratings.iter().filter(|&&rating| rating >= 4.0);
    assert_eq!(rows(&some), high.count());
    Ok(())
}

#[test]
fn figures_are_means_over_folds_and_seeds() -> Outcome {
    let mut protocol = protocol("fold:1/3", Task::RATINGS);
    protocol.folds = ["fold:1/3", "fold:2/3", "fold:3/3"]
        .map(|split| Ok(Fold::of(split.parse()?)))
        .into_iter()
        .collect::<Result<_, recburn_data::WordError>>()?;
    let card = protocol.with(small())?.run(&Spy::default(), &[1, 2], 1)?;
    let errors: Vec<f64> = card
        .runs
        .iter()
        .map(|run| run.figures.all.measures["rmse"])
        .collect();
    assert_eq!(errors.len(), 6);
    let summary = card.summary("rmse").ok_or("no error")?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!((summary.mean - mean(&errors)).abs() < 1e-12);
    let folds: Vec<f64> = errors.chunks(2).map(mean).collect();
    let seeds = [0, 1].map(|at| mean(&[errors[at], errors[at + 2], errors[at + 4]]));
    let deviation = |values: &[f64]| {
        let square: f64 = values
            .iter()
            .map(|value| (value - mean(values)).powi(2))
            .sum();
        (square / (values.len() - 1) as f64).sqrt()
    };
    let found = summary.fold_deviation.ok_or("no deviation")?;
    assert!((found - deviation(&folds)).abs() < 1e-12);
    let found = summary.seed_deviation.ok_or("no deviation")?;
    assert!((found - deviation(&seeds)).abs() < 1e-12);
    let found = card.by_fold("rmse").ok_or("no folds")?;
    assert!(
        found
            .iter()
            .zip(&folds)
            .all(|(one, other)| (one - other).abs() < 1e-12)
    );
    assert_eq!(card.baselines[0].folds.len(), 3);
    // Every user is tested, and each has a mean over the folds.
    assert_eq!(card.by_user("user_rmse").len(), small().users.len());
    Ok(())
}

#[test]
fn clipped_predictions_are_those_that_are_measured() -> Outcome {
    let far = Spy {
        shift: 100.0,
        ..Spy::default()
    };
    let card = |clip| opened(BY_USER, Task::Ratings { clip }).run(&far, &[1], 1);
    let (plain, clipped) = (card(false)?, card(true)?);
    let rmse = |card: &Card, name| card.mean(name).ok_or("no error");
    assert!(rmse(&plain, "rmse")? > 90.0);
    assert_eq!(rmse(&clipped, "rmse")?, rmse(&clipped, "rmse_clipped")?);
    assert_eq!(rmse(&plain, "rmse_clipped")?, rmse(&clipped, "rmse")?);
    Ok(())
}

#[test]
fn a_model_that_beats_no_baseline_is_told_so() -> Outcome {
    let card = opened(BY_USER, Task::RATINGS).run(&Spy::default(), &[1], 1)?;
    let names: Vec<&str> = card.baselines.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["mean", "bias"]);
    let verdict = card
        .verdict
        .as_deref()
        .ok_or("random ratings are worse than the mean")?;
    assert!(
        verdict.starts_with("spy is no better than mean ("),
        "{verdict}"
    );
    assert!(card.to_markdown().contains(&format!("**{verdict}**")));
    let bias = Classical::new("bias", json!({}))?;
    let card = opened(BY_USER, Task::RATINGS).run(&bias, &[1], 1)?;
    // It is a baseline itself.
    let verdict = card.verdict.ok_or("biases are no better than biases")?;
    assert!(
        verdict.starts_with("bias is no better than bias ("),
        "{verdict}"
    );
    Ok(())
}
