//! The gradients of products of values: of all queries and candidates, of inputs, of pairs of inputs.

use super::{Backward, Own};
use crate::buffers::first;
use crate::kernels::{add_up, copy, multiply, of_pairwise};
use crate::product::Matrix;
use crate::program::ValueIx;

impl Backward<'_, '_> {
    /// The gradient of one side of all products: the gradient of the scores times the other side.
    pub(super) fn products(
        &mut self,
        sides: [ValueIx; 2],
        side: usize,
        add: bool,
        of_output: &[f32],
    ) {
        let batch = self.layout.batch;
        let counts = [batch.queries, batch.candidates.per_query()];
        let place = self.place(sides[side]);
        let gradient = Matrix::new(of_output, counts);
        let gradient = match side {
            0 => gradient,
            _ => gradient.transposed(),
        };
        let other = 1 - side;
        let (values, placed) = (self.values, &self.placed[other]);
        let program = self.program;
        let others = program.side(sides[other], counts[other], values, placed, self.layout);
        let out = &mut self.gradients[place.buffer];
        let Some(inverse) = program.inverse(sides[side], self.layout) else {
            gradient.times_into(others, &mut out[place.start..], place.stride, add);
            return;
        };
        let product = first(self.scratch, counts[side] * place.width);
        gradient.times_into(others, product, place.width, false);
        let axis = program.values[sides[side].0].axis;
        if !add {
            let rows = place.rows_mut(out, self.layout.rows(axis));
            rows.for_each(|row| row.fill(0.0));
        }
        let rows = product.chunks_exact(place.width);
        add_up(rows, inverse, &mut out[place.start..], place.stride);
    }

    /// The gradient of one input: the output's gradient times all other inputs.
    pub(super) fn multiply(
        &mut self,
        inputs: &[ValueIx],
        at: usize,
        add: bool,
        own: Own<'_>,
        of_output: &[f32],
    ) {
        let (rows, width) = (own.rows, own.place.width);
        let product = first(self.scratch, of_output.len());
        product.copy_from_slice(of_output);
        for (other, value) in inputs.iter().enumerate() {
            if other != at {
                let from = self.program.values[value.0].place;
                let others = from.rows(&self.values[from.buffer], rows);
                multiply(others, product.chunks_exact_mut(width));
            }
        }
        let to = self.program.values[inputs[at].0].place;
        let out = to.rows_mut(&mut self.gradients[to.buffer], rows);
        copy(product.chunks_exact(width), out, add);
    }

    /// The gradient of one input: the output's gradient times the sum of all other inputs.
    pub(super) fn pairwise(
        &mut self,
        inputs: &[ValueIx],
        at: usize,
        add: bool,
        own: Own<'_>,
        of_output: &[f32],
    ) {
        let (rows, width) = (own.rows, own.place.width);
        let sum = first(self.scratch, of_output.len());
        for (at, value) in inputs.iter().enumerate() {
            let from = self.program.values[value.0].place;
            let value = from.rows(&self.values[from.buffer], rows);
            copy(value, sum.chunks_exact_mut(width), at > 0);
        }
        let place = self.program.values[inputs[at].0].place;
        of_pairwise(
            of_output.chunks_exact(width),
            sum.chunks_exact(width),
            place.rows(&self.values[place.buffer], rows),
            place.rows_mut(&mut self.gradients[place.buffer], rows),
            add,
        );
    }
}
