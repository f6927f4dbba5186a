//! What does not train on several processes.

use super::{Experiment, ExperimentError};
use crate::data::{FilterStep, SplitKind};
use crate::spread::Parts;

impl Experiment {
    /// Refuses settings that need all data in one place, and returns how the ratings are split.
    ///
    /// # Errors
    /// [`ExperimentError::NotSpread`], which names the setting.
    pub fn check_spread(&self) -> Result<Parts, ExperimentError> {
        let training = &self.training;
        let not = |what: &str| {
            Err(ExperimentError::NotSpread {
                what: what.to_string(),
            })
        };
        if self.method()?.is_some() {
            return not("models that are fitted as a whole run on one process");
        }
        self.check_objective()?;
        let filter = self.filter()?;
        let resolves = |step: &FilterStep| matches!(step, FilterStep::Repeats(_));
        if filter.is_some_and(|filter| filter.steps.iter().any(resolves)) {
            return not(
                "repeated ratings of a user and an item may be read by several of them: resolve them beforehand",
            );
        }
        if training.add.is_some() {
            return not("ratings are not added: prepare the files beforehand");
        }
        let parts = match self.split()? {
            SplitKind::Given { .. } => return not("a split is not given by files"),
            split => Parts::of(&split).map_err(|error| ExperimentError::NotSpread {
                what: error.to_string(),
            })?,
        };
        if training.patience.is_some() && parts == Parts::All {
            return Err(ExperimentError::PatienceWithoutRows);
        }
        Ok(parts)
    }
}
