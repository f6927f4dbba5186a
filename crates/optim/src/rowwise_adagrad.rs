//! AdaGrad with one number of state per row.

use crate::lane::Lane;
use crate::pace::Pace;
use crate::update::{TINY_STATE, TINY_WEIGHT, Update};

/// `a <- a + mean of g^2 over the row; w <- w - rate g / (sqrt(a) + eps)`: the row-wise AdaGrad of FBGEMM and TorchRec
/// (Gupta et al. 2014). A weight outside a table is a row of its own.
#[derive(Clone, Copy, Debug)]
pub struct RowwiseAdaGradStep {
    /// Learning rate.
    pub rate: f64,
    /// Added to the root.
    pub epsilon: f64,
}

impl Update<1> for RowwiseAdaGradStep {
    const COEFFICIENTS: usize = 0;
    const BY_ROW: bool = true;

    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn row_state<L: Lane>(&self, [sum]: [L; 1], mean_square: L) -> [L; 1] {
        [sum.plus(mean_square).flush(TINY_STATE)]
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [sum]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let root = sum.clone().root().offset(self.epsilon);
        let weight = weight.minus(gradient.scale(self.rate).over(root));
        (weight.flush(TINY_WEIGHT), [sum])
    }
}
