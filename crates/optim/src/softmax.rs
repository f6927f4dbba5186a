//! The softmax loss of one query, vectorised over its candidates: with a whole catalogue it is a large part of a step.

use crate::exponential::exp;
use crate::goal::RowGoal;
use pulp::Arch;

/// The number of lanes of running maxima and sums.
const LANES: usize = 16;

/// Replaces each number by `exp(x - largest)`, and returns the largest number and the sum of the exponentials.
#[inline(always)]
fn exponentials(numbers: &mut [f32]) -> (f32, f64) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for chunk in whole {
        for (largest, number) in lanes.iter_mut().zip(chunk) {
            *largest = if number > largest { *number } else { *largest };
        }
    }
    let largest = lanes.iter().chain(rest).copied();
    let largest = largest.fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0f32; LANES];
    let (whole, rest) = numbers.as_chunks_mut::<LANES>();
    for chunk in whole {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *number = exp(*number - largest);
            *sum += *number;
        }
    }
    for (sum, number) in sums.iter_mut().zip(rest) {
        *number = exp(*number - largest);
        *sum += *number;
    }
    (largest, sums.iter().map(|&sum| f64::from(sum)).sum())
}

/// The sum of the products, in `f64`.
fn product(left: &[f32], right: &[f32]) -> f64 {
    let products = left.iter().zip(right);
    products
        .map(|(&left, &right)| f64::from(left) * f64::from(right))
        .sum()
}

/// The loss of one query; writes its derivatives by the scores, multiplied by a share, to `slopes`.
pub(crate) fn softmax(goal: &RowGoal<'_>, scores: &[f32], slopes: &mut [f32], share: f32) -> f64 {
    let positive = goal.positive;
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let slopes = &mut *slopes;
            slopes.copy_from_slice(scores);
            for (slope, log_q) in slopes.iter_mut().zip(goal.log_q) {
                *slope -= log_q;
            }
            // The sum of the targets, and that of targets times scores.
            let (whole, of_positives) = match goal.targets {
                None => (1.0, f64::from(slopes[positive])),
                Some(targets) => {
                    let mut whole: f64 = targets.iter().map(|&target| f64::from(target)).sum();
                    let mut sum = product(targets, slopes);
                    goal.each_left_out(|place| {
                        whole -= f64::from(targets[place]);
                        sum -= f64::from(targets[place]) * f64::from(slopes[place]);
                    });
                    (whole, sum)
                }
            };
            goal.each_left_out(|place| slopes[place] = f32::NEG_INFINITY);
            let (largest, sum) = exponentials(slopes);
            let scale = share * whole as f32 / sum as f32;
            slopes.iter_mut().for_each(|slope| *slope *= scale);
            match goal.targets {
                None => slopes[positive] -= share,
                Some(targets) => {
                    for (slope, target) in slopes.iter_mut().zip(targets) {
                        *slope -= share * target;
                    }
                }
            }
            goal.each_left_out(|place| slopes[place] = 0.0);
            whole * (sum.ln() + f64::from(largest)) - of_positives
        },
    )
}
