//! Errors of training.

use recburn_data::DataError;
use recburn_metrics::EvaluationError;
use recburn_nn::{MemoryError, WeightsError};
use recburn_optim::{Loss, SettingError};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why training did not start or did not end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A hyper-parameter is out of range.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The ratings do not fit the model, or there are none.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A part holds no ratings.
    #[error("the {part} part holds no ratings")]
    NoRatings {
        /// `training` or `validation`.
        part: &'static str,
    },
    /// The loss compares a positive with negatives, but there are none.
    #[error(
        "the loss {loss} compares a positive with negatives, but these examples have none: train on implicit feedback with \
sampled negatives, or use mse, mae, huber or logistic"
    )]
    NoNegatives {
        /// The loss.
        loss: Loss,
    },
    /// A table is propagated along interactions, of which these examples have none.
    #[error(
        "the rows of `{table}` are propagated along the interactions of users and items: train on ratings, on positives \
with negatives or on whole users, with `Trainer::fit`"
    )]
    NoInteractions {
        /// The table.
        table: String,
    },
    /// A measure is watched that is not computed.
    #[error("there is no measure `{name}` to watch; the epochs have {known}")]
    NoMeasure {
        /// The watched measure.
        name: String,
        /// The measures that exist.
        known: String,
    },
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The device failed. The model keeps the weights of the last complete epoch.
    #[error("the device failed {when}: {reason}")]
    Device {
        /// `before the first step`, or the step and epoch at which the failure was noticed.
        when: String,
        /// Its message.
        reason: String,
    },
    /// The loss of a step, or a weight after an epoch, is not a number. The model keeps the weights of the last
    /// complete epoch.
    #[error(
        "the loss became {loss} at step {step} of epoch {epoch}, at learning rate {learning_rate}: lower the rate"
    )]
    Diverged {
        /// Counted from 1.
        epoch: usize,
        /// The step in the epoch, counted from 1.
        step: usize,
        /// Infinite or not a number.
        loss: f64,
        /// The learning rate at that step.
        learning_rate: f64,
    },
    /// The model's scores are not one number per query and candidate.
    #[error(
        "the model's scores are a tensor of shape {seen:?}; it must be {wanted:?}, queries by candidates"
    )]
    ScoreShape {
        /// Queries and candidates of the batch.
        wanted: [usize; 2],
        /// The shape of the scores.
        seen: Vec<usize>,
    },
    /// The lists of a ranking cannot be measured.
    #[error(transparent)]
    Ranking(#[from] EvaluationError<Infallible>),
    /// Weights cannot be read, written or loaded.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A file cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A checkpoint cannot be read.
    #[error("{path} is not a checkpoint of this version: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The training cannot be distributed over several processes.
    #[error("training on several processes: {reason}")]
    Spread {
        /// What stands in the way.
        reason: String,
    },
    /// The checkpoint belongs to a different training.
    #[error(
        "the checkpoint is of a different training: {}: continuing would change the trajectory and might train on held-out rows; continue with the same settings and data, or train from the start",
        listed(.differences)
    )]
    Mismatch {
        /// Everything that differs, except for consequences of other differences.
        differences: Vec<Difference>,
    },
}

impl TrainError {
    /// A failure of the device, with its causes: drivers name the reason last.
    pub(crate) fn of_device(when: String, error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(Some(error), |error| error.source());
        let causes: Vec<String> = causes.map(|cause| cause.to_string()).collect();
        Self::Device {
            when,
            reason: causes.join(": "),
        }
    }

    /// An error in a part of the data.
    pub(crate) fn of_part(part: &'static str, error: DataError) -> Self {
        match error {
            DataError::NoRatings => Self::NoRatings { part },
            error => Self::Data(error),
        }
    }
}

/// A difference between a checkpoint and a trainer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The setting.
    pub what: String,
    /// Its value in the checkpoint.
    pub saved: String,
    /// Its value in this trainer.
    pub own: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, saved, own } = self;
        write!(f, "{what} was {saved}, is {own}")
    }
}

fn listed(differences: &[Difference]) -> String {
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    all.join("; ")
}
