//! The fully connected layer as one operation with its own backward, for Burn's processor backend.
//!
//! As tensor operations it is a product, a bias, a function and the backward of each: eight passes over numbers that
//! leave the first cache, and as many allocations. Here bias and function are one pass over the product's own memory, and
//! so are their gradients. Other backends run the tensor operations: there a compiler fuses them, or nobody minds.

use crate::home::{self, backend_of};
use crate::product::Matrix;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};
use pulp::Arch;
use recburn_graph::Activation;

/// A backend that has the layer in one piece.
#[backend_extension(Flex, Autodiff)]
trait FusedDense: Backend {
    fn fused_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// `activation(x W + b)`, in one piece; `None` where there is none for these tensors.
///
/// # Shapes
/// - input: `[batch, inputs]`, weight: `[inputs, units]`, bias: `[units]`
/// - output: `[batch, units]`
pub(crate) fn dense(
    input: &Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
) -> Option<Tensor<2>> {
    let flex = backend_of(&input.device()) == home::Backend::Flex;
    if !flex || input.dtype() != DType::F32 || weight.dtype() != DType::F32 {
        return None;
    }
    let output = Dispatch::fused_dense(
        input.clone().into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        activation,
    );
    Some(Tensor::from_dispatch(output))
}

/// `exp(x) - 1` to a unit or two in the last place, also near 0, in operations that go many at a time (the library's
/// function goes one by one).
#[inline(always)]
fn exp_minus_1(x: f32) -> f32 {
    // Beyond these the result is -1, or too large for anything that is done with it here.
    let x = x.clamp(-87.0, 44.0);
    // x = n ln 2 + r with |r| < 0.35; adding and taking away 1.5 * 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
    // The series of exp(r) - 1; its next term is below 1e-8 of the sum.
    let tail = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let series = r + r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * tail)));
    let power = f32::from_bits(((n as i32 + 127) as u32) << 23);
    power * series + (power - 1.0)
}

/// The function in place on `x W`, which gets the bias first.
fn bend(numbers: &mut [f32], bias: &[f32], activation: Activation) {
    /// One pass, compiled for each function.
    #[inline(always)]
    fn pass(numbers: &mut [f32], bias: &[f32], function: impl Fn(f32) -> f32) {
        for row in numbers.chunks_exact_mut(bias.len()) {
            for (number, bias) in row.iter_mut().zip(bias) {
                *number = function(*number + bias);
            }
        }
    }
    Arch::new().dispatch(
        #[inline(always)]
        || match activation {
            Activation::Linear => pass(numbers, bias, |x| x),
            Activation::Relu => pass(numbers, bias, |x| x.max(0.0)),
            Activation::Elu => pass(numbers, bias, |x| if x > 0.0 { x } else { exp_minus_1(x) }),
            Activation::Sigmoid => pass(numbers, bias, |x| 1.0 / (2.0 + exp_minus_1(-x))),
            Activation::Tanh => pass(numbers, bias, |x| {
                let power = exp_minus_1(2.0 * x);
                power / (power + 2.0)
            }),
        },
    );
}

/// The gradient of `x W + b` in place of that of the output, and its sum over the batch: the bias's.
fn unbend(gradient: &mut [f32], output: &[f32], units: usize, activation: Activation) -> Vec<f32> {
    /// One pass, compiled for each function's slope, which is known from the function's value.
    #[inline(always)]
    fn pass(gradient: &mut [f32], output: &[f32], sums: &mut [f32], slope: impl Fn(f32) -> f32) {
        let rows = gradient.chunks_exact_mut(sums.len());
        for (gradient, output) in rows.zip(output.chunks_exact(sums.len())) {
            for ((gradient, output), sum) in gradient.iter_mut().zip(output).zip(&mut *sums) {
                *gradient *= slope(*output);
                *sum += *gradient;
            }
        }
    }
    let mut sums = vec![0.0; units];
    Arch::new().dispatch(
        #[inline(always)]
        || match activation {
            Activation::Linear => pass(gradient, output, &mut sums, |_| 1.0),
            Activation::Relu => {
                pass(
                    gradient,
                    output,
                    &mut sums,
                    |y| if y > 0.0 { 1.0 } else { 0.0 },
                );
            }
            Activation::Elu => pass(gradient, output, &mut sums, |y| {
                if y > 0.0 { 1.0 } else { y + 1.0 }
            }),
            Activation::Sigmoid => pass(gradient, output, &mut sums, |y| y * (1.0 - y)),
            Activation::Tanh => pass(gradient, output, &mut sums, |y| 1.0 - y * y),
        },
    );
    sums
}

