//! The history of training, epoch by epoch.

use crate::error::TrainError;
use recburn_metrics::Measures;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The record of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1 over all fits.
    pub epoch: usize,
    /// Its learning rate.
    pub learning_rate: f64,
    /// Measures on the training part, computed during training: each batch before its step.
    pub train: Measures,
    /// Measures of the judge after the epoch, for example on a validation part.
    pub valid: Option<Measures>,
    /// The penalty at the end of the epoch: `l2 * sum(w^2)` over whole tables and kernels or, if only the rows of each
    /// batch are penalised, its mean over the rows that the training examples look up.
    pub penalty: f64,
    /// Seconds of training, excluding evaluation.
    pub seconds: f64,
    /// Ratings trained on, per second.
    pub ratings_per_second: f64,
}

impl EpochRecord {
    /// The training loss as Keras prints it, penalty included.
    pub fn train_total(&self) -> f64 {
        self.train.loss() + self.penalty
    }

    /// The validation loss as Keras prints it, penalty included.
    pub fn valid_total(&self) -> Option<f64> {
        let valid = self.valid.as_ref()?;
        valid.get(Measures::LOSS).map(|loss| loss + self.penalty)
    }

    /// A measure by name: of the validation part, or of the training part if there is none; the loss includes the
    /// penalty.
    pub fn measure(&self, name: &str) -> Option<f64> {
        match name {
            Measures::LOSS => Some(self.watched()),
            _ => self.valid.as_ref().unwrap_or(&self.train).get(name),
        }
    }

    /// The default measure of early stopping and plateaus: the validation loss, or the training loss without a
    /// validation part, penalty included.
    pub fn watched(&self) -> f64 {
        self.valid_total().unwrap_or_else(|| self.train_total())
    }
}

/// All epochs of a training run, over all its fits.
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
        let names = |of: &dyn Fn(&EpochRecord) -> Option<&Measures>| -> Vec<String> {
            let measures = self.epochs.iter().find_map(of);
            let names = measures.into_iter().flat_map(Measures::names);
            names.map(str::to_string).collect()
        };
        let (of_train, of_valid) = (names(&|e| Some(&e.train)), names(&|e| e.valid.as_ref()));
        // Without validation its columns exist nevertheless, and are empty.
        let of_valid = if of_valid.is_empty() {
            of_train.clone()
        } else {
            of_valid
        };
        let text =
            |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut header = vec!["epoch".to_string(), "learning_rate".to_string()];
        header.extend(of_train.iter().map(|name| format!("train_{name}")));
        header.extend(of_valid.iter().map(|name| format!("valid_{name}")));
        header.extend(["penalty", "seconds", "ratings_per_second"].map(str::to_string));
        let rows = self.epochs.iter().map(|e| {
            let mut row = vec![e.epoch.to_string(), e.learning_rate.to_string()];
            row.extend(of_train.iter().map(|name| text(e.train.get(name))));
            let valid = |name: &String| text(e.valid.as_ref().and_then(|valid| valid.get(name)));
            row.extend(of_valid.iter().map(valid));
            row.extend(
                [e.penalty, e.seconds, e.ratings_per_second].map(|number| number.to_string()),
            );
            row
        });
        for row in std::iter::once(header).chain(rows) {
            out.write_record(&row)
                .expect("rows of one length go into memory");
        }
        let bytes = out.into_inner().expect("memory can be flushed");
        String::from_utf8(bytes).expect("numbers are text")
    }

    /// Writes the CSV, completely or not at all.
    pub fn save_csv(&self, path: &Path) -> Result<(), TrainError> {
        save(path, self.to_csv().as_bytes())
    }

    /// Writes the epochs as a JSON list, completely or not at all.
    pub fn save_json(&self, path: &Path) -> Result<(), TrainError> {
        let json = serde_json::to_vec_pretty(self).expect("a history can be written as JSON");
        save(path, &json)
    }
}

pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    Ok(recburn_files::write_whole(path, bytes)?)
}
