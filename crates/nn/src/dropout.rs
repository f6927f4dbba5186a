//! Dropout with masks made on the host.

use crate::pass::Pass;
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use pulp::Arch;
use rand_core::Rng;

/// In training, drops each number with probability `rate` and scales the rest by `1 / (1 - rate)` (Srivastava et al.
/// 2014); the identity otherwise.
///
/// Burn's own layer draws a float a cell from a cryptographic generator, a third of the step of a small network; this
/// one takes 16 bits a cell of a cheap hash of its place, many cells at a time, so a rate is met to 1/65,536.
#[derive(Module, Debug)]
pub struct Dropout {
    /// Probability of dropping, in `[0, 1)`.
    pub rate: f64,
}

impl Dropout {
    /// Draws where the pass does, in training; the identity otherwise.
    ///
    /// # Shapes
    /// - input and output: `[batch, width]`
    pub fn forward(&self, input: Tensor<2>, pass: &Pass) -> Tensor<2> {
        if self.rate <= 0.0 {
            return input;
        }
        let Some(key) = pass.draw(|random| random.next_u64()) else {
            return input;
        };
        let shape = input.dims();
        let mask = TensorData::new(self.mask(key, shape[0] * shape[1]), shape);
        let mask = Tensor::from_data(mask, &input.device().inner());
        input * Tensor::from_inner(mask)
    }

    fn mask(&self, key: u64, cells: usize) -> Vec<f32> {
        let threshold = (self.rate * 65_536.0) as u16;
        // Of the rate that is met, not the one that was asked for.
        let kept = 65_536.0 / (65_536.0 - f32::from(threshold));
        let (low, high) = (key as u32, (key >> 32) as u32);
        let mut mask = vec![0.0; cells];
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (at, cell) in mask.iter_mut().enumerate() {
                    let draw = mixed((at as u32).wrapping_add(low)) ^ high;
                    *cell = if (mixed(draw) >> 16) < u32::from(threshold) {
                        0.0
                    } else {
                        kept
                    };
                }
            },
        );
        mask
    }
}

/// A number that looks nothing like its neighbours' (Mueller's `lowbias32`, a bijection in which each bit of the input
/// moves each bit of the output with a probability close to one half). Every cell has its own, so many are made at once.
#[inline(always)]
fn mixed(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}
