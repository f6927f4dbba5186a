//! Averages of weights in training: the weights that a fit evaluates and leaves behind, while it trains others.

use crate::averaging::Averaging;
use crate::error::TrainError;
use crate::fit::Fit;
use recburn_nn::{Model, Weights, WeightsError};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The progress of averaging. The averages themselves are in the model: that of a fit in progress, and that of the caller
/// between fits.
#[derive(Default)]
pub(crate) struct Average {
    /// Epochs averaged so far; 0 before the first, and while the model has the weights of training.
    pub epochs: usize,
    /// The penalty of the averages.
    pub penalty: f64,
    /// What training continues from, between fits.
    pub aside: Option<Aside>,
}

/// The weights of training, while the model has their averages.
pub(crate) struct Aside {
    pub plain: Weights,
    /// Identifies the averages that they belong to.
    averages: u64,
}

impl Aside {
    pub fn new(plain: Weights, averages: &Weights) -> Self {
        let averages = digest(averages);
        Self { plain, averages }
    }
}

impl Average {
    /// The weights that training continues from, if this model has their averages. A model with any other weights is
    /// itself what training continues from.
    pub fn plain_of<M: Model>(&self, model: &M) -> Option<&Weights> {
        let aside = self.aside.as_ref()?;
        let own = digest(&Weights::of(&model.valid()));
        (own == aside.averages).then_some(&aside.plain)
    }

    /// The averages after another epoch, from those before it and the weights of training, both without autodiff.
    pub fn next<M: Model>(
        &mut self,
        averaging: Averaging,
        before: Option<&M>,
        plain: M,
    ) -> Result<M, WeightsError> {
        self.epochs += 1;
        let Some(before) = before else {
            return Ok(plain);
        };
        let mut averages = Weights::of(before);
        let share = averaging.share_of_newest(self.epochs);
        mix(&mut averages, &Weights::of(&plain), share);
        averages.load_into(plain)
    }

    /// Begins again with the next epoch.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

impl<M: Model> Fit<'_, M> {
    /// The model that the fit leaves if it ends now, without autodiff.
    pub(crate) fn left(&self) -> M {
        match &self.averaged {
            Some(averaged) => averaged.clone(),
            None => self.session.live().valid(),
        }
    }

    /// Keeps the weights of training for the next fit, if the model has their averages.
    pub(crate) fn put_aside(&mut self) {
        if let Some(averaged) = &self.averaged {
            let plain = Weights::of(&self.session.live().valid());
            let aside = Aside::new(plain, &Weights::of(averaged));
            self.session.trainer.average.aside = Some(aside);
        }
    }

    /// At the end of this epoch, includes the weights in the averages.
    pub(crate) fn average(&mut self, epoch: usize) -> Result<(), TrainError> {
        let setting = self.session.trainer.hyper.averaging;
        let averaging = setting.filter(|averaging| averaging.includes(epoch));
        let smooths = self.session.trainer.optimizer().smooths();
        if averaging.is_none() && !smooths {
            return Ok(());
        }
        let plain = self.session.live().valid();
        let trainer = &mut *self.session.trainer;
        let plain = match smooths {
            true => trainer.optimizer().smoothed(plain),
            false => plain,
        };
        let Some(averaging) = averaging else {
            self.averaged = Some(plain);
            return Ok(());
        };
        let averaged = trainer
            .average
            .next(averaging, self.averaged.as_ref(), plain)?;
        let [of_tables, dense] = trainer.optimizer().penalties_of(&averaged);
        let spread = trainer.spread.as_ref();
        // Each process has a part of the tables.
        let of_tables = spread.map_or(of_tables, |spread| spread.sum_of(of_tables));
        trainer.average.penalty = of_tables + dense;
        self.averaged = Some(averaged);
        Ok(())
    }
}

/// `average + share * (newest - average)`, for each weight.
fn mix(averages: &mut Weights, newest: &Weights, share: f64) {
    for (name, average) in &mut averages.0 {
        let Some(newest) = newest.0.get(name) else {
            continue; // both are of one model
        };
        for (average, newest) in average.values.iter_mut().zip(&newest.values) {
            let before = f64::from(*average);
            *average = (before + share * (f64::from(*newest) - before)) as f32;
        }
    }
}

/// Identifies weights by their bits, within this process.
fn digest(weights: &Weights) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (name, weight) in &weights.0 {
        (name, &weight.shape).hash(&mut hasher);
        for value in &weight.values {
            value.to_bits().hash(&mut hasher);
        }
    }
    hasher.finish()
}