/// A tensor of these numbers, which it takes as they are.
fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(numbers, shape), &Default::default())
}

/// A tensor's numbers as a matrix; it must be contiguous.
fn matrix(tensor: &FloatTensor<Flex>) -> Matrix<'_> {
    let shape = tensor.layout().shape();
    Matrix::new(tensor.storage::<f32>(), [shape[0], shape[1]])
}

fn forward(
    input: &FloatTensor<Flex>,
    weight: &FloatTensor<Flex>,
    bias: FloatTensor<Flex>,
    activation: Activation,
) -> FloatTensor<Flex> {
    let shape = [input.layout().shape()[0], weight.layout().shape()[1]];
    let mut output = matrix(input).times(matrix(weight));
    bend(
        &mut output,
        bias.to_contiguous().storage::<f32>(),
        activation,
    );
    tensor(output, shape)
}

impl FusedDense for Flex {
    fn fused_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let (input, weight) = (input.to_contiguous(), weight.to_contiguous());
        forward(&input, &weight, bias, activation)
    }
}

#[derive(Debug)]
struct DenseBackward;

#[derive(Clone, Debug)]
struct Saved {
    input: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    output: FloatTensor<Flex>,
    activation: Activation,
}

impl Backward<Flex, 3> for DenseBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Saved {
            input,
            weight,
            output,
            activation,
        } = ops.state;
        let mut gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let units = output.layout().shape()[1];
        let sums = unbend(
            gradient.storage_mut::<f32>(),
            output.storage::<f32>(),
            units,
            activation,
        );
        let [of_input, of_weight, of_bias] = ops.parents;
        let shapes = [&input, &weight]
            .map(|tensor| [tensor.layout().shape()[0], tensor.layout().shape()[1]]);
        if let Some(node) = of_bias {
            grads.register::<Flex>(node.id, tensor(sums, [units]));
        }
        if let Some(node) = of_weight {
            let product = matrix(&input).turned().times(matrix(&gradient));
            grads.register::<Flex>(node.id, tensor(product, shapes[1]));
        }
        if let Some(node) = of_input {
            let product = matrix(&gradient).times(matrix(&weight).turned());
            grads.register::<Flex>(node.id, tensor(product, shapes[0]));
        }
    }
}

impl<C: CheckpointStrategy> FusedDense for Autodiff<Flex, C> {
    fn fused_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        let (input, weight) = (
            input.into_primitive().to_contiguous(),
            weight.into_primitive().to_contiguous(),
        );
        let output = forward(&input, &weight, bias.into_primitive(), activation);
        match DenseBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let saved = Saved {
                    input,
                    weight,
                    output: output.clone(),
                    activation,
                };
                prepared.finish(saved, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_minus_1_follows_the_library() {
        let points = (-9_000..4_400).map(|at| at as f32 * 0.01);
        let near_zero = (-600..600).map(|at| (at as f32 * 0.05).exp2() * 0.1);
        for x in points.chain(near_zero.clone()).chain(near_zero.map(|x| -x)) {
            let exact = f64::from(x).exp_m1();
            let error = (f64::from(exp_minus_1(x)) - exact).abs();
            assert!(
                x > 44.0 || error <= 3e-7 * exact.abs(),
                "exp({x}) - 1 = {exact}"
            );
        }
    }
}
