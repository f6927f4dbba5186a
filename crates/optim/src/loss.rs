//! What training minimises, of predictions and ratings on the host.

use crate::rule::RuleError;
use crate::words::StoredLoss;
use serde::{Deserialize, Serialize};

/// The loss of a batch: the mean over its pairs.
///
/// As text: `mse`, `mae`, `huber` or `huber:0.5` (its delta). Serialised as that text. Which to take: what the predictions
/// are measured by. Squared errors aim at the mean and are what RMSE is made of; absolute ones aim at the median; Huber's
/// loss is squared near 0 and does not let single wild ratings rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredLoss", into = "String")]
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
