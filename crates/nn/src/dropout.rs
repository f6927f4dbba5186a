//! Dropout with masks made on the host.

use crate::tape::Tape;
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand_core::Rng;

/// In training, drops each number with probability `rate` and scales the rest by `1 / (1 - rate)` (Srivastava et al.
/// 2014); the identity otherwise.
///
/// Burn's own layer draws a float a cell from a cryptographic generator, a third of the step of a small network; this
/// one takes 16 bits a cell of a cheap one, so a rate is met to 1/65,536.
#[derive(Module, Debug)]
pub struct Dropout {
    /// Probability of dropping, in `[0, 1)`.
    pub rate: f64,
}

impl Dropout {
    /// Training where there is a tape, else the identity.
    ///
    /// # Shapes
    /// - input and output: `[batch, width]`
    pub fn forward(&self, input: Tensor<2>, tape: Option<&Tape>) -> Tensor<2> {
        let Some(tape) = tape.filter(|_| self.rate > 0.0) else {
            return input;
        };
        let shape = input.dims();
        let mask = tape.with_random(|random| self.mask(random, shape[0] * shape[1]));
        let mask = Tensor::from_data(TensorData::new(mask, shape), &input.device().inner());
        input * Tensor::from_inner(mask)
    }

    fn mask(&self, random: &mut impl Rng, cells: usize) -> Vec<f32> {
        let threshold = (self.rate * 65_536.0) as u16;
        // Of the rate that is met, not the one that was asked for.
        let kept = 65_536.0 / (65_536.0 - f32::from(threshold));
        let mut mask = Vec::with_capacity(cells + 3);
        while mask.len() < cells {
            let bits = random.next_u64();
            for part in 0..4 {
                let draw = (bits >> (16 * part)) as u16;
                mask.push(if draw < threshold { 0.0 } else { kept });
            }
        }
        mask.truncate(cells);
        mask
    }
}
