//! The fully connected layer as one operation with its own backward pass, for Burn's CPU backend.
//!
//! As tensor operations it is a product, a bias, an activation and the backward pass of each: eight passes over data
//! that exceed the L1 cache, and as many allocations. Here bias and activation take one pass over the memory of the
//! product, and so do their gradients. Other backends run the tensor operations, which their compilers may fuse.

use crate::home::{self, backend_of};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};
use recburn_compiled::{Matrix, bend, unbend};
use recburn_graph::Activation;

/// A backend that has the layer as one operation.
#[backend_extension(Flex, Autodiff)]
trait FusedDense: Backend {
    fn fused_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// `activation(x W + b)` as one operation; `None` if it does not exist for these tensors.
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

/// A tensor of these numbers, without copying them.
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
        let mut sums = vec![0.0; units];
        unbend(
            gradient.storage_mut::<f32>(),
            output.storage::<f32>(),
            1.0,
            &mut sums,
            activation,
        );
        let [of_input, of_weight, of_bias] = ops.parents;
        let shapes = [&input, &weight]
            .map(|tensor| [tensor.layout().shape()[0], tensor.layout().shape()[1]]);
        if let Some(node) = of_bias {
            grads.register::<Flex>(node.id, tensor(sums, [units]));
        }
        if let Some(node) = of_weight {
            let product = matrix(&input).transposed().times(matrix(&gradient));
            grads.register::<Flex>(node.id, tensor(product, shapes[1]));
        }
        if let Some(node) = of_input {
            let product = matrix(&gradient).times(matrix(&weight).transposed());
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
