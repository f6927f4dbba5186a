//! Errors of metrics.

use std::fmt;

/// One of the two slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The model's prediction.
    Prediction,
    /// The true rating.
    Rating,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prediction => "prediction",
            Self::Rating => "rating",
        })
    }
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// There is nothing to average.
    #[error("there are no pairs to score")]
    Empty,
    /// Predictions and ratings come in pairs.
    #[error("{predictions} predictions for {ratings} ratings")]
    Lengths {
        /// Number of predictions.
        predictions: usize,
        /// Number of ratings.
        ratings: usize,
    },
    /// A number is NaN or infinite.
    #[error("{side} {index} is {value}, which is not finite")]
    NotFinite {
        /// The slice that contains it.
        side: Side,
        /// Its position, from 0.
        index: usize,
        /// The value.
        value: f32,
    },
    /// The ends of the rating scale are not finite numbers in ascending order.
    #[error("invalid rating scale: {min} to {max}")]
    Scale {
        /// The lower end given.
        min: f32,
        /// The upper end given.
        max: f32,
    },
    /// The step of the rating scale is not a finite number above 0.
    #[error("invalid step of the rating scale: {step}")]
    Step {
        /// The step given.
        step: f32,
    },
    /// Each rating has a user.
    #[error("{users} users for {ratings} ratings")]
    Users {
        /// Number of users.
        users: usize,
        /// Number of ratings.
        ratings: usize,
    },
    /// A measure is relative to the variance of the ratings, and there is none.
    #[error("all ratings are equal, so their variance cannot be explained")]
    NoVariance,
}

/// Why a ranking cannot be measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RankingError {
    /// An item outside the catalogue.
    #[error("item {item} has no score: there are {items} items")]
    Item {
        /// The item.
        item: u32,
        /// The number of items with a score.
        items: usize,
    },
    /// A relevant item that occurs twice.
    #[error("item {item} occurs twice among the relevant items")]
    Repeated {
        /// The item.
        item: u32,
    },
    /// Gains come one per relevant item.
    #[error("{gains} gains for {relevant} relevant items")]
    Gains {
        /// The number of gains.
        gains: usize,
        /// The number of relevant items.
        relevant: usize,
    },
    /// A relevance that cannot be a gain.
    #[error("a relevance of {gain}: expected a finite number, 0 or more")]
    Gain {
        /// The relevance.
        gain: f64,
    },
    /// A list of no items, or no list.
    #[error("a list must have at least one item: give cut-offs of 1 or more")]
    Cutoff,
    /// A catalogue without items, or with more than 32 bits can count.
    #[error(
        "a catalogue of {items} items cannot be ranked: expected 1 to {}",
        u32::MAX
    )]
    Catalogue {
        /// The number of items.
        items: usize,
    },
    /// Counts per item come one per item.
    #[error("{counts} counts of ratings for {items} items")]
    Popularity {
        /// The number of counts.
        counts: usize,
        /// The number of items.
        items: usize,
    },
    /// No user has a relevant item.
    #[error("none of {users} users has a relevant item, so there is nothing to average")]
    NoUsers {
        /// The number of users.
        users: usize,
    },
}

/// Why two columns cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// Columns are of the same users.
    #[error("{left} values on the left, {right} on the right")]
    Lengths {
        /// Values on the left.
        left: usize,
        /// Values on the right.
        right: usize,
    },
    /// A value is infinite, or NaN on one side only.
    #[error("pair {index} is {left} and {right}: expected finite numbers, or NaN on both sides")]
    NotFinite {
        /// Its position, from 0.
        index: usize,
        /// The value on the left.
        left: f64,
        /// The value on the right.
        right: f64,
    },
    /// Too few pairs for the test.
    #[error("{pairs} pairs: expected at least {fewest}")]
    Few {
        /// The pairs without NaN.
        pairs: usize,
        /// The fewest that the test can compare.
        fewest: usize,
    },
    /// A bootstrap without resamples.
    #[error("at least one resample is needed")]
    Resamples,
}
