//! What cannot be scored.

use std::fmt;

/// Which of the two slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the model said.
    Prediction,
    /// What was true.
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

/// Why there is no number.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// The mean of nothing is nothing.
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
    /// A number that is NaN or infinite.
    #[error("{side} {index} is {value}, which is not finite")]
    NotFinite {
        /// The slice it stands in.
        side: Side,
        /// Its position, from 0.
        index: usize,
        /// What stands there.
        value: f32,
    },
    /// A rating scale whose ends are not finite numbers in order.
    #[error("a rating scale from {min} to {max} has no inside")]
    Scale {
        /// The lower end given.
        min: f32,
        /// The upper end given.
        max: f32,
    },
}
