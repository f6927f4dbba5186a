//! Operations on the steps of sequences that keep values for the backward pass.

use super::Forward;
use crate::buffers::{Buffers, first};
use crate::product::Matrix;
use crate::program::{Attends, RowNorm, ValueIx};
use crate::steps::normalise_rows;

impl Forward<'_, '_> {
    /// Layer normalisation; keeps the normalised rows.
    pub(super) fn layer_norm(
        &self,
        input: ValueIx,
        norm: &RowNorm,
        weights: &[f32],
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let place = self.place(input);
        let rows = out.len() / place.width;
        let Buffers {
            values, row_norms, ..
        } = buffers;
        let [normalised, inverse_deviations] = &mut row_norms[norm.kept];
        normalise_rows(
            place.rows(&values[place.buffer], rows),
            [norm.gamma.of(weights), norm.beta.of(weights)],
            norm.epsilon,
            first(normalised, out.len()),
            first(inverse_deviations, rows),
            out,
        );
    }

    /// Causal self-attention, sequence by sequence.
    pub(super) fn attention(
        &self,
        input: ValueIx,
        attends: &Attends,
        weights: &[f32],
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Buffers {
            values, attentions, ..
        } = buffers;
        let (place, ends) = (self.place(input), self.layout.ends);
        let Attends {
            kernels,
            attention,
            kept,
        } = attends;
        let (width, rows) = (attention.width, out.len() / attention.width);
        let [projected, shares] = &mut attentions[*kept];
        let projected = first(projected, 3 * out.len());
        let input = &values[place.buffer][place.start..];
        for (at, kernel) in kernels.iter().enumerate() {
            Matrix::with_stride(input, [rows, width], place.stride).times_into(
                Matrix::new(kernel.of(weights), [width, width]),
                &mut projected[at * width..],
                3 * width,
                false,
            );
        }
        let shares = first(shares, attention.shares(ends));
        attention.forward(ends, projected, shares, out);
    }
}
