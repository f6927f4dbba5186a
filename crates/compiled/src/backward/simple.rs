//! The gradients of operations that keep only their inputs and output between the passes.

use super::{Backward, Own};
use crate::elementwise::times_slope;
use crate::kernels::{add_up, broadcast, copy, scaled, times_number};
use crate::program::{Operation, Place, ValueIx};
use crate::steps::of_places;

impl Backward<'_, '_> {
    /// An operation that keeps only its inputs and output between the passes; the output is its whole buffer.
    pub(super) fn simple(&mut self, own: Own<'_>, operation: &Operation, of_output: &mut [f32]) {
        let (rows, place) = (own.rows, own.place);
        let width = place.width;
        if let Operation::Dense {
            input,
            kernel,
            bias,
            activation,
            thinned,
        } = operation
        {
            let spans = [*kernel, *bias];
            self.dense(own, *input, spans, *activation, *thinned, of_output);
            return;
        }
        if let Operation::Bias { bias, .. } = operation {
            let sums = bias.of_mut(&mut self.parameters.gradient);
            sums.fill(0.0);
            for row in of_output.chunks_exact(width) {
                sums.iter_mut()
                    .zip(row)
                    .for_each(|(sum, slope)| *sum += slope);
            }
        }
        if let Operation::Activation { function, .. } = operation {
            let output = &self.values[place.buffer][..of_output.len()];
            times_slope(of_output, output, own.unscaled, *function);
        }
        if let Operation::Positions { rows, .. } = operation {
            let of_rows = rows.of_mut(&mut self.parameters.gradient);
            of_places(of_output, self.layout.ends, of_rows, width);
        }
        // The following is done for each input separately.
        let of_output = &*of_output;
        let gradient = || of_output.chunks_exact(width);
        let mut at = 0;
        operation.each_input(|input| {
            let (this, add) = (at, own.step.adds[at]);
            at += 1;
            let Some(add) = add else {
                return;
            };
            match operation {
                Operation::Gather { .. }
                | Operation::Pool { .. }
                | Operation::Numbers { .. }
                | Operation::Dense { .. }
                | Operation::BatchNorm { .. }
                | Operation::LayerNorm { .. }
                | Operation::Sampling { .. }
                | Operation::Attention { .. }
                | Operation::Gru { .. }
                | Operation::AdditiveAttention { .. } => {}
                Operation::AtQuery { .. } => self.at_query(input, add, of_output, width),
                Operation::Spread { .. } => self.spread(input, add, of_output, width),
                Operation::Bias { .. }
                | Operation::Activation { .. }
                | Operation::Copy { .. }
                | Operation::Add { .. }
                | Operation::Positions { .. } => {
                    copy(gradient(), self.of(input, rows), add);
                }
                Operation::Rescale { min, max, .. } => {
                    scaled(gradient(), self.of(input, rows), max - min, add);
                }
                Operation::Sum { .. } => broadcast(of_output, self.of(input, rows), add),
                Operation::Dot { inputs } => {
                    let (from, to) = (self.place(inputs[1 - this]), self.place(input));
                    let others = from.rows(&self.values[from.buffer], rows);
                    let out = to.rows_mut(&mut self.gradients[to.buffer], rows);
                    times_number(others, of_output, out, add);
                }
                Operation::Products { users, items } => {
                    self.products([*users, *items], this, add, of_output);
                }
                Operation::Multiply { inputs } => {
                    self.multiply(inputs, this, add, own, of_output);
                }
                Operation::Pairwise { inputs } => {
                    self.pairwise(inputs, this, add, own, of_output);
                }
                Operation::Concat { parts } => {
                    let part = Place {
                        buffer: 0,
                        start: parts[this].1,
                        width: self.place(input).width,
                        stride: width,
                    };
                    copy(part.rows(of_output, rows), self.of(input, rows), add);
                }
            }
        });
    }

    /// Sums, for each user, item or query, the gradients of its pairs.
    fn spread(&mut self, input: ValueIx, add: bool, of_output: &[f32], width: usize) {
        let from = self.program.values[input.0];
        let (stride, rows) = (from.place.stride, self.layout.rows(from.axis));
        let places = self.layout.places(from.axis);
        let out = &mut self.gradients[from.place.buffer];
        if !add {
            from.place.rows_mut(out, rows).for_each(|row| row.fill(0.0));
        }
        let gradient = of_output.chunks_exact(width);
        add_up(gradient, &places, &mut out[from.place.start..], stride);
    }
}
