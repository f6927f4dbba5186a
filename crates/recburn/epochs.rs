//! The history of a training run in the form of `report.json`.

use crate::report::EpochReport;
use crate::train::{EpochRecord, History, Measures};

/// The loss on the validation part, if the judge measures one.
fn valid_loss(epoch: &EpochRecord) -> Option<f64> {
    epoch.valid.as_ref()?.get(Measures::LOSS)
}

/// All epochs of a history, in the form of a report.
pub fn epochs_of(history: &History) -> Vec<EpochReport> {
    let reported = |epoch: &EpochRecord| EpochReport {
        epoch: epoch.epoch,
        train_loss: epoch.train.loss(),
        train_penalty: epoch.penalty,
        valid_loss: valid_loss(epoch),
        valid_penalty: valid_loss(epoch).map(|_| epoch.penalty),
        valid: epoch.valid.clone(),
        seconds: epoch.seconds,
        ratings_per_second: epoch.ratings_per_second,
    };
    history.epochs.iter().map(reported).collect()
}
