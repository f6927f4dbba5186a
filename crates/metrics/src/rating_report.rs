//! Errors of explicit ratings by group of rows and by user.

use crate::error::MetricError;
use crate::rating::check;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The ratings that can be given: `min`, `min + step` and so on up to `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatingSteps {
    min: f32,
    max: f32,
    step: f32,
}

impl RatingSteps {
    /// From the ends of the scale and the distance between two ratings.
    ///
    /// # Errors
    ///
    /// [`MetricError::Scale`] unless the ends are finite and ascending, [`MetricError::Step`] unless the step is finite and above 0.
    pub fn new(min: f32, max: f32, step: f32) -> Result<Self, MetricError> {
        if !(min.is_finite() && max.is_finite() && min <= max) {
            return Err(MetricError::Scale { min, max });
        }
        match step.is_finite() && step > 0.0 {
            true => Ok(Self { min, max, step }),
            false => Err(MetricError::Step { step }),
        }
    }

    /// The nearest rating that can be given; of two that are equally near, the higher.
    ///
    /// ```
    /// let stars = recburn_metrics::RatingSteps::new(0.5, 5.0, 0.5)?;
    /// assert_eq!([3.7, 3.75, 9.0].map(|prediction| stars.round(prediction)), [3.5, 4.0, 5.0]);
    /// # Ok::<(), recburn_metrics::MetricError>(())
    /// ```
    pub fn round(&self, prediction: f32) -> f32 {
        let [min, max, step, prediction] =
            [self.min, self.max, self.step, prediction].map(f64::from);
        let last = ((max - min) / step + 0.5).floor();
        let steps = ((prediction - min) / step + 0.5).floor().clamp(0.0, last);
        ((min + steps * step) as f32).min(self.max)
    }

    /// The nearest value between the ends.
    fn clip(&self, prediction: f32) -> f32 {
        prediction.clamp(self.min, self.max)
    }
}

/// Errors of predicted ratings in some rows. `p` are the predictions, `r` the ratings, `n` the number of rows; errors are
/// in stars, and smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingGroup {
    /// The number of rows.
    pub rows: usize,
    /// The number of users in these rows.
    pub users: usize,
    /// `sum((p - r)^2) / n`, in squared stars.
    pub mse: f64,
    /// `sqrt(mse)`.
    pub rmse: f64,
    /// `sum(|p - r|) / n`.
    pub mae: f64,
    /// [`r2`]; `None` if all ratings are equal.
    pub r2: Option<f64>,
    /// `rmse` of predictions clipped to the scale.
    pub rmse_clipped: f64,
    /// `mae` of predictions clipped to the scale.
    pub mae_clipped: f64,
    /// `rmse` of predictions rounded to the nearest rating that can be given.
    pub rmse_rounded: f64,
    /// `mae` of predictions rounded to the nearest rating that can be given.
    pub mae_rounded: f64,
    /// The fraction of the rounded predictions that are the rating, in [0, 1]; larger is better.
    pub exact: f64,
    /// The mean over users of the root of the user's mean squared error: every user counts alike, however many the
    /// ratings.
    pub user_rmse: f64,
    /// The mean over users of the user's mean absolute error.
    pub user_mae: f64,
}

/// Errors of predicted ratings in all rows, and in the warm and the cold ones apart. The overall figures are dominated by
/// warm rows and hide what a model does with users or items that it has never seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingReport {
    /// All rows.
    pub all: RatingGroup,
    /// The rows whose user and item both occur in training; `None` if there are none.
    pub warm: Option<RatingGroup>,
    /// The other rows; `None` if there are none.
    pub cold: Option<RatingGroup>,
}

