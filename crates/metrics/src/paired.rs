//! Whether one model is better than another: comparisons of the same users' measures.

use crate::error::ComparisonError;
use crate::special::{binomial_at_most, student_two_sided};
use serde::{Deserialize, Serialize};

/// The paired t test of `left - right` (Student 1908). It assumes that the mean difference is about normal, which holds for
/// hundreds of users.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedT {
    /// The number of pairs.
    pub pairs: usize,
    /// The mean difference.
    pub mean: f64,
    /// The standard error of the mean difference, `s / sqrt(pairs)`.
    pub standard_error: f64,
    /// `mean / standard_error`; 0 if both are 0, infinite if all differences are equal and not 0.
    pub t: f64,
    /// The probability of a `|t|` at least as large if there were no difference: two-sided, with `pairs - 1` degrees of
    /// freedom. In [0, 1].
    pub p: f64,
}

/// The sign test of `left - right`: how often which is larger, without assumptions on the size of the difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignTest {
    /// Pairs whose left value is larger.
    pub wins: usize,
    /// Pairs whose right value is larger.
    pub losses: usize,
    /// Pairs with equal values, which the test leaves out.
    pub ties: usize,
    /// The exact two-sided probability of wins and losses at least as unequal if both were equally likely:
    /// `min(1, 2 P(X <= min(wins, losses)))` for `X` binomial. In [0, 1]; 1 if all are ties.
    pub p: f64,
}

/// The paired bootstrap of `mean(left) - mean(right)` (Efron and Tibshirani 1993): users are drawn with replacement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedBootstrap {
    /// The mean difference of all pairs.
    pub mean: f64,
    /// The 2.5th percentile of the resampled mean differences.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
    /// Twice the share of the resampled means on the other side of 0, zeros included, where the sample itself is counted
    /// as one more of them, at most 1: `min(1, 2 (1 + min(#{<= 0}, #{>= 0})) / (1 + resamples))`.
    pub p: f64,
}

/// Compares two columns of the same users by the paired t test.
///
/// Users of whom both measures are NaN, for whom they are undefined, are left out.
///
/// ```
/// let t = recburn_metrics::paired_t(&[0.5, 0.7, 0.9], &[0.4, 0.5, 0.6])?;
/// assert!((t.t - 0.2 / (0.1 / 3_f64.sqrt())).abs() < 1e-9);
/// assert!((t.p - 0.0742).abs() < 1e-4);
/// # Ok::<(), recburn_metrics::ComparisonError>(())
/// ```
///
/// # Errors
///
/// [`ComparisonError::Lengths`] for columns of unequal length, [`ComparisonError::NotFinite`] for a value that is
/// infinite or NaN on one side only, [`ComparisonError::Few`] for fewer than two pairs.
pub fn paired_t(left: &[f64], right: &[f64]) -> Result<PairedT, ComparisonError> {
    let differences = differences(left, right, 2)?;
    let pairs = differences.len();
    let count = pairs as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let square: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let standard_error = (square / (count - 1.0) / count).sqrt();
    let t = match mean == 0.0 {
        true => 0.0,
        false => mean / standard_error,
    };
    Ok(PairedT {
        pairs,
        mean,
        standard_error,
        t,
        p: student_two_sided(t, count - 1.0),
    })
}

/// Compares two columns of the same users by the sign test.
///
/// ```
/// let test = recburn_metrics::sign_test(&[1.0, 1.0, 1.0, 0.5], &[0.0, 0.0, 0.0, 0.5])?;
/// assert_eq!((test.wins, test.losses, test.ties), (3, 0, 1));
/// assert!((test.p - 0.25).abs() < 1e-12); // twice one eighth
/// # Ok::<(), recburn_metrics::ComparisonError>(())
/// ```
///
/// # Errors
///
/// As [`paired_t`], with one pair as the fewest.
pub fn sign_test(left: &[f64], right: &[f64]) -> Result<SignTest, ComparisonError> {
    let differences = differences(left, right, 1)?;
    let wins = differences.iter().filter(|d| **d > 0.0).count();
    let losses = differences.iter().filter(|d| **d < 0.0).count();
    Ok(SignTest {
        wins,
        losses,
        ties: differences.len() - wins - losses,
        p: (2.0 * binomial_at_most(wins.min(losses), wins + losses)).min(1.0),
    })
}

/// Compares two columns of the same users by this many resamples; the same seed gives the same result on every platform.
/// A thousand resamples give percentiles to about two digits.
///
/// # Errors
///
/// As [`paired_t`], with one pair as the fewest; [`ComparisonError::Resamples`] without resamples.
pub fn paired_bootstrap(
    left: &[f64],
    right: &[f64],
    resamples: usize,
    seed: u64,
) -> Result<PairedBootstrap, ComparisonError> {
    let differences = differences(left, right, 1)?;
    if resamples == 0 {
        return Err(ComparisonError::Resamples);
    }
    let count = differences.len();
    let mut state = seed;
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| {
            let draws = (0..count).map(|_| {
                let at = u128::from(split_mix(&mut state)) * count as u128;
                differences[(at >> 64) as usize]
            });
            draws.sum::<f64>() / count as f64
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let not_above = means.iter().filter(|mean| **mean <= 0.0).count();
    let not_below = means.iter().filter(|mean| **mean >= 0.0).count();
    let share = (1 + not_above.min(not_below)) as f64 / (1 + resamples) as f64;
    Ok(PairedBootstrap {
        mean: differences.iter().sum::<f64>() / count as f64,
        low: quantile(&means, 0.025),
        high: quantile(&means, 0.975),
        p: (2.0 * share).min(1.0),
    })
}

/// Probabilities adjusted for the number of comparisons (Holm 1979), in the order given: with the `m` probabilities
/// ascending, the largest of `(m - i) p_i` up to each one, counted from 0, at most 1. Comparisons whose adjusted
/// probability is at most 0.05 contain a single false one with a probability of at most 0.05.
///
/// ```
/// let adjusted = recburn_metrics::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&left, &right| probabilities[left].total_cmp(&probabilities[right]));
    let mut adjusted = vec![0.0; probabilities.len()];
    let mut largest = 0.0_f64;
    for (place, &at) in order.iter().enumerate() {
        let factor = (probabilities.len() - place) as f64;
        largest = largest.max(factor * probabilities[at]).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

/// The differences of the pairs that are defined.
fn differences(left: &[f64], right: &[f64], fewest: usize) -> Result<Vec<f64>, ComparisonError> {
    if left.len() != right.len() {
        return Err(ComparisonError::Lengths {
            left: left.len(),
            right: right.len(),
        });
    }
    let pairs = left.iter().zip(right).enumerate();
    let defined = pairs.filter(|(_, (left, right))| !(left.is_nan() && right.is_nan()));
    let differences =
        defined.map(
            |(index, (&left, &right))| match left.is_finite() && right.is_finite() {
                true => Ok(left - right),
                false => Err(ComparisonError::NotFinite { index, left, right }),
            },
        );
    let differences: Vec<f64> = differences.collect::<Result<_, _>>()?;
    match differences.len() {
        pairs if pairs < fewest => Err(ComparisonError::Few { pairs, fewest }),
        _ => Ok(differences),
    }
}

/// The quantile of sorted values, interpolated linearly as by NumPy.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low])
}

/// The generator SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
