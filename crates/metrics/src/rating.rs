//! Errors of explicit ratings, in stars.

use crate::error::{MetricError, Side};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Errors of predicted ratings. `p` are the predictions, `r` the ratings, `n` their number; the unit is stars (squared
/// stars for [`mse`](Self::mse)), and smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingMetrics {
    /// `sum((p - r)^2) / n`, which most models minimise.
    pub mse: f64,
    /// `sqrt(mse)`, the measure of the Netflix prize (Bennett and Lanning 2007).
    pub rmse: f64,
    /// `sum(|p - r|) / n`.
    pub mae: f64,
    /// `mae` of predictions rounded to whole stars, halves to the even star as in `numpy.round`.
    pub mae_rounded: f64,
    /// `rmse` of predictions clipped to the rating scale, as reported by Surprise (Hug 2020).
    pub rmse_clipped: f64,
    /// `mae` of predictions clipped to the rating scale.
    pub mae_clipped: f64,
}

/// One line per form: as predicted, clipped, rounded.
impl fmt::Display for RatingMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<4}  {:>9}  {:>9}  {:>9}",
            "", "predicted", "clipped", "rounded"
        )?;
        writeln!(f, "{:<4}  {:>9.4}", "mse", self.mse)?;
        writeln!(
            f,
            "{:<4}  {:>9.4}  {:>9.4}",
            "rmse", self.rmse, self.rmse_clipped
        )?;
        writeln!(
            f,
            "{:<4}  {:>9.4}  {:>9.4}  {:>9.4}",
            "mae", self.mae, self.mae_clipped, self.mae_rounded
        )
    }
}

/// All measures of [`RatingMetrics`]; `scale` holds the smallest and the largest possible rating.
///
/// # Errors
///
/// No pairs, unequal lengths, a number that is not finite (the first, with its position), or a scale out of order.
pub fn rating_metrics(
    predictions: &[f32],
    ratings: &[f32],
    scale: (f32, f32),
) -> Result<RatingMetrics, MetricError> {
    let mut sums = RatingSums::new(scale)?;
    sums.add(predictions, ratings)?;
    sums.metrics()
}

/// Running sums of all measures of [`RatingMetrics`], for pairs that arrive in blocks. The result is identical to that
/// of [`rating_metrics`] on all pairs at once, to the last digit.
#[derive(Clone, Copy, Debug)]
pub struct RatingSums {
    scale: (f32, f32),
    pairs: usize,
    plain: Errors,
    clipped: Errors,
    rounded: Errors,
}

impl RatingSums {
    /// Empty sums; `scale` holds the smallest and the largest possible rating.
    ///
    /// # Errors
    ///
    /// A scale out of order.
    pub fn new(scale: (f32, f32)) -> Result<Self, MetricError> {
        let (min, max) = scale;
        if !(min.is_finite() && max.is_finite() && min <= max) {
            return Err(MetricError::Scale { min, max });
        }
        Ok(Self {
            scale,
            pairs: 0,
            plain: Errors::default(),
            clipped: Errors::default(),
            rounded: Errors::default(),
        })
    }

    /// Adds a block.
    ///
    /// # Errors
    ///
    /// Unequal lengths, or a number that is not finite (the first, with its position among all blocks).
    pub fn add(&mut self, predictions: &[f32], ratings: &[f32]) -> Result<(), MetricError> {
        check_pairs(predictions, ratings).map_err(|error| match error {
            MetricError::NotFinite { side, index, value } => MetricError::NotFinite {
                side,
                index: index + self.pairs,
                value,
            },
            error => error,
        })?;
        let (min, max) = self.scale;
        self.plain
            .add(predictions, ratings, |prediction| prediction);
        self.clipped.add(predictions, ratings, |prediction| {
            prediction.clamp(min, max)
        });
        self.rounded.add(predictions, ratings, f32::round_ties_even);
        self.pairs += ratings.len();
        Ok(())
    }

    /// The number of pairs added.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// The measures of all pairs added.
    ///
    /// # Errors
    ///
    /// No pairs.
    pub fn metrics(&self) -> Result<RatingMetrics, MetricError> {
        if self.pairs == 0 {
            return Err(MetricError::Empty);
        }
        let [plain, clipped, rounded] =
            [self.plain, self.clipped, self.rounded].map(|sums| sums.means(self.pairs));
        Ok(RatingMetrics {
            mse: plain.square,
            rmse: plain.square.sqrt(),
            mae: plain.absolute,
            mae_rounded: rounded.absolute,
            rmse_clipped: clipped.square.sqrt(),
            mae_clipped: clipped.absolute,
        })
    }
}

/// Mean squared error, `sum((p - r)^2) / n`, in squared stars.
///
/// # Errors
///
/// No pairs, unequal lengths, or a number that is not finite (the first, with its position).
pub fn mse(predictions: &[f32], ratings: &[f32]) -> Result<f64, MetricError> {
    check(predictions, ratings)?;
    Ok(errors(predictions, ratings, |prediction| prediction).square)
}

/// Root of the mean squared error, `sqrt(sum((p - r)^2) / n)`, in stars.
///
/// # Errors
///
/// As [`mse`].
pub fn rmse(predictions: &[f32], ratings: &[f32]) -> Result<f64, MetricError> {
    mse(predictions, ratings).map(f64::sqrt)
}

/// Mean absolute error, `sum(|p - r|) / n`, in stars.
///
/// # Errors
///
/// As [`mse`].
pub fn mae(predictions: &[f32], ratings: &[f32]) -> Result<f64, MetricError> {
    check(predictions, ratings)?;
    Ok(errors(predictions, ratings, |prediction| prediction).absolute)
}

/// Errors of one form of the predictions: sums, or their means.
#[derive(Clone, Copy, Debug, Default)]
struct Errors {
    square: f64,
    absolute: f64,
}

impl Errors {
    fn add(&mut self, predictions: &[f32], ratings: &[f32], read: impl Fn(f32) -> f32) {
        for (&prediction, &rating) in predictions.iter().zip(ratings) {
            let error = f64::from(read(prediction)) - f64::from(rating);
            self.square += error * error;
            self.absolute += error.abs();
        }
    }

    fn means(self, pairs: usize) -> Self {
        Self {
            square: self.square / pairs as f64,
            absolute: self.absolute / pairs as f64,
        }
    }
}

fn errors(predictions: &[f32], ratings: &[f32], read: impl Fn(f32) -> f32) -> Errors {
    let mut sums = Errors::default();
    sums.add(predictions, ratings, read);
    sums.means(ratings.len())
}

pub(crate) fn check(predictions: &[f32], ratings: &[f32]) -> Result<(), MetricError> {
    check_pairs(predictions, ratings)?;
    match predictions.is_empty() {
        true => Err(MetricError::Empty),
        false => Ok(()),
    }
}

fn check_pairs(predictions: &[f32], ratings: &[f32]) -> Result<(), MetricError> {
    if predictions.len() != ratings.len() {
        return Err(MetricError::Lengths {
            predictions: predictions.len(),
            ratings: ratings.len(),
        });
    }
    for (side, values) in [(Side::Prediction, predictions), (Side::Rating, ratings)] {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            let value = values[index];
            return Err(MetricError::NotFinite { side, index, value });
        }
    }
    Ok(())
}
