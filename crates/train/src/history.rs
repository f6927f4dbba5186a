//! What happened, epoch by epoch.

use crate::error::TrainError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How well a part of the ratings is scored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The mean loss, without the penalty.
    pub loss: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
}

/// One epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1 over all fits.
    pub epoch: usize,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The training part, as scored while it was trained on: each batch before its step.
    pub train: Scores,
    /// The validation part after the epoch.
    pub valid: Option<Scores>,
    /// The penalty at the end of the epoch: `l2 * sum(w^2)` of whole tables and of kernels, or where the rows of each batch
    /// are penalised, the mean of that over the rows that the training part's examples look up.
    pub penalty: f64,
    /// Seconds of training, evaluation left out.
    pub seconds: f64,
    /// Ratings trained on, per second.
    pub ratings_per_second: f64,
}

impl EpochRecord {
    /// The training loss as Keras prints it, penalty included.
    pub fn train_total(&self) -> f64 {
        self.train.loss + self.penalty
    }

    /// The validation loss as Keras prints it, penalty included.
    pub fn valid_total(&self) -> Option<f64> {
        self.valid.map(|valid| valid.loss + self.penalty)
    }

    /// What early stopping and plateaus watch: the validation loss, or the training loss where there is no validation
    /// part, penalty included.
    pub fn watched(&self) -> f64 {
        self.valid_total().unwrap_or_else(|| self.train_total())
    }
}

/// All epochs of a training, over all its fits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History {
    /// In order.
    pub epochs: Vec<EpochRecord>,
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// As CSV: a header, and one row per epoch; without validation its columns are empty.
    pub fn to_csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let header = [
            "epoch",
            "learning_rate",
            "train_loss",
            "train_rmse",
            "train_mae",
            "valid_loss",
            "valid_rmse",
            "valid_mae",
            "penalty",
            "seconds",
            "ratings_per_second",
        ];
        let text =
            |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let rows = self.epochs.iter().map(|e| {
            [
                e.epoch.to_string(),
                e.learning_rate.to_string(),
                e.train.loss.to_string(),
                e.train.rmse.to_string(),
                e.train.mae.to_string(),
                text(e.valid.map(|valid| valid.loss)),
                text(e.valid.map(|valid| valid.rmse)),
                text(e.valid.map(|valid| valid.mae)),
                e.penalty.to_string(),
                e.seconds.to_string(),
                e.ratings_per_second.to_string(),
            ]
        });
        for row in std::iter::once(header.map(str::to_string)).chain(rows) {
            out.write_record(&row)
                .expect("rows of one length go into memory");
        }
        let bytes = out.into_inner().expect("memory can be flushed");
        String::from_utf8(bytes).expect("numbers are text")
    }

    /// Writes the CSV, whole or not at all.
    pub fn save_csv(&self, path: &Path) -> Result<(), TrainError> {
        save(path, self.to_csv().as_bytes())
    }

    /// Writes the epochs as a JSON list, whole or not at all.
    pub fn save_json(&self, path: &Path) -> Result<(), TrainError> {
        let json = serde_json::to_vec_pretty(self).expect("a history is plain data");
        save(path, &json)
    }
}

pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    Ok(recburn_files::write_whole(path, bytes)?)
}
