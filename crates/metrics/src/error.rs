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
}
