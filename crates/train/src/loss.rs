//! The loss as autodiff sees it.

use burn::tensor::Tensor;
use recburn_optim::Loss;

/// The mean loss of a batch.
///
/// # Shapes
/// - scores and ratings: `[batch, 1]`
/// - output: `[1]`
pub(crate) fn mean_loss(loss: Loss, scores: Tensor<2>, ratings: Tensor<2>) -> Tensor<1> {
    let error = scores - ratings;
    match loss {
        Loss::Mse => (error.clone() * error).mean(),
        Loss::Mae => error.abs().mean(),
        Loss::Huber { delta } => {
            // Of |e| split at delta: the square of the part below it, a line over the part above it.
            let size = error.abs();
            let below = size.clone().clamp_max(delta);
            let above = size - below.clone();
            (below.clone() * below * 0.5 + above * delta).mean()
        }
    }
}
