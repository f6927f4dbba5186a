//! Learning rate schedules.

use crate::callback::{Answer, Callback, GO_ON, Moment};

/// Sets the learning rate at the beginning of each epoch. Epochs are counted from 1 over all fits.
pub struct Schedule(Box<dyn Fn(usize) -> f64>);

impl Schedule {
    /// Any function of the epoch.
    pub fn new(rate: impl Fn(usize) -> f64 + 'static) -> Self {
        Self(Box::new(rate))
    }

    /// `rate * decay^(epoch - 1)`
    pub fn exponential(rate: f64, decay: f64) -> Self {
        Self::new(move |epoch| rate * decay.powi(epoch as i32 - 1))
    }

    /// `rate`, multiplied by `factor` after every `every` epochs.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn steps(rate: f64, factor: f64, every: usize) -> Self {
        assert!(every > 0, "a rate cannot fall every 0 epochs");
        Self::new(move |epoch| rate * factor.powi(((epoch - 1) / every) as i32))
    }

    /// Half a cosine from `rate` in the first epoch to `last` in epoch `epochs`, and `last` after it (Loshchilov and
    /// Hutter 2017).
    pub fn cosine(rate: f64, last: f64, epochs: usize) -> Self {
        Self::new(move |epoch| {
            let way = (epoch - 1) as f64 / (epochs.max(2) - 1) as f64;
            last + (rate - last) * 0.5 * (1.0 + (std::f64::consts::PI * way.min(1.0)).cos())
        })
    }
}

impl Callback for Schedule {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn on_epoch_begin(&mut self, moment: &mut Moment<'_>) -> Answer {
        *moment.learning_rate = (self.0)(moment.epoch);
        GO_ON
    }
}
