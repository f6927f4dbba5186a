//! A gated recurrent unit over the steps of sequences.

use crate::columns::integers;
use crate::initialize::Draw;
use crate::steps::ranges;
use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};
use recburn_graph::Initializer;

/// A gated recurrent unit with a reset gate behind the product and two biases, see [`Op::Gru`](recburn_graph::Op::Gru):
/// Keras's `GRU` with `reset_after=True`, and PyTorch's.
#[derive(Module, Debug)]
pub struct Gru {
    /// The kernels of the input, `[inputs, 3 * units]`: those of the update gate, the reset gate and the candidate.
    pub weight: Param<Tensor<2>>,
    /// The kernels of the state, `[units, 3 * units]`, in the same order.
    pub recurrent: Param<Tensor<2>>,
    /// The biases of the input's products, then of the state's, `[2, 3 * units]`.
    pub bias: Param<Tensor<2>>,
}

impl Gru {
    /// A layer from `inputs` to `units`. `name` picks the streams of random numbers that its kernels start from.
    pub fn new(
        name: &str,
        [inputs, units]: [usize; 2],
        initializer: Initializer,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let gates = 3 * units;
        let kernel = |part: &str, rows: usize| {
            let numbers = draw.numbers(&format!("{name}.{part}"), initializer, rows, gates);
            Param::from_data(TensorData::new(numbers, [rows, gates]), device)
        };
        Self {
            weight: kernel("weight", inputs),
            recurrent: kernel("recurrent", units),
            bias: Param::from_data(TensorData::new(vec![0f32; 2 * gates], [2, gates]), device),
        }
    }

    /// The state after each step of each sequence, which starts at 0.
    ///
    /// # Shapes
    /// - steps: `[entries, inputs]`, at least one, the sequences one after the other, each up to one of `ends`
    /// - output: `[entries, units]`
    pub fn forward(&self, steps: Tensor<2>, ends: &[u32]) -> Tensor<2> {
        let device = steps.device();
        let (weight, recurrent) = (self.weight.val(), self.recurrent.val());
        let [units, _] = recurrent.dims();
        let bias = self.bias.val();
        let (of_input, of_state) = (bias.clone().narrow(0, 0, 1), bias.narrow(0, 1, 1));

        let packed = Packed::new(ends);
        let (into, back) = packed.places(&device.clone().inner());
        let projected = steps.select(0, into).matmul(weight) + of_input;
        let mut state = Tensor::zeros(
            [packed.counts.first().copied().unwrap_or(0), units],
            &device,
        );
        let (mut states, mut start) = (Vec::with_capacity(packed.counts.len()), 0);
        for &count in &packed.counts {
            // Sequences that have ended are behind those that go on.
            state = state.narrow(0, 0, count);
            let input = projected.clone().narrow(0, start, count);
            let own = state.clone().matmul(recurrent.clone()) + of_state.clone();
            let gates = input.clone().narrow(1, 0, 2 * units) + own.clone().narrow(1, 0, 2 * units);
            let gates = sigmoid(gates);
            let update = gates.clone().narrow(1, 0, units);
            let reset = gates.narrow(1, units, units);
            let candidate =
                input.narrow(1, 2 * units, units) + reset * own.narrow(1, 2 * units, units);
            let candidate = candidate.tanh();
            state = update * (state - candidate.clone()) + candidate;
            states.push(state.clone());
            start += count;
        }
        Tensor::cat(states, 0).select(0, back)
    }
}

/// The steps of all sequences, step by step: first those that are first in their sequence, the longest sequence before the
/// others, then the second ones, and so on.
struct Packed {
    /// The entry of each row.
    entries: Vec<u32>,
    /// How many sequences have a first step, a second one, and so on.
    counts: Vec<usize>,
}

impl Packed {
    fn new(ends: &[u32]) -> Self {
        let mut sequences: Vec<_> = ranges(ends).collect();
        sequences.sort_by_key(|range| std::cmp::Reverse(range.len()));
        let longest = sequences.first().map_or(0, ExactSizeIterator::len);
        let (mut entries, mut counts) = (Vec::new(), Vec::with_capacity(longest));
        for step in 0..longest {
            let going = sequences.iter().take_while(|range| range.len() > step);
            let before = entries.len();
            entries.extend(going.map(|range| range.start + step as u32));
            counts.push(entries.len() - before);
        }
        Self { entries, counts }
    }

    /// The entry of each row, and the row of each entry.
    fn places(&self, device: &Device) -> (Tensor<1, Int>, Tensor<1, Int>) {
        let mut rows = vec![0; self.entries.len()];
        for (row, &entry) in (0..).zip(&self.entries) {
            rows[entry as usize] = row;
        }
        let entries = integers(self.entries.iter().copied(), device);
        (entries, integers(rows.into_iter(), device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_with_those_of_other_sequences_the_longest_first() {
        let packed = Packed::new(&[1, 4, 4, 6]);
        assert_eq!(packed.entries, [1, 4, 0, 2, 5, 3]);
        assert_eq!(packed.counts, [3, 2, 1]);
        assert!(Packed::new(&[0, 0]).counts.is_empty());
    }
}
