//! AdaGrad.

use crate::lane::Lane;
use crate::pace::Pace;
use crate::update::{TINY_STATE, TINY_WEIGHT, Update, square};

/// `a <- a + g^2; w <- w - rate g / sqrt(a + eps)` (Duchi et al. 2011).
#[derive(Clone, Copy, Debug)]
pub struct AdaGradStep {
    /// Learning rate.
    pub rate: f64,
    /// Added under the root.
    pub epsilon: f64,
}

impl Update<1> for AdaGradStep {
    const COEFFICIENTS: usize = 0;

    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [sum]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let sum = sum.plus(square(gradient.clone())).flush(TINY_STATE);
        let root = sum.clone().offset(self.epsilon).root();
        let weight = weight.minus(gradient.scale(self.rate).over(root));
        (weight.flush(TINY_WEIGHT), [sum])
    }
}
