//! Dropout with masks generated on the host.

use crate::pass::Pass;
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand_core::Rng;
use recburn_compiled::Rate;

/// In training, drops each number with probability `rate` and scales the rest by `1 / (1 - rate)` (Srivastava et al.
/// 2014); the identity otherwise.
///
/// Burn's own layer draws a float per cell from a cryptographic generator, which takes a third of a step of a small
/// network; this one uses 16 bits per cell from a cheap, vectorised hash of the position, so a rate is rounded to
/// 1/65,536.
#[derive(Module, Debug)]
pub struct Dropout {
    /// Probability of dropping, in `[0, 1)`.
    pub rate: f64,
}

impl Dropout {
    /// Draws a mask in a training pass; the identity otherwise.
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
        let mut mask = vec![0.0; shape[0] * shape[1]];
        Rate::new(self.rate).fill(key, &mut mask);
        let mask = TensorData::new(mask, shape);
        let mask = Tensor::from_data(mask, &input.device().inner());
        input * Tensor::from_inner(mask)
    }
}
