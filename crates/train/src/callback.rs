//! The named moments of training.

use crate::advice::Advice;
use crate::error::TrainError;
use crate::history::History;
use recburn_nn::{Weights, WeightsError};
use serde_json::Value;
use std::ops::ControlFlow;

/// Why training ended before its last epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// In words.
    pub reason: String,
}

/// The weights of the model in training.
pub trait LiveWeights {
    /// A copy of them, as they are at the end of an epoch.
    fn weights(&self) -> Weights;
    /// Replaces them.
    fn set_weights(&mut self, weights: &Weights) -> Result<(), WeightsError>;
}

/// Where training is.
pub struct Moment<'a> {
    /// The epoch, counted from 1 over all fits; at the beginning and the end of a fit the one that comes next.
    pub epoch: usize,
    /// The last epoch of this fit, or of all fits where [`Trainer::out_of`](crate::Trainer::out_of) said how many there are.
    pub last_epoch: usize,
    /// Steps taken of this epoch.
    pub step: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Ratings trained on in this epoch.
    pub ratings: usize,
    /// Ratings of an epoch.
    pub ratings_in_all: usize,
    /// Mean loss of this epoch so far, without the penalty.
    pub loss: f64,
    /// The learning rate, which a callback may change.
    pub learning_rate: &'a mut f64,
    /// The epochs that are over.
    pub history: &'a History,
    /// What is worth saying before training begins.
    pub advice: Option<&'a Advice>,
    /// The model's weights; up to date at the beginning and the end of epochs and fits.
    pub live: &'a mut dyn LiveWeights,
}

/// What a callback carries over a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallbackState {
    /// Plain data.
    pub values: Value,
    /// Weights that it keeps.
    pub weights: Option<Weights>,
}

/// What a callback's moments return.
pub type Answer = Result<ControlFlow<Stop>, TrainError>;

/// Go on.
pub(crate) const GO_ON: Answer = Ok(ControlFlow::Continue(()));

/// Watches training, and may steer it.
pub trait Callback {
    /// A word of its own: names its state in checkpoints.
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
    /// An epoch has ended; it is the last of the history.
    fn on_epoch_end(&mut self, _: &mut Moment<'_>) -> Answer {
        GO_ON
    }
    /// A fit has ended.
    fn on_fit_end(&mut self, _: &mut Moment<'_>) -> Result<(), TrainError> {
        Ok(())
    }

    /// What it must know again to go on from a checkpoint.
    fn state(&self) -> Option<CallbackState> {
        None
    }
    /// Goes on from there.
    fn restore(&mut self, _: CallbackState) -> Result<(), TrainError> {
        Ok(())
    }
}
