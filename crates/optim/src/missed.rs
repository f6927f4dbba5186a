//! The steps that a row outside the batch has missed.

use crate::pace::Pace;

/// A row's missed steps.
#[derive(Clone, Copy, Debug)]
pub struct Missed<'a> {
    /// Their paces, first to last.
    pub paces: &'a [Pace],
    /// The share of each state that they leave, without a gradient or penalty.
    pub left: [f64; 2],
    /// For Adam and AdamW, the effect of the first moment, see [`AdamStep`](crate::AdamStep). `None` for other rules,
    /// and for betas for which the first moment outlives the second.
    pub sums: Option<AdamSums>,
    /// The share of a weight that their weight decay leaves.
    pub kept: f64,
}

/// Sums over missed steps `k = 1, 2, ...` of Adam's `rate_k (b1 / sqrt(b2))^k`, each times `b2^(-k/2)` to the power of
/// 0, 1 and 2, and times the share that the weight decay of later steps leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdamSums {
    /// Sum of the terms themselves.
    pub sum: f64,
    /// Sum of the terms times `b2^(-k/2)`.
    pub first: f64,
    /// Sum of the terms times `b2^-k`.
    pub second: f64,
}

impl AdamSums {
    /// Applies steps beyond the last one in the sums, which only decay.
    pub(crate) fn shrink(&mut self, kept: f64) {
        for sum in [&mut self.sum, &mut self.first, &mut self.second] {
            *sum *= kept;
        }
    }
}
