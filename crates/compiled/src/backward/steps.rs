//! The gradients of operations on the steps of sequences.

use super::{Backward, Own};
use crate::buffers::first;
use crate::kernels::{copy, of_affine};
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Attends, Axis, RowNorm, ValueIx};
use crate::steps::{of_last_steps, of_normalised_rows};

impl Backward<'_, '_> {
    /// The gradients of the steps that queries follow; 0 for the other steps.
    pub(super) fn at_query(&mut self, input: ValueIx, add: bool, of_output: &[f32], width: usize) {
        let (ends, place) = (self.layout.ends, self.place(input));
        let rows = self.layout.rows(Axis::Entries);
        if rows == 0 {
            return;
        }
        let out = &mut self.gradients[place.buffer];
        if self.program.every_position {
            copy(
                of_output.chunks_exact(width),
                place.rows_mut(out, rows),
                add,
            );
            return;
        }
        if !add {
            place.rows_mut(out, rows).for_each(|row| row.fill(0.0));
        }
        of_last_steps(
            of_output,
            width,
            ends,
            &mut out[place.start..],
            place.stride,
        );
    }

    pub(super) fn layer_norm(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        norm: &RowNorm,
        of_output: &[f32],
    ) {
        let [normalised, inverse_deviations] = &self.row_norms[norm.kept];
        let normalised = &normalised[..of_output.len()];
        let (weights, of_gamma, of_beta) = self.parameters.of_norm(norm.gamma, norm.beta);
        of_affine(normalised, of_output, of_gamma, of_beta);
        let Some(add) = own.step.adds[0] else {
            return;
        };
        let place = self.program.values[input.0].place;
        of_normalised_rows(
            normalised,
            inverse_deviations,
            norm.gamma.of(weights),
            of_output,
            place.rows_mut(&mut self.gradients[place.buffer], own.rows),
            add,
        );
    }

    pub(super) fn attention(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        attends: &Attends,
        of_output: &[f32],
    ) {
        let Attends {
            kernels,
            attention,
            kept,
        } = attends;
        let (width, rows) = (own.place.width, own.rows);
        if rows == 0 {
            for kernel in kernels {
                kernel.of_mut(&mut self.parameters.gradient).fill(0.0);
            }
            return;
        }
        let ends = self.layout.ends;
        let [projected, shares] = &mut self.attentions[*kept];
        let of_projected = first(self.scratch, 3 * of_output.len());
        let shares = &mut shares[..attention.shares(ends)];
        attention.backward(ends, projected, shares, of_output, of_projected);
        let place = self.program.values[input.0].place;
        let values = &self.values[place.buffer][place.start..];
        let Parameters {
            weights, gradient, ..
        } = &mut *self.parameters;
        for (at, kernel) in kernels.iter().enumerate() {
            let of_this = &of_projected[at * width..];
            let of_this = Matrix::with_stride(of_this, [rows, width], 3 * width);
            Matrix::with_stride(values, [rows, width], place.stride)
                .transposed()
                .times_into(of_this, kernel.of_mut(gradient), width, false);
            if let Some(add) = own.step.adds[0] {
                of_this.times_into(
                    Matrix::new(kernel.of(weights), [width, width]).transposed(),
                    &mut self.gradients[place.buffer][place.start..],
                    place.stride,
                    add || at > 0,
                );
            }
        }
    }
}
