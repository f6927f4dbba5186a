//! What can go wrong in training.

use recburn_data::DataError;
use recburn_nn::{MemoryError, WeightsError};
use recburn_optim::{Loss, SettingError};
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why training did not start or did not end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A hyper-parameter out of its range.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The ratings do not fit the model, or there are none.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A part without a rating.
    #[error("the {part} part holds no ratings")]
    NoRatings {
        /// `training` or `validation`.
        part: &'static str,
    },
    /// A loss that compares a positive with negatives, of which there are none.
    #[error(
        "the loss {loss} compares a positive with negatives, and these examples have none: train on implicit feedback with \
         sampled negatives, or take mse, mae, huber or logistic"
    )]
    NoNegatives {
        /// The loss.
        loss: Loss,
    },
    /// A measure is watched that no epoch has.
    #[error("there is no measure `{name}` to watch; there are {known}")]
    NoMeasure {
        /// What is watched.
        name: String,
        /// What there is.
        known: String,
    },
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The device did not do what it was asked.
    #[error("the device failed before the first step: {reason}")]
    Device {
        /// What it said.
        reason: String,
    },
    /// The loss of a step, or what an epoch ended in, is no number. The model keeps the weights of the last whole epoch.
    #[error(
        "the loss became {loss} at step {step} of epoch {epoch}, at learning rate {learning_rate}: lower the rate"
    )]
    Diverged {
        /// Counted from 1.
        epoch: usize,
        /// In the epoch, counted from 1.
        step: usize,
        /// Infinite or not a number.
        loss: f64,
        /// At the time.
        learning_rate: f64,
    },
    /// A model whose scores are not one number per query and candidate.
    #[error(
        "the model's scores are a tensor of shape {seen:?}; it must be {wanted:?}, queries by candidates"
    )]
    ScoreShape {
        /// Queries and candidates of the batch.
        wanted: [usize; 2],
        /// Shape of the scores.
        seen: Vec<usize>,
    },
    /// Weights that cannot be read, written or loaded.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A file that cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A file that cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A checkpoint that cannot be read.
    #[error("{path} is not a checkpoint of this version: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint of another training.
    #[error(
        "the checkpoint is of another training: {}: going on would be another trajectory, perhaps on rows that are held out; go on with the same settings and data, or train from the start",
        listed(.differences)
    )]
    Mismatch {
        /// Everything that differs, but for what follows from it.
        differences: Vec<Difference>,
    },
}

impl TrainError {
    /// What is wrong with a part of the data.
    pub(crate) fn of_part(part: &'static str, error: DataError) -> Self {
        match error {
            DataError::NoRatings => Self::NoRatings { part },
            error => Self::Data(error),
        }
    }
}

/// Something that a checkpoint was trained with otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// In the checkpoint.
    pub saved: String,
    /// In this trainer.
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
