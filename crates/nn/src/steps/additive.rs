//! Attention by a layer over two steps.

use super::Block;
use crate::initialize::Draw;
use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_graph::Initializer;

/// Attention of each step of a sequence to itself and those before it with the weights `v . sigmoid(x_t A_query + x_j
/// A_key)`, which are not normalised (Li et al. 2017), see
/// [`Op::AdditiveAttention`](recburn_graph::Op::AdditiveAttention).
#[derive(Module, Debug)]
pub struct AdditiveAttention {
    /// The kernel of the step that looks, `[width, width]`.
    pub query: Param<Tensor<2>>,
    /// The kernel of the steps that it sees, `[width, width]`.
    pub key: Param<Tensor<2>>,
    /// The weights of the layer's units, `v`: `[width, 1]`.
    pub scale: Param<Tensor<2>>,
}

impl AdditiveAttention {
    /// A layer over rows of `width` numbers. `name` picks the streams of random numbers that its weights start from.
    pub fn new(
        name: &str,
        width: usize,
        initializer: Initializer,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let kernel = |part: &str, columns: usize| {
            let numbers = draw.numbers(&format!("{name}.{part}"), initializer, width, columns);
            Param::from_data(TensorData::new(numbers, [width, columns]), device)
        };
        Self {
            query: kernel("query", width),
            key: kernel("key", width),
            scale: kernel("scale", 1),
        }
    }

    /// The layer applied to each sequence. It needs memory for `width` numbers of each pair of steps.
    ///
    /// # Shapes
    /// - steps and output: `[entries, width]`, the sequences one after the other, each up to one of `ends`
    pub fn forward(&self, steps: Tensor<2>, ends: &[u32]) -> Tensor<2> {
        let Some(block) = Block::new(ends) else {
            return steps;
        };
        let [_, width] = steps.dims();
        let device = steps.device();
        let (sequences, longest) = (block.sequences, block.longest);
        let (into, back) = block.places(&device.clone().inner());
        let rows = match into {
            Some(places) => steps.select(0, places),
            None => steps,
        };
        let project = |kernel: &Param<Tensor<2>>| rows.clone().matmul(kernel.val());
        let looks = project(&self.query).reshape([sequences, longest, 1, width]);
        let seen = project(&self.key).reshape([sequences, 1, longest, width]);
        let units = sigmoid(looks + seen).reshape([sequences * longest * longest, width]);
        let weights = units.matmul(self.scale.val());
        let weights = weights.reshape([sequences, longest, longest]);
        // Padding comes after the steps of its sequence, where none of them looks.
        let causal = (0..longest * longest).map(|at| {
            let (looks, seen) = (at / longest, at % longest);
            if seen <= looks { 1.0 } else { 0.0 }
        });
        let causal = TensorData::new(causal.collect::<Vec<f32>>(), [1, longest, longest]);
        let weights = weights * Tensor::from_data(causal, &device);
        let out = weights.matmul(rows.reshape([sequences, longest, width]));
        let out = out.reshape([sequences * longest, width]);
        match back {
            Some(places) => out.select(0, places),
            None => out,
        }
    }
}
