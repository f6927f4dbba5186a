//! Experiments with other values of their hyper-parameters, for a search.

use super::{Experiment, ExperimentError, Prepared};
use crate::recipe::{Watch, options_of};
use crate::recommender::Role;
use crate::train::{Callback, EpochRecord};
use burn::tensor::Device;
use recburn_tune::{Direction, Outcome, Values};
use serde_json::{Value, json};
use thiserror::Error;

/// Settings of a training that differ between trials; data, filter, split and examples are the same for all.
const OF_TRIALS: [&str; 6] = ["average", "batch", "loss", "mode", "negatives", "rule"];

/// Why an experiment cannot take a value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SearchError {
    /// No such parameter.
    #[error("{model} has no parameter `{name}`; there are {known}")]
    Unknown {
        /// The model.
        model: String,
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// A value of the wrong kind.
    #[error("`{name}` cannot be {value}")]
    Value {
        /// The parameter.
        name: String,
        /// The value.
        value: Value,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Neither a measure of ratings nor one of lists.
    #[error(
        "nothing is held out by which trials could be compared: use a split with a validation part"
    )]
    NothingHeldOut,
}

impl Experiment {
    /// The names of the parameters that a search may vary.
    ///
    /// # Errors
    ///
    /// For an unknown model.
    pub fn parameters(&self) -> Result<Vec<String>, ExperimentError> {
        let options = options_of(&self.model)?;
        let options = options.as_object().into_iter().flat_map(|of| of.keys());
        let mut names: Vec<String> = options.map(|name| format!("options.{name}")).collect();
        if self.method()?.is_none() {
            names.extend(["learning_rate", "epochs"].map(str::to_string));
            names.extend(OF_TRIALS.map(|name| format!("training.{name}")));
        }
        Ok(names)
    }

    /// The experiment with these values: `options.NAME`, `training.NAME`, `learning_rate` (in all phases) or `epochs`.
    ///
    /// # Errors
    ///
    /// For an unknown parameter, or a value that it cannot take.
    pub fn with_values(&self, values: &Values) -> Result<Self, ExperimentError> {
        let known = self.parameters()?;
        let mut changed = self.clone();
        for (name, value) in values {
            if !known.contains(name) {
                return Err(SearchError::Unknown {
                    model: self.model.clone(),
                    name: name.clone(),
                    known: known.join(", "),
                }
                .into());
            }
            changed
                .set(name, value)
                .map_err(|source| SearchError::Value {
                    name: name.clone(),
                    value: value.clone(),
                    source,
                })?;
        }
        Ok(changed)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), serde_json::Error> {
        match name.split_once('.') {
            Some(("options", option)) => self.options[option] = value.clone(),
            Some((_, setting)) => {
                let mut training = serde_json::to_value(&self.training)?;
                training[setting] = value.clone();
                self.training = serde_json::from_value(training)?;
            }
            None if name == "epochs" => self.set_epochs(serde_json::from_value(value.clone())?),
            None => {
                let rate: f64 = serde_json::from_value(value.clone())?;
                for phase in &mut self.training.phases {
                    phase.learning_rate = rate;
                }
            }
        }
        Ok(())
    }

    /// The measure by which trials are compared, and whether the lowest is best: the watched one, else the RMSE of predicted
    /// ratings or the NDCG of lists.
    ///
    /// # Errors
    ///
    /// For options that the model does not have.
    pub fn objective(&self) -> Result<(String, Direction), ExperimentError> {
        let orders = match self.method()? {
            Some(method) => method.scores() == crate::classical::Scores::Order,
            None => self.training.examples.are_positives(),
        };
        let watch = self.training.watch.clone();
        Ok(match watch.or_else(|| orders.then(Watch::default)) {
            Some(watch) if watch.highest_is_best() => {
                (watch.name().to_string(), Direction::Maximize)
            }
            Some(watch) => (watch.name().to_string(), Direction::Minimize),
            None => ("rmse".to_string(), Direction::Minimize),
        })
    }

    /// Trains the model and measures it on the validation part: the objective at its best epoch, with that epoch and all
    /// measures there. Callbacks are added to the training, such as one that interrupts it.
    ///
    /// # Errors
    ///
    /// For a training that fails, or without a validation part.
    pub fn trial(
        &self,
        prepared: &Prepared,
        device: &Device,
        callback: impl Callback + 'static,
    ) -> Result<Outcome, ExperimentError> {
        let (measure, direction) = self.objective()?;
        if prepared.valid_part().is_none() {
            return Err(SearchError::NothingHeldOut.into());
        }
        if let Some(method) = self.method()? {
            let (fitted, seconds) = self.fit_whole(&*method, prepared)?;
            let ranking = self.whole_ranking(&fitted, &prepared.valid, Role::Valid)?;
            let found = ranking.as_ref().and_then(|ranking| ranking.get(&measure));
            let value = match found {
                Some(value) => value,
                None => {
                    let errors = fitted.evaluate_held_out(Role::Valid)?.metrics()?;
                    if measure == "mae" {
                        errors.mae
                    } else {
                        errors.rmse
                    }
                }
            };
            return Ok(
                Outcome::new(value).with(json!({ "fit_seconds": seconds, "ranking": ranking }))
            );
        }
        let mut model = self.network(prepared, device)?;
        let mut trainer = self.trainer().with(callback);
        self.fit(&mut trainer, &mut model, prepared)?;
        let value = |epoch: &EpochRecord| match measure.as_str() {
            "loss" => epoch.valid_total(),
            measure => epoch.valid.as_ref()?.get(measure),
        };
        let epochs = trainer.history().epochs.iter();
        let values = epochs.filter_map(|epoch| Some((value(epoch)?, epoch)));
        let cost = |value: f64| match direction {
            Direction::Maximize => -value,
            Direction::Minimize => value,
        };
        let best = values.min_by(|(one, _), (other, _)| cost(*one).total_cmp(&cost(*other)));
        let (value, epoch) = best.ok_or(SearchError::NothingHeldOut)?;
        Ok(Outcome::new(value).with(json!({ "epoch": epoch.epoch, "valid": epoch.valid })))
    }
}
