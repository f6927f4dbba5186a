//! What a row at rest has missed.

use crate::pace::Pace;

/// A row's missed steps.
#[derive(Clone, Copy, Debug)]
pub struct Missed<'a> {
    /// Their paces, first to last.
    pub paces: &'a [Pace],
    /// What they leave of each state, if no gradient and no penalty is at work.
    pub left: [f64; 2],
    /// For Adam and AdamW, where the first moment goes, see [`AdamStep`](crate::AdamStep). `None` for other rules, and for
    /// betas under which a first moment outlives the second.
    pub sums: Option<AdamSums>,
    /// What their weight decay leaves of a weight.
    pub kept: f64,
}

/// Sums over missed steps `k = 1, 2, ...` of Adam's `rate_k (b1 / sqrt(b2))^k`, each times `b2^(-k/2)` to the power of 0,
/// 1 and 2, and times what the weight decay of the steps behind it leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdamSums {
    /// Of the terms themselves.
    pub sum: f64,
    /// Of the terms times `b2^(-k/2)`.
    pub first: f64,
    /// Of the terms times `b2^-k`.
    pub second: f64,
}

impl AdamSums {
    /// Steps beyond the last of the sums: all that they do is to decay.
    pub(crate) fn shrink(&mut self, kept: f64) {
        for sum in [&mut self.sum, &mut self.first, &mut self.second] {
            *sum *= kept;
        }
    }
}
