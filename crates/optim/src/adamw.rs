//! Adam with decoupled weight decay.

use crate::adam::AdamStep;
use crate::lane::Lane;
use crate::missed::Missed;
use crate::pace::Pace;
use crate::update::{COEFFICIENTS, Rest, TINY_WEIGHT, Update};

/// `w <- w - learning rate * weight decay * w`, then [Adam's step](AdamStep) (Loshchilov and Hutter 2019). Decay uses
/// the plain learning rate, without the bias correction, and the gradient is taken at the weight before decay, as in
/// Keras and PyTorch.
#[derive(Clone, Copy, Debug)]
pub struct AdamWStep {
    /// The step that follows the decay.
    pub adam: AdamStep,
    /// The share of every weight that decay removes: learning rate times weight decay.
    pub decay: f64,
}

impl Update<2> for AdamWStep {
    const COEFFICIENTS: usize = 6;

    fn at_pace(self, pace: Pace) -> Self {
        Self {
            adam: self.adam.at_pace(pace),
            decay: pace.decay,
        }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, state: [L; 2], gradient: L) -> (L, [L; 2]) {
        let weight = weight.clone().minus(weight.scale(self.decay));
        self.adam.step(weight, state, gradient)
    }

    /// The moments of a row outside the batch are those of Adam. If decay has left the share `P_k` of a weight after
    /// `k` steps, the weight is `P_n w - sum over k of (P_n / P_k) rate_k b1^k m / (sqrt(b2^k v) + eps)`: decay shrinks
    /// the update of step `k` at each later step. Those factors are part of the sums in [`AdamSums`](crate::AdamSums),
    /// so it only remains to shrink the weight and to let Adam catch up.
    #[inline(always)]
    fn rest(&self, missed: &Missed<'_>, decay: f64) -> Rest {
        match self.adam.rest(missed, decay) {
            Rest::AtOnce([left_1, left_2, sum, floor, spread, _]) => {
                Rest::AtOnce([left_1, left_2, sum, floor, spread, missed.kept])
            }
            Rest::Nothing => Rest::Nothing,
            Rest::OneByOne => Rest::OneByOne,
        }
    }

    #[inline(always)]
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        state: [L; 2],
        coefficients: [L; COEFFICIENTS],
    ) -> (L, [L; 2]) {
        let [.., kept] = coefficients.clone();
        let weight = weight.times(kept).flush(TINY_WEIGHT);
        self.adam.catch_up(weight, state, coefficients)
    }
}
