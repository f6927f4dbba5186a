//! Recurrent layers, and attention by a layer over two steps.

use super::Forward;
use crate::buffers::{Buffers, first};
use crate::product::Matrix;
use crate::program::{Gates, Looks, ValueIx};
use crate::steps::Kept;

impl Forward<'_, '_> {
    /// The states after each step; the products with the input are taken for all steps at once.
    pub(super) fn gru(
        &self,
        input: ValueIx,
        gates: &Gates,
        weights: &[f32],
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Buffers {
            values, recurrent, ..
        } = buffers;
        let (place, gru) = (self.place(input), gates.gru);
        let (columns, rows) = (3 * gru.units, out.len() / gru.units);
        let [weight, kernel] = gates.kernels;
        let [products, of_state, before] = &mut recurrent[gates.kept];
        let products = first(products, rows * columns);
        let input = &values[place.buffer][place.start..];
        Matrix::with_stride(input, [rows, gru.inputs], place.stride).times_into(
            Matrix::new(weight.of(weights), [gru.inputs, columns]),
            products,
            columns,
            false,
        );
        let kept = Kept {
            gates: products,
            of_state: first(of_state, out.len()),
            before: first(before, out.len()),
        };
        let (kernel, bias) = (kernel.of(weights), gates.bias.of(weights));
        gru.forward(self.layout.ends, kernel, bias, kept, out);
    }

    pub(super) fn additive_attention(
        &self,
        input: ValueIx,
        looks: &Looks,
        weights: &[f32],
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Buffers {
            values, attentions, ..
        } = buffers;
        let (place, ends) = (self.place(input), self.layout.ends);
        let attention = looks.attention;
        let (width, rows) = (attention.width, out.len() / attention.width);
        let [projected, shares] = &mut attentions[looks.kept];
        let projected = first(projected, 2 * out.len());
        let input = &values[place.buffer][place.start..];
        for (at, kernel) in looks.kernels.iter().enumerate() {
            Matrix::with_stride(input, [rows, width], place.stride).times_into(
                Matrix::new(kernel.of(weights), [width, width]),
                &mut projected[at * width..],
                2 * width,
                false,
            );
        }
        let shares = first(shares, attention.shares(ends));
        let scale = looks.scale.of(weights);
        let input = (input, place.stride);
        attention.forward(ends, input, projected, scale, shares, out);
    }
}
