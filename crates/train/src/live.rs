//! The weights of a model in training, as callbacks see them.

use crate::average::Average;
use crate::callback::LiveWeights;
use crate::optimizer::Optimizer;
use recburn_nn::{Model, Weights, WeightsError};

/// The model between steps, as callbacks see it.
pub(crate) struct Live<'a, M> {
    pub model: &'a mut M,
    pub optimizer: &'a mut Optimizer,
    /// The averages of its weights, once there are any.
    pub averaged: &'a mut Option<M>,
    pub average: &'a mut Average,
}

impl<M: Model> LiveWeights for Live<'_, M> {
    fn weights(&self) -> Weights {
        match &self.averaged {
            Some(averaged) => Weights::of(averaged),
            None => self.optimizer.weights_of(self.model),
        }
    }

    fn set_weights(&mut self, weights: &Weights) -> Result<(), WeightsError> {
        if let Some(averaged) = &self.averaged
            && Weights::of(averaged) == *weights
        {
            return Ok(()); // nothing is replaced, so the averages continue
        }
        let hands_over = self.optimizer.give_up_rows();
        let loaded = weights.load_into(self.model.clone())?;
        *self.model = self.optimizer.take(&loaded, hands_over);
        *self.averaged = None;
        self.average.restart();
        Ok(())
    }
}
