//! The measure that early stopping and plateaus watch.

use crate::error::TrainError;
use crate::history::EpochRecord;
use recburn_metrics::Measures;

/// Which values of a measure are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// Low ones, as for an error.
    Lowest,
    /// High ones, as for precision.
    Highest,
}

/// A measure by name, negated if necessary so that lower is better.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    name: String,
    best: Best,
}

impl Default for Watched {
    fn default() -> Self {
        Self::new(Measures::LOSS, Best::Lowest)
    }
}

impl Watched {
    pub fn new(name: impl Into<String>, best: Best) -> Self {
        let name = name.into();
        Self { name, best }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value for an epoch: the lower the better.
    pub fn of(&self, epoch: &EpochRecord) -> Result<f64, TrainError> {
        match epoch.measure(&self.name) {
            Some(value) => Ok(self.shown(value)),
            None => {
                let judged = epoch.valid.as_ref().unwrap_or(&epoch.train);
                let known: Vec<&str> = judged.names().collect();
                Err(TrainError::NoMeasure {
                    name: self.name.clone(),
                    known: known.join(", "),
                })
            }
        }
    }

    /// Negates a value if necessary, in either direction.
    pub fn shown(&self, value: f64) -> f64 {
        match self.best {
            Best::Lowest => value,
            Best::Highest => -value,
        }
    }
}