/// Computes a [`RatingReport`]: row `n` is the rating `ratings[n]` by `users[n]`, and cold if `is_cold(n)`.
///
/// ```
/// use recburn_metrics::{RatingSteps, rating_report};
///
/// let stars = RatingSteps::new(1.0, 5.0, 1.0)?;
/// let report = rating_report(&[7, 7, 9], &[4.2, 2.0, 3.0], &[4.0, 3.0, 3.0], |row| row == 1, stars)?;
/// assert_eq!(report.cold.map(|cold| cold.mae), Some(1.0));
/// assert_eq!(report.all.exact, 2.0 / 3.0);
/// # Ok::<(), recburn_metrics::MetricError>(())
/// ```
///
/// # Errors
///
/// No rows, unequal lengths, or a number that is not finite (the first, with its position).
pub fn rating_report(
    users: &[u32],
    predictions: &[f32],
    ratings: &[f32],
    is_cold: impl Fn(usize) -> bool,
    steps: RatingSteps,
) -> Result<RatingReport, MetricError> {
    check(predictions, ratings)?;
    if users.len() != ratings.len() {
        return Err(MetricError::Users {
            users: users.len(),
            ratings: ratings.len(),
        });
    }
    let group = |wanted: &dyn Fn(usize) -> bool| {
        let mut sums = GroupSums::default();
        for row in (0..ratings.len()).filter(|&row| wanted(row)) {
            sums.add(users[row], predictions[row], ratings[row], &steps);
        }
        sums.finish()
    };
    Ok(RatingReport {
        all: group(&|_| true).ok_or(MetricError::Empty)?,
        warm: group(&|row| !is_cold(row)),
        cold: group(&is_cold),
    })
}

/// Coefficient of determination, `1 - sum((p - r)^2) / sum((r - mean(r))^2)`: 1 for perfect predictions, 0 for those that
/// are no better than the mean of these ratings, with no lower bound.
///
/// # Errors
///
/// As [`mse`](crate::mse); [`MetricError::NoVariance`] if all ratings are equal, where it is undefined.
pub fn r2(predictions: &[f32], ratings: &[f32]) -> Result<f64, MetricError> {
    check(predictions, ratings)?;
    let mean = ratings.iter().map(|&r| f64::from(r)).sum::<f64>() / ratings.len() as f64;
    let (mut error, mut spread) = (0.0, 0.0);
    for (&prediction, &rating) in predictions.iter().zip(ratings) {
        error += (f64::from(prediction) - f64::from(rating)).powi(2);
        spread += (f64::from(rating) - mean).powi(2);
    }
    // Rounding of the mean leaves a spread where there is none.
    match ratings.iter().any(|rating| *rating != ratings[0]) {
        true => Ok(1.0 - error / spread),
        false => Err(MetricError::NoVariance),
    }
}

/// Squared and absolute errors.
#[derive(Clone, Copy, Debug, Default)]
struct Errors {
    square: f64,
    absolute: f64,
    rows: u32,
}

impl Errors {
    fn add(&mut self, prediction: f32, rating: f32) {
        let error = f64::from(prediction) - f64::from(rating);
        self.square += error * error;
        self.absolute += error.abs();
        self.rows += 1;
    }

    fn rmse(&self) -> f64 {
        (self.square / f64::from(self.rows)).sqrt()
    }

    fn mae(&self) -> f64 {
        self.absolute / f64::from(self.rows)
    }
}

#[derive(Default)]
struct GroupSums {
    plain: Errors,
    clipped: Errors,
    rounded: Errors,
    exact: usize,
    /// By user, in their order, so that the sum over users is always the same.
    users: BTreeMap<u32, Errors>,
    pairs: (Vec<f32>, Vec<f32>),
}

impl GroupSums {
    fn add(&mut self, user: u32, prediction: f32, rating: f32, steps: &RatingSteps) {
        let rounded = steps.round(prediction);
        self.plain.add(prediction, rating);
        self.clipped.add(steps.clip(prediction), rating);
        self.rounded.add(rounded, rating);
        // A rating such as 3.3 has another last digit where it is computed from steps.
        self.exact += usize::from((rounded - rating).abs() <= 1e-3 * steps.step);
        self.users.entry(user).or_default().add(prediction, rating);
        self.pairs.0.push(prediction);
        self.pairs.1.push(rating);
    }

    fn finish(self) -> Option<RatingGroup> {
        let rows = self.pairs.0.len();
        if rows == 0 {
            return None;
        }
        let users = self.users.len();
        let over_users =
            |of: fn(&Errors) -> f64| self.users.values().map(of).sum::<f64>() / users as f64;
        Some(RatingGroup {
            rows,
            users,
            mse: self.plain.square / rows as f64,
            rmse: self.plain.rmse(),
            mae: self.plain.mae(),
            r2: r2(&self.pairs.0, &self.pairs.1).ok(),
            rmse_clipped: self.clipped.rmse(),
            mae_clipped: self.clipped.mae(),
            rmse_rounded: self.rounded.rmse(),
            mae_rounded: self.rounded.mae(),
            exact: self.exact as f64 / rows as f64,
            user_rmse: over_users(Errors::rmse),
            user_mae: over_users(Errors::mae),
        })
    }
}
