//! Lowering the learning rate when the loss stops falling.

use crate::callback::{Answer, Callback, CallbackState, GO_ON, Moment};
use crate::callbacks::watched::{Best, Watched};
use crate::error::TrainError;
use serde_json::json;

/// Multiplies the learning rate by `factor` when the watched measure has not improved for `patience` epochs (Keras's
/// `ReduceLROnPlateau`). The measure is the loss, unless [`Plateau::watch`] selects another.
#[derive(Clone, Debug)]
pub struct Plateau {
    watched: Watched,
    factor: f64,
    patience: usize,
    min_delta: f64,
    min_rate: f64,
    best: f64,
    waited: usize,
}

impl Plateau {
    /// Uses Keras's other defaults: the loss must improve by more than 1e-4, and the rate may fall to 0.
    ///
    /// # Panics
    /// If `factor` is not in (0, 1).
    pub fn new(factor: f64, patience: usize) -> Self {
        assert!(
            factor > 0.0 && factor < 1.0,
            "a factor of {factor} does not lower a rate"
        );
        Self {
            watched: Watched::default(),
            factor,
            patience,
            min_delta: 1e-4,
            min_rate: 0.0,
            best: f64::INFINITY,
            waited: 0,
        }
    }

    /// Watches the measure with this name, such as `ndcg@10`, instead of the loss.
    pub fn watch(self, name: impl Into<String>, best: Best) -> Self {
        let watched = Watched::new(name, best);
        Self { watched, ..self }
    }

    /// A loss is better if it is lower by more than this.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { min_delta, ..self }
    }

    /// The rate does not fall below this.
    pub fn min_rate(self, min_rate: f64) -> Self {
        Self { min_rate, ..self }
    }
}

impl Callback for Plateau {
    fn name(&self) -> &'static str {
        "plateau"
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        let Some(epoch) = moment.history.last() else {
            return GO_ON;
        };
        let seen = self.watched.of(epoch)?;
        if seen < self.best - self.min_delta {
            (self.best, self.waited) = (seen, 0);
            return GO_ON;
        }
        self.waited += 1;
        if self.waited >= self.patience {
            *moment.learning_rate = (*moment.learning_rate * self.factor).max(self.min_rate);
            self.waited = 0;
        }
        GO_ON
    }

    fn state(&self) -> Option<CallbackState> {
        self.best.is_finite().then(|| CallbackState {
            values: json!({ "best": self.best, "waited": self.waited }),
            weights: None,
        })
    }

    fn restore(&mut self, state: CallbackState) -> Result<(), TrainError> {
        let number = |key: &str| state.values.get(key).and_then(serde_json::Value::as_f64);
        if let (Some(best), Some(waited)) = (number("best"), number("waited")) {
            (self.best, self.waited) = (best, waited as usize);
        }
        Ok(())
    }
}
