//! Attention by a layer over two steps.

use super::Block;
use crate::initialize::Draw;
use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_graph::Initializer;

/// The most units that are computed at once, unless a single sequence has more.
const UNITS: usize = 1 << 25;

/// 1 where a step looks at itself or at one before it: `[1, steps, steps]`. Padding comes after the steps of its sequence,
/// where none of them looks.
fn causal(steps: usize, device: &Device) -> Tensor<3> {
    let pairs = (0..steps * steps).map(|at| (at / steps, at % steps));
    let sees = pairs.map(|(looks, seen)| if seen <= looks { 1.0 } else { 0.0 });
    let sees: Vec<f32> = sees.collect();
    Tensor::from_data(TensorData::new(sees, [1, steps, steps]), device)
}

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

    /// The layer applied to each sequence. In training it needs memory for `width` numbers of each pair of steps.
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
        let of_sequences = |rows: Tensor<2>| rows.reshape([sequences, longest, width]);
        let looks = of_sequences(rows.clone().matmul(self.query.val()));
        let seen = of_sequences(rows.clone().matmul(self.key.val()));
        let rows = of_sequences(rows);
        let causal = causal(longest, &device);
        let most = (UNITS / (longest * longest * width)).max(1);
        let groups = (0..sequences).step_by(most).map(|start| {
            let count = most.min(sequences - start);
            let of_group = |all: &Tensor<3>| all.clone().narrow(0, start, count);
            let looks = of_group(&looks).reshape([count, longest, 1, width]);
            let seen = of_group(&seen).reshape([count, 1, longest, width]);
            let units = sigmoid(looks + seen).reshape([count * longest * longest, width]);
            let weights = units.matmul(self.scale.val());
            let weights = weights.reshape([count, longest, longest]) * causal.clone();
            weights.matmul(of_group(&rows))
        });
        let out = Tensor::cat(groups.collect(), 0);
        let out = out.reshape([sequences * longest, width]);
        match back {
            Some(places) => out.select(0, places),
            None => out,
        }
    }
}
