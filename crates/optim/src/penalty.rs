//! Penalties and constraints on the weights of a table.

/// Penalties and constraint on the weights of a table, besides their gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// Adds `l2 * sum(w^2)` over the whole table to the loss.
    pub l2: f64,
    /// Adds the same for each example's own row to its loss, see
    /// [`RowTable::add_penalty`](crate::RowTable::add_penalty).
    pub l2_per_look_up: f64,
    /// Weights are projected onto 0 and above after every update.
    pub non_negative: bool,
}

impl Penalty {
    /// The gradient of the penalty on the whole table is this times the weight.
    pub fn decay(&self) -> f64 {
        2.0 * self.l2
    }

    /// The gradient of the penalty on looked-up rows is this times the row's share of the batch's look-ups, times the
    /// weight.
    pub fn decay_per_look_up(&self) -> f64 {
        2.0 * self.l2_per_look_up
    }

    pub(crate) fn shrink(&self) -> Shrink {
        Shrink {
            decay: self.decay(),
            non_negative: self.non_negative,
        }
    }
}

/// The part of a [`Penalty`] that acts on every row at every step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shrink {
    /// The penalty's gradient is this times the weight.
    pub decay: f64,
    /// Weights are projected onto 0 and above after every step.
    pub non_negative: bool,
}

impl Shrink {
    pub(crate) const NONE: Self = Self {
        decay: 0.0,
        non_negative: false,
    };
}
