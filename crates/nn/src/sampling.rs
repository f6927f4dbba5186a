//! Draws from Gaussians, with noise generated on the host.

use crate::pass::Pass;
use burn::tensor::{Tensor, TensorData};
use rand_core::Rng;
use recburn_compiled::{divergence_weight, noise};

/// In a training pass `mean + exp(log_variance / 2) noise`, and the divergence from the standard Gaussian among the
/// penalties of the pass; otherwise the mean.
///
/// # Shapes
/// - mean, log_variance and output: `[rows, width]`
pub(crate) fn forward(
    mean: Tensor<2>,
    log_variance: Tensor<2>,
    (kl, warm_up): (f64, u64),
    pass: &Pass,
) -> Tensor<2> {
    let Some(key) = pass.draw(|random| random.next_u64()) else {
        return mean;
    };
    let shape = mean.dims();
    let mut draws = vec![0.0; shape[0] * shape[1]];
    noise(key, &mut draws);
    let draws = Tensor::from_data(TensorData::new(draws, shape), &mean.device().inner());
    let weight = divergence_weight(kl, warm_up, pass.step());
    if weight > 0.0 {
        let both = mean.clone() * mean.clone() + log_variance.clone().exp() - log_variance.clone();
        // Without the constant -1, which has no gradient.
        pass.penalise(both.sum() * (0.5 * weight / shape[0] as f32));
    }
    mean + (log_variance * 0.5).exp() * Tensor::from_inner(draws)
}
