//! Callbacks: hooks at named moments of training.

use crate::advice::Advice;
use crate::error::TrainError;
use crate::history::History;
use recburn_nn::{Weights, WeightsError};
use serde_json::Value;
use std::ops::ControlFlow;

/// Why training ended before its last epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The reason, as text.
    pub reason: String,
}

/// The weights of the model in training.
pub trait LiveWeights {
    /// A copy of the weights, as at the end of an epoch.
    fn weights(&self) -> Weights;
    /// Replaces the weights.
    fn set_weights(&mut self, weights: &Weights) -> Result<(), WeightsError>;
}

/// The state of training that a callback sees.
pub struct Moment<'a> {
    /// The epoch, counted from 1 over all fits; at the beginning and the end of a fit, the next epoch.
    pub epoch: usize,
    /// The last epoch of this fit, or of all fits if set with [`Trainer::out_of`](crate::Trainer::out_of).
    pub last_epoch: usize,
    /// Steps taken in this epoch.
    pub step: usize,
    /// Steps per epoch.
    pub steps: usize,
    /// Ratings trained on in this epoch.
    pub ratings: usize,
    /// Ratings per epoch.
    pub ratings_in_all: usize,
    /// Mean loss of this epoch so far, without the penalty.
    pub loss: f64,
    /// The learning rate, which a callback may change.
    pub learning_rate: &'a mut f64,
    /// The completed epochs.
    pub history: &'a History,
    /// Advice before training begins.
    pub advice: Option<&'a Advice>,
    /// The model's weights; up to date at the beginning and the end of epochs and fits.
    pub live: &'a mut dyn LiveWeights,
}

/// The state of a callback in a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallbackState {
    /// Values as JSON.
    pub values: Value,
    /// Weights, if it keeps any.
    pub weights: Option<Weights>,
}

/// The result of a callback's methods.
pub type Answer = Result<ControlFlow<Stop>, TrainError>;

/// Continue training.
pub(crate) const GO_ON: Answer = Ok(ControlFlow::Continue(()));

/// Observes training and may control it.
pub trait Callback {
    /// A unique name; identifies its state in checkpoints.
    fn name(&self) -> &'static str;

    /// A fit begins.
    fn on_fit_begin(&mut self, _: &mut Moment<'_>) -> Result<(), TrainError> {
        Ok(())
    }
    /// An epoch begins.
    fn on_epoch_begin(&mut self, _: &mut Moment<'_>) -> Answer {
        GO_ON
    }
    /// A step has been taken. Called thousands of times a second: be brief.
    fn on_step_end(&mut self, _: &mut Moment<'_>) -> Answer {
        GO_ON
    }
    /// An epoch has ended; it is the last one in the history.
    fn on_epoch_end(&mut self, _: &mut Moment<'_>) -> Answer {
        GO_ON
    }
    /// A fit has ended.
    fn on_fit_end(&mut self, _: &mut Moment<'_>) -> Result<(), TrainError> {
        Ok(())
    }

    /// The state that it needs to continue from a checkpoint.
    fn state(&self) -> Option<CallbackState> {
        None
    }
    /// Restores the state from a checkpoint.
    fn restore(&mut self, _: CallbackState) -> Result<(), TrainError> {
        Ok(())
    }
}
