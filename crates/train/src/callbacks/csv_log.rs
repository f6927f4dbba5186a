//! Logging the history to a file.

use crate::callback::{Answer, Callback, GO_ON, Moment};
use std::path::PathBuf;

/// Writes the complete history as CSV after every epoch.
#[derive(Clone, Debug)]
pub struct CsvLog {
    path: PathBuf,
}

impl CsvLog {
    /// Logs to this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Callback for CsvLog {
    fn name(&self) -> &'static str {
        "csv_log"
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        moment.history.save_csv(&self.path)?;
        GO_ON
    }
}
