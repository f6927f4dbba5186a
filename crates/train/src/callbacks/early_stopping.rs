//! Stopping when there is no more improvement.

use crate::callback::{Answer, Callback, CallbackState, GO_ON, Moment, Stop};
use crate::callbacks::watched::{Best, Watched};
use crate::error::TrainError;
use recburn_nn::Weights;
use serde_json::json;
use std::ops::ControlFlow;

/// Stops when the watched measure has not improved for `patience` epochs, and restores the weights of the best epoch at
/// the end of the fit. The measure is the loss (validation, or training without a validation part; penalty included),
/// unless [`EarlyStopping::watch`] selects another.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    watched: Watched,
    patience: usize,
    min_delta: f64,
    restore_best: bool,
    best: f64,
    best_epoch: usize,
    waited: usize,
    weights: Option<Weights>,
}

impl EarlyStopping {
    /// Stops after this many epochs without a better loss.
    pub fn new(patience: usize) -> Self {
        Self {
            watched: Watched::default(),
            patience,
            min_delta: 0.0,
            restore_best: true,
            best: f64::INFINITY,
            best_epoch: 0,
            waited: 0,
            weights: None,
        }
    }

    /// Watches the measure with this name, such as `ndcg@10`, instead of the loss.
    pub fn watch(self, name: impl Into<String>, best: Best) -> Self {
        let watched = Watched::new(name, best);
        Self { watched, ..self }
    }

    /// A loss is better if it is lower by more than this; 0 by default.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { min_delta, ..self }
    }

    /// Whether the best weights are restored; true by default.
    pub fn restore_best(self, restore_best: bool) -> Self {
        Self {
            restore_best,
            ..self
        }
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &'static str {
        "early_stopping"
    }

    fn on_fit_begin(&mut self, _: &mut Moment<'_>) -> Result<(), TrainError> {
        // Patience is counted per fit; the best epoch is that of the whole training.
        self.waited = 0;
        Ok(())
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        let Some(epoch) = moment.history.last() else {
            return GO_ON;
        };
        let seen = self.watched.of(epoch)?;
        if seen < self.best - self.min_delta {
            (self.best, self.best_epoch, self.waited) = (seen, epoch.epoch, 0);
            self.weights = self.restore_best.then(|| moment.live.weights());
            return GO_ON;
        }
        self.waited += 1;
        if self.waited < self.patience {
            return GO_ON;
        }
        let (best, at, waited) = (self.watched.shown(self.best), self.best_epoch, self.waited);
        let name = self.watched.name();
        let reason = format!("no better {name} than {best:.4} of epoch {at} for {waited} epochs");
        Ok(ControlFlow::Break(Stop { reason }))
    }

    fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<(), TrainError> {
        match &self.weights {
            Some(weights) => Ok(moment.live.set_weights(weights)?),
            None => Ok(()),
        }
    }

    fn state(&self) -> Option<CallbackState> {
        // JSON has no infinity: before the first epoch there is nothing to store.
        self.best.is_finite().then(|| CallbackState {
            values: json!({ "best": self.best, "best_epoch": self.best_epoch, "waited": self.waited }),
            weights: self.weights.clone(),
        })
    }

    fn restore(&mut self, state: CallbackState) -> Result<(), TrainError> {
        let number = |key: &str| state.values.get(key).and_then(serde_json::Value::as_f64);
        if let (Some(best), Some(epoch), Some(waited)) =
            (number("best"), number("best_epoch"), number("waited"))
        {
            (self.best, self.best_epoch, self.waited) = (best, epoch as usize, waited as usize);
        }
        self.weights = state.weights;
        Ok(())
    }
}
