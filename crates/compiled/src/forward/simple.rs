//! Operations that need only their inputs and the weights.

use super::Forward;
use crate::elementwise::{apply, bend};
use crate::kernels::{copy, dots, multiply, one_unit, rescale, spread, sums};
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Axis, Operation, Place, ValueIx};
use crate::steps::{add_places, last_steps};
use recburn_graph::Activation;

impl Forward<'_, '_> {
    /// An operation that needs only its inputs and the weights. Its output is its whole buffer.
    pub(super) fn simple(
        &self,
        operation: &Operation,
        parameters: &Parameters,
        values: &[Vec<f32>],
        rows: usize,
        out: &mut [f32],
    ) {
        let of = |input: ValueIx| self.rows(input, values, rows);
        let width = out.len() / rows.max(1);
        match operation {
            Operation::Gather { .. }
            | Operation::Pool { .. }
            | Operation::Numbers { .. }
            | Operation::BatchNorm { .. }
            | Operation::LayerNorm { .. }
            | Operation::Attention { .. }
            | Operation::Gru { .. }
            | Operation::AdditiveAttention { .. }
            | Operation::Products { .. }
            | Operation::Sampling { .. }
            | Operation::Pairwise { .. } => unreachable!("these have functions of their own"),
            Operation::Spread { input } => {
                let place = self.place(*input);
                let places = self.layout.places(self.program.values[input.0].axis);
                let input = &values[place.buffer][place.start..];
                spread(input, place.stride, &places, out.chunks_exact_mut(width));
            }
            Operation::Positions {
                input,
                rows: learnt,
            } => {
                copy(of(*input), out.chunks_exact_mut(width), false);
                let learnt = learnt.of(&parameters.weights);
                add_places(learnt, self.layout.ends, out, width);
            }
            Operation::AtQuery { input } => {
                if self.program.every_position {
                    copy(of(*input), out.chunks_exact_mut(width), false);
                } else if self.layout.rows(Axis::Entries) == 0 {
                    out.fill(0.0);
                } else {
                    let place = self.place(*input);
                    let steps = &values[place.buffer][place.start..];
                    last_steps(steps, place.stride, self.layout.ends, out, width);
                }
            }
            Operation::Sum { input } => sums(of(*input), out),
            Operation::Dense {
                input,
                kernel,
                bias,
                activation,
                thinned: _,
            } => {
                let kernel = kernel.of(&parameters.weights);
                if width == 1 {
                    one_unit(of(*input), kernel, out);
                } else {
                    let place = self.place(*input);
                    let numbers = &values[place.buffer][place.start..];
                    let shape = [rows, place.width];
                    Matrix::with_stride(numbers, shape, place.stride).times_into(
                        Matrix::new(kernel, [place.width, width]),
                        out,
                        width,
                        false,
                    );
                }
                bend(out, bias.of(&parameters.weights), *activation);
            }
            Operation::Bias { input, bias } => {
                copy(of(*input), out.chunks_exact_mut(width), false);
                bend(out, bias.of(&parameters.weights), Activation::Linear);
            }
            Operation::Activation { input, function } => {
                apply(of(*input), out.chunks_exact_mut(width), *function);
            }
            Operation::Dot {
                inputs: [left, right],
            } => dots(of(*left), of(*right), out),
            Operation::Add { inputs } => {
                for (at, input) in inputs.iter().enumerate() {
                    copy(of(*input), out.chunks_exact_mut(width), at > 0);
                }
            }
            Operation::Multiply { inputs } => {
                for (at, input) in inputs.iter().enumerate() {
                    match at {
                        0 => copy(of(*input), out.chunks_exact_mut(width), false),
                        _ => multiply(of(*input), out.chunks_exact_mut(width)),
                    }
                }
            }
            Operation::Concat { parts } => {
                for &(input, start) in parts {
                    let part = Place {
                        buffer: 0,
                        start,
                        width: self.place(input).width,
                        stride: width,
                    };
                    copy(of(input), part.rows_mut(out, rows), false);
                }
            }
            Operation::Rescale { input, min, max } => {
                rescale(of(*input), out.chunks_exact_mut(width), *min, max - min);
            }
            Operation::Copy { input } => copy(of(*input), out.chunks_exact_mut(width), false),
        }
    }
}
