//! Losses over rows of scores: their figures, and their slopes by finite differences.

use proptest::prelude::*;
use recburn_optim::{Goal, Loss};

const ALL: [Loss; 7] = [
    Loss::Mse,
    Loss::Mae,
    Loss::HUBER,
    Loss::Logistic,
    Loss::Bpr,
    Loss::Hinge,
    Loss::Softmax,
];

const SCORES: [f32; 6] = [0.5, -1.0, 2.0, 1.5, 0.25, -0.75];

fn ranked<'a>(positives: &'a [u32], weights: &'a [f32]) -> Goal<'a> {
    Goal {
        queries: positives.len(),
        candidates: 3,
        targets: &[],
        positives,
        left_out: &[],
        log_q: &[],
        weights,
    }
}

/// Of mse, logistic, bpr, hinge and softmax, softmax with corrections, and bpr and softmax with one candidate left out.
const FIGURES: [f64; 8] = [
    7.125,
    4.635645932,
    6.446615648,
    9.125,
    9.483329125,
    11.54811108,
    4.891198341,
    5.681096359,
];

/// Worked out from the formulas with another program.
#[test]
fn losses_of_a_small_example_are_those_of_the_formulas() {
    let (positives, weights) = ([0, 2], [1.0, 3.0]);
    let goal = ranked(&positives, &weights);
    let log_q = [-1.0, -2.0, -0.5];
    let corrected = Goal {
        log_q: &log_q,
        ..goal
    };
    let without = Goal {
        left_out: &[3],
        ..goal
    };
    for (loss, goal, wanted) in [
        (Loss::Mse, goal, FIGURES[0]),
        (Loss::Logistic, goal, FIGURES[1]),
        (Loss::Bpr, goal, FIGURES[2]),
        (Loss::Hinge, goal, FIGURES[3]),
        (Loss::Softmax, goal, FIGURES[4]),
        (Loss::Softmax, corrected, FIGURES[5]),
        (Loss::Bpr, without, FIGURES[6]),
        (Loss::Softmax, without, FIGURES[7]),
    ] {
        let seen = loss.sum(&goal, &SCORES);
        assert!((seen - wanted).abs() < 1e-6, "{loss}: {seen}, not {wanted}");
    }
}

#[test]
fn with_targets_the_softmax_is_the_multinomial_likelihood() {
    let (one, two) = (ranked(&[0, 2], &[]), ranked(&[1, 2], &[]));
    // One positive is one target, and the losses of several are added up.
    let targets = [1.0, 1.0, 0.0, 0.0, 0.0, 2.0];
    let goal = Goal {
        targets: &targets,
        positives: &[],
        queries: 2,
        ..one
    };
    let mut slopes = [[0.0; 6]; 3];
    let both = Loss::Softmax.slopes(&one, &SCORES, &mut slopes[0])
        + Loss::Softmax.slopes(&two, &SCORES, &mut slopes[1]);
    let seen = Loss::Softmax.slopes(&goal, &SCORES, &mut slopes[2]);
    assert!((seen - both).abs() < 1e-6, "{seen}, not {both}");
    for at in 0..6 {
        let sum = slopes[0][at] + slopes[1][at];
        assert!((slopes[2][at] - sum).abs() < 1e-6, "{slopes:?}");
    }
}

#[test]
fn the_first_candidate_is_the_positive_unless_said_otherwise() {
    let zeros = [0, 0];
    for loss in ALL {
        let said = loss.sum(&ranked(&zeros, &[]), &SCORES);
        let unsaid = Goal {
            queries: 2,
            ..ranked(&[], &[])
        };
        assert_eq!(loss.sum(&unsaid, &SCORES), said);
    }
}

#[test]
fn scores_far_from_zero_give_finite_losses_and_slopes() {
    for scale in [50.0, 1e4, 1e30] {
        let scores = SCORES.map(|score| score * scale);
        for loss in ALL {
            let mut slopes = [f32::NAN; 6];
            let sum = loss.slopes(&ranked(&[0, 2], &[]), &scores, &mut slopes);
            assert!(!sum.is_nan(), "{loss}");
            assert!(slopes.iter().all(|slope| !slope.is_nan()), "{loss}");
        }
    }
}

#[test]
fn a_query_of_weight_zero_moves_nothing() {
    for loss in ALL {
        let mut slopes = [f32::NAN; 6];
        let both = loss.slopes(&ranked(&[0, 2], &[1.0, 0.0]), &SCORES, &mut slopes);
        let mut alone = [0.0; 3];
        let first = loss.slopes(&ranked(&[0], &[]), &SCORES[..3], &mut alone);
        assert_eq!(both, first);
        assert_eq!(slopes[..3], alone);
        assert_eq!(slopes[3..], [0.0; 3]);
    }
}

proptest! {
    #[test]
    fn slopes_are_the_derivatives_of_the_mean_loss(
        scores in prop::collection::vec(-3.0f32..3.0, 12),
        targets in prop::collection::vec(0.0f32..1.0, 12),
        positives in prop::collection::vec(0u32..4, 3),
        weights in prop::collection::vec(0.5f32..2.0, 3),
        log_q in prop::collection::vec(-2.0f32..0.0, 4),
        left_out in prop::collection::btree_set(0u32..12, 0..4),
        by_targets in any::<bool>(),
    ) {
        let positives_of: Vec<u32> = (0..3).map(|query| query * 4 + positives[query as usize]).collect();
        let left_out: Vec<u32> = left_out.into_iter().filter(|place| !positives_of.contains(place)).collect();
        let goal = Goal {
            queries: 3,
            candidates: 4,
            targets: if by_targets { &targets } else { &[] },
            positives: &positives,
            left_out: &left_out,
            log_q: &log_q,
            weights: &weights,
        };
        for loss in ALL {
            if by_targets && loss.ranks() && loss != Loss::Softmax {
                continue;
            }
            let mut slopes = vec![0.0; 12];
            let mean = |sum: f64| sum / goal.total_weight();
            prop_assert_eq!(loss.slopes(&goal, &scores, &mut slopes), loss.sum(&goal, &scores));
            for at in 0..12 {
                let moved = |by: f32| {
                    let mut moved = scores.clone();
                    moved[at] += by;
                    mean(loss.sum(&goal, &moved))
                };
                let (there, back, here) = (moved(1e-3), moved(-1e-3), moved(0.0));
                // Where a loss has a corner the two sides differ, and its slope is one of them, or between them.
                let (right, left) = ((there - here) / 1e-3, (here - back) / 1e-3);
                let (low, high) = (left.min(right) - 2e-3, left.max(right) + 2e-3);
                let slope = f64::from(slopes[at]);
                prop_assert!((low..=high).contains(&slope), "{}: {} not in {}..{}", loss, slope, low, high);
            }
        }
    }
}
