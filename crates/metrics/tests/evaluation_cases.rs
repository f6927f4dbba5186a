//! Small evaluations whose figures are known, and mistakes.

use recburn_metrics::{
    EvaluationError, Gain, Popularity, RankingError, RankingEvaluator, Ranks, UserItems,
};
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

#[test]
fn the_tie_average_is_the_mean_over_all_numberings_of_the_items() {
    let scores = [0.5, 0.5, 0.9, 0.5, 0.1];
    let gains = [2.0, 1.0];
    let mut orders = vec![vec![]];
    for _ in 0..scores.len() {
        let longer = orders.iter().flat_map(|order: &Vec<u32>| {
            let free = (0..5).filter(|item| !order.contains(item));
            free.map(|item| [&order[..], &[item]].concat())
        });
        orders = longer.collect();
    }
    assert_eq!(orders.len(), 120);
    for k in 1..=5 {
        let mut sum = 0.0;
        for order in &orders {
            let mut renamed = [0.0; 5];
            for (item, score) in scores.into_iter().enumerate() {
                renamed[order[item] as usize] = score;
            }
            let ranks = Ranks::of(&renamed, &[order[0], order[4]]).expect("a list");
            sum += ranks
                .ndcg_graded(&gains, k, Gain::Exponential)
                .expect("gains");
            let averaged = ranks.ndcg_tie_averaged(&gains, k, Gain::Exponential);
            let plain = Ranks::of(&scores, &[0, 4]).expect("a list");
            let expected = plain.ndcg_tie_averaged(&gains, k, Gain::Exponential);
            assert!((averaged.expect("gains") - expected.expect("gains")).abs() < 1e-12);
        }
        let plain = Ranks::of(&scores, &[0, 4]).expect("a list");
        let averaged = plain.ndcg_tie_averaged(&gains, k, Gain::Exponential);
        assert!(
            (averaged.expect("gains") - sum / 120.0).abs() < 1e-12,
            "{k}"
        );
    }
}

#[test]
fn constant_scores_gain_nothing_where_ties_are_averaged() {
    let relevant = UserItems::of([(0, 0), (0, 1)]);
    let result = RankingEvaluator::new(1, 100, &relevant)
        .evaluate(|_, scores| {
            scores.fill(1.0);
            Ok::<(), Infallible>(())
        })
        .expect("one user");
    assert_eq!((result.means["ndcg@10"], result.means["auc"]), (1.0, 0.5));
    let discounts: f64 = (2..12).map(|rank| 1.0 / f64::from(rank).log2()).sum();
    let expected = discounts * 2.0 / 100.0 / (1.0 + 1.0 / 3_f64.log2());
    assert!((result.means["ndcg_tied@10"] - expected).abs() < 1e-12);
}

#[test]
fn scores_that_are_missing_or_nan_are_ranked_last_and_counted() {
    let relevant = UserItems::of([(0, 3), (1, 3)]);
    let result = RankingEvaluator::new(2, 4, &relevant)
        .keep_users()
        .evaluate(|users, scores| {
            for (user, scores) in users.iter().zip(scores.chunks_exact_mut(4)) {
                match user {
                    0 => scores[..3].copy_from_slice(&[f32::NEG_INFINITY, 0.0, f32::NAN]),
                    _ => scores.fill(0.0),
                }
            }
            Ok::<(), Infallible>(())
        })
        .expect("two users");
    assert_eq!(result.nan_users, 1);
    let kept = result.per_user.expect("kept");
    assert_eq!(kept.column("mrr"), Some(vec![0.25, 0.25]));
    assert_eq!(kept.column("auc"), Some(vec![0.5 / 3.0, 0.5]));
    assert_eq!(kept.column("no such measure"), None);
}

#[test]
fn mistakes_are_errors() {
    let relevant = UserItems::of([(0, 3), (2, 1)]);
    let constant = |_: &[u32], scores: &mut [f32]| -> Result<(), Infallible> {
        scores.fill(0.0);
        Ok(())
    };
    let evaluator = RankingEvaluator::new(3, 4, &relevant);
    let wrong = |evaluator: &RankingEvaluator<'_>| match evaluator.evaluate(constant) {
        Err(EvaluationError::Ranking(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(&evaluator.clone().at([0, 5])), RankingError::Cutoff);
    assert_eq!(wrong(&evaluator.clone().at([])), RankingError::Cutoff);
    let none = RankingEvaluator::new(3, 0, &relevant);
    assert_eq!(wrong(&none), RankingError::Catalogue { items: 0 });
    let few = RankingEvaluator::new(3, 3, &relevant);
    assert_eq!(wrong(&few), RankingError::Item { item: 3, items: 3 });
    let beyond = UserItems::of([(2, 9)]);
    assert_eq!(
        wrong(&evaluator.clone().leaving_out(&beyond)),
        RankingError::Item { item: 9, items: 4 }
    );
    let negative = |_: u32, _: u32| -1.0;
    assert_eq!(
        wrong(&evaluator.clone().graded(&negative)),
        RankingError::Gain { gain: -1.0 }
    );
    let popularity = Popularity {
        counts: &[1],
        users: 1,
    };
    assert_eq!(
        wrong(&evaluator.clone().popularity(popularity)),
        RankingError::Popularity {
            counts: 1,
            items: 4
        }
    );
    let nothing = UserItems::default();
    assert_eq!(
        wrong(&RankingEvaluator::new(3, 4, &nothing)),
        RankingError::NoUsers { users: 3 }
    );
    assert!(matches!(
        Ranks::of(&[1.0], &[0, 0]),
        Err(RankingError::Repeated { item: 0 })
    ));
    assert!(matches!(
        Ranks::of(&[1.0], &[1]),
        Err(RankingError::Item { item: 1, items: 1 })
    ));
    let ranks = Ranks::of(&[1.0], &[0]).expect("a list");
    let missing = ranks.ndcg_graded(&[], 1, Gain::Linear);
    assert_eq!(
        missing,
        Err(RankingError::Gains {
            gains: 0,
            relevant: 1
        })
    );
    let huge = ranks.ndcg_graded(&[5000.0], 1, Gain::Exponential);
    assert_eq!(huge, Err(RankingError::Gain { gain: 5000.0 }));
}

#[test]
fn the_error_of_the_first_failing_block_is_returned() {
    let relevant = UserItems::of((0..50).map(|user| (user, 0)));
    let fail = |users: &[u32], _: &mut [f32]| match users[0] {
        user if user >= 20 => Err(std::io::Error::other(user.to_string())),
        _ => Ok(()),
    };
    for threads in 1..4 {
        let evaluator = RankingEvaluator::new(50, 2, &relevant)
            .block(5)
            .threads(threads);
        for outcome in [evaluator.evaluate(fail), evaluator.evaluate_serial(fail)] {
            match outcome {
                Err(EvaluationError::Scores(error)) => assert_eq!(error.to_string(), "20"),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_panic_of_the_scores_ends_the_evaluation() {
    let relevant = UserItems::of((0..50).map(|user| (user, 0)));
    let evaluator = RankingEvaluator::new(50, 2, &relevant).block(1).threads(3);
    let fill = |users: &[u32], _: &mut [f32]| -> Result<(), Infallible> {
        assert!(users[0] < 20, "no such user");
        Ok(())
    };
    for serial in [false, true] {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| match serial {
            true => evaluator.evaluate_serial(fill).is_ok(),
            false => evaluator.evaluate(fill).is_ok(),
        }));
        assert!(outcome.is_err());
    }
}
