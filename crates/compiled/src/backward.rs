//! The backward pass, in the reverse order of the forward pass.
//!
//! Here is the pass itself; the gradients of operations are in `simple` and `products` (nothing kept but inputs and
//! output), `layers` and `steps` (with parameters or memory), those of table rows in `rows`.

mod gru;
mod layers;
mod products;
mod rows;
mod sampling;
mod simple;
mod steps;

use crate::buffers::Buffers;
use crate::compiled::Sums;
use crate::kernels::multiply;
use crate::layout::Layout;
use crate::parameters::Parameters;
use crate::program::{Operation, Place, Program, Step, ValueIx};
use crate::thinned::Thinned;
use rows::of_rows;
use std::iter::once;

/// A backward pass in progress.
struct Backward<'a, 'b> {
    program: &'a Program,
    parameters: &'a mut Parameters,
    values: &'a [Vec<f32>],
    gradients: &'a mut [Vec<f32>],
    scratch: &'a mut Vec<f32>,
    placed: &'a mut [Vec<f32>; 2],
    thinned: &'a mut [Thinned],
    row_norms: &'a [[Vec<f32>; 2]],
    attentions: &'a mut [[Vec<f32>; 2]],
    recurrent: &'a mut [[Vec<f32>; 3]],
    layout: &'a Layout<'b>,
    sums: Sums<'a>,
}

/// The step whose gradient is propagated.
#[derive(Clone, Copy)]
struct Own<'a> {
    step: &'a Step,
    /// Rows of its output.
    rows: usize,
    /// Where the output is.
    place: Place,
    /// The factor that restores kept outputs to their values before dropout.
    unscaled: f32,
}

/// Computes the gradients of the parameters and of the rows that were read from the gradient of the scores.
pub(crate) fn backward(
    program: &Program,
    parameters: &mut Parameters,
    buffers: &mut Buffers,
    layout: &Layout<'_>,
    slopes: &[f32],
    sums: Sums<'_>,
) {
    for &buffer in &program.begin_at_0 {
        if let Some((axis, width)) = program.buffers[buffer] {
            buffers.gradients[buffer][..layout.rows(axis) * width].fill(0.0);
        }
    }
    let output = program.values[program.output.0].place;
    buffers.gradients[output.buffer][..slopes.len()].copy_from_slice(slopes);
    for step in program.steps.iter().rev() {
        let value = program.values[step.output.0];
        let is_summed = matches!(
            step.operation,
            Operation::BatchNorm { .. } | Operation::Sampling { .. }
        );
        if layout.batch.is_empty() && !is_summed {
            continue; // only what is summed over processes
        }
        let own = Own {
            step,
            rows: layout.rows(value.axis),
            place: value.place,
            unscaled: step
                .dropout
                .map_or(1.0, |dropout| 1.0 / dropout.rate.scale()),
        };
        // Gradients of inputs are in other buffers.
        let mut gradient = std::mem::take(&mut buffers.gradients[own.place.buffer]);
        let of_output = &mut gradient[..own.rows * own.place.stride];
        if let Some(dropout) = step.dropout {
            let mask = &buffers.masks[dropout.mask][..own.rows * own.place.width];
            match own.place.is_whole() {
                true => multiply(once(mask), once(&mut *of_output)),
                false => {
                    let rows = own.place.rows_mut(of_output, own.rows);
                    multiply(mask.chunks_exact(own.place.width), rows);
                }
            }
        }
        if let Some(read) = step.operation.read() {
            of_rows(program, buffers, layout, own, read, of_output);
        } else {
            let Buffers {
                values,
                gradients,
                normalised,
                inverse_deviations,
                scratch,
                placed,
                thinned,
                row_norms,
                attentions,
                masks,
                step: number,
                recurrent,
                ..
            } = &mut *buffers;
            let mut backward = Backward {
                program,
                parameters,
                values,
                gradients,
                scratch,
                placed,
                thinned,
                row_norms,
                attentions,
                recurrent,
                layout,
                sums,
            };
            match &step.operation {
                Operation::BatchNorm { input, norm } => {
                    let kept = [&normalised[norm.kept], &inverse_deviations[norm.kept]];
                    backward.batch_norm(own, *input, norm, kept.map(Vec::as_slice), of_output);
                }
                Operation::Sampling { inputs, draws } => {
                    let noises = (masks[draws.noise].as_slice(), *number);
                    backward.sampling(own, *inputs, draws, noises, of_output);
                }
                Operation::LayerNorm { input, norm } => {
                    backward.layer_norm(own, *input, norm, of_output);
                }
                Operation::Attention { input, attends } => {
                    backward.attention(own, *input, attends, of_output);
                }
                Operation::Gru { input, gates } => backward.gru(own, *input, gates, of_output),
                Operation::AdditiveAttention { input, looks } => {
                    backward.additive_attention(own, *input, looks, of_output);
                }
                operation => backward.simple(own, operation, of_output),
            }
        }
        buffers.gradients[own.place.buffer] = gradient;
    }
}

impl Backward<'_, '_> {
    fn place(&self, value: ValueIx) -> Place {
        self.program.values[value.0].place
    }

    /// The gradient of an input with this many rows, mutable.
    fn of(&mut self, input: ValueIx, rows: usize) -> impl Iterator<Item = &mut [f32]> {
        let place = self.place(input);
        place.rows_mut(&mut self.gradients[place.buffer], rows)
    }
}
