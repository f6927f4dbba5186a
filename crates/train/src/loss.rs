//! The loss as autodiff sees it.

use burn::tensor::{Gradients, Tensor, TensorData};
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

/// The gradients of the mean loss of a batch, where the host reads scores without waiting: their slopes are a few numbers,
/// and autodiff starts behind them. With them the scores, on the host.
///
/// # Shapes
/// - scores: `[batch, 1]`
pub(crate) fn backward_on_host(
    loss: Loss,
    scores: Tensor<2>,
    ratings: &[f32],
) -> (Gradients, Vec<f32>) {
    let numbers: Vec<f32> = scores.clone().inner().into_data().iter::<f32>().collect();
    let slopes = TensorData::new(loss.slopes(&numbers, ratings), scores.dims());
    let slopes = Tensor::from_inner(Tensor::from_data(slopes, &scores.device().inner()));
    ((scores * slopes).sum().backward(), numbers)
}
