//! The whole of a step, of which each rank has a part.

use crate::ranks::{Ranks, sum};

/// What all ranks know of a step before they take it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WholeBatch {
    /// The weight of the whole batch.
    weight: f64,
    /// The part of it that this rank has.
    share: f32,
    /// Whether any rank asks to stop.
    stop: bool,
    /// Whether any rank asks to save.
    save: bool,
}

impl WholeBatch {
    /// Begins a step. `weight` is that of this rank's part of the batch, such as the number of its ratings; `stop` asks
    /// all ranks to stop after this step, and `save` to write a checkpoint.
    pub fn begin(ranks: &dyn Ranks, weight: f64, stop: bool, save: bool) -> Self {
        let [stop, save] = [stop, save].map(|asked| f64::from(u8::from(asked)));
        let mut sums = [weight, stop, save];
        sum(ranks, &mut sums);
        Self {
            weight: sums[0],
            share: match sums[0] > 0.0 {
                true => (weight / sums[0]) as f32,
                false => 0.0,
            },
            stop: sums[1] > 0.0,
            save: sums[2] > 0.0,
        }
    }

    /// The weight of the whole batch.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The part of the whole batch that this rank has.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// Whether no rank has a part of the batch.
    pub fn is_of_nobody(&self) -> bool {
        self.weight == 0.0
    }

    /// Whether any rank has asked to stop.
    pub fn stop(&self) -> bool {
        self.stop
    }

    /// Whether any rank has asked to save.
    pub fn save(&self) -> bool {
        self.save
    }
}
