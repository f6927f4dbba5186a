//! What training minimises, of predictions and ratings on the host.

use crate::rule::RuleError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The loss of a batch: the mean over its pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Mean of the squared errors.
    #[default]
    Mse,
    /// Mean of the absolute errors.
    Mae,
    /// Half the square of an error up to `delta`, linear beyond it (Huber 1964); Keras's delta is 1.
    Huber {
        /// Where the square turns into a line.
        delta: f64,
    },
}

impl Loss {
    /// Huber's loss with Keras's delta of 1.
    pub const HUBER: Self = Self::Huber { delta: 1.0 };

    /// Refuses a delta that makes no loss.
    pub fn check(&self) -> Result<(), RuleError> {
        match *self {
            Self::Huber { delta } if !(delta > 0.0 && delta.is_finite()) => Err(RuleError {
                what: "huber's delta",
                wanted: "finite and above 0",
                seen: delta,
            }),
            _ => Ok(()),
        }
    }

    /// The loss of one error.
    pub fn of(&self, error: f64) -> f64 {
        match *self {
            Self::Mse => error * error,
            Self::Mae => error.abs(),
            Self::Huber { delta } if error.abs() <= delta => 0.5 * error * error,
            Self::Huber { delta } => delta * (error.abs() - 0.5 * delta),
        }
    }

    /// The derivatives of the mean loss of a batch by its scores.
    pub fn slopes(&self, scores: &[f32], ratings: &[f32]) -> Vec<f32> {
        let share = 1.0 / ratings.len() as f32;
        let pairs = scores.iter().zip(ratings);
        pairs
            .map(|(score, rating)| share * self.slope(score - rating))
            .collect()
    }

    /// The derivative of the loss of one error.
    pub fn slope(&self, error: f32) -> f32 {
        match *self {
            Self::Mse => 2.0 * error,
            // Without a direction at 0, as autodiff has it.
            Self::Mae if error == 0.0 => 0.0,
            Self::Mae => error.signum(),
            Self::Huber { delta } => error.clamp(-delta as f32, delta as f32),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mse => "mse",
            Self::Mae => "mae",
            Self::Huber { .. } => "huber",
        })
    }
}
