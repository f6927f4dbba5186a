//! Products of values that use memory besides their inputs: of all pairs of inputs, of all queries and candidates.

use super::Forward;
use crate::buffers::{Buffers, first};
use crate::kernels::{copy, half_of_square_and, less_squares, spread};
use crate::program::ValueIx;

impl Forward<'_, '_> {
    /// The products of all pairs of the inputs; the sum of the inputs is kept.
    pub(super) fn pairwise(
        &self,
        inputs: &[ValueIx],
        buffers: &mut Buffers,
        rows: usize,
        out: &mut [f32],
    ) {
        let width = out.len() / rows;
        let sum = first(&mut buffers.scratch, out.len());
        out.fill(0.0);
        for (at, input) in inputs.iter().enumerate() {
            let input = || self.rows(*input, &buffers.values, rows);
            copy(input(), sum.chunks_exact_mut(width), at > 0);
            less_squares(input(), out.chunks_exact_mut(width));
        }
        half_of_square_and(sum, out);
    }

    /// A matrix of scores: `[queries, candidates]`.
    pub(super) fn products(
        &self,
        users: ValueIx,
        items: ValueIx,
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Buffers { values, placed, .. } = buffers;
        for (placed, value) in placed.iter_mut().zip([users, items]) {
            let (place, inverse) = (self.place(value), self.program.inverse(value, self.layout));
            let Some(inverse) = inverse else {
                continue; // it has its rows as they are wanted
            };
            let placed = first(placed, inverse.len() * place.width);
            let rows = placed.chunks_exact_mut(place.width);
            spread(
                &values[place.buffer][place.start..],
                place.stride,
                inverse,
                rows,
            );
        }
        let batch = self.layout.batch;
        let [users, items] = [
            (0, users, batch.queries),
            (1, items, batch.candidates.per_query()),
        ]
        .map(|(side, value, rows)| {
            self.program
                .side(value, rows, values, &placed[side], self.layout)
        });
        let candidates = batch.candidates.per_query();
        users.times_into(items.transposed(), out, candidates, false);
    }
}
