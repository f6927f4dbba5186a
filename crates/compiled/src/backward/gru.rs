//! The gradients of recurrent layers, and of attention by a layer over two steps.

use super::{Backward, Own};
use crate::buffers::first;
use crate::kernels::copy;
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Gates, Looks, Place, Span, ValueIx};

/// Adds each row to the sums.
fn add_rows(rows: &[f32], sums: &mut [f32]) {
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
}

impl Backward<'_, '_> {
    /// Sets the gradients of layers without steps to 0.
    fn nothing(&mut self, spans: &[Span]) {
        for span in spans {
            span.of_mut(&mut self.parameters.gradient).fill(0.0);
        }
    }

    pub(super) fn gru(&mut self, own: Own<'_>, input: ValueIx, gates: &Gates, of_output: &[f32]) {
        let (gru, [weight, recurrent], bias) = (gates.gru, gates.kernels, gates.bias);
        let (rows, units, columns) = (own.rows, gru.units, 3 * gru.units);
        if rows == 0 {
            self.nothing(&[weight, recurrent, bias]);
            return;
        }
        let Parameters {
            weights, gradient, ..
        } = &mut *self.parameters;
        let [gates, of_state, before] = &self.recurrent[gates.kept];
        let kept = [
            &gates[..rows * columns],
            &of_state[..rows * units],
            &before[..rows * units],
        ];
        let scratch = first(self.scratch, rows * (columns + units));
        let (of_products, of_of_state) = scratch.split_at_mut(rows * columns);
        gru.backward(
            self.layout.ends,
            recurrent.of(weights),
            kept,
            of_output,
            [&mut *of_products, &mut *of_of_state],
        );

        let (of_input, of_product) = bias.of_mut(gradient).split_at_mut(columns);
        of_input.fill(0.0);
        add_rows(of_products, of_input);
        let (of_gates, of_candidate) = of_product.split_at_mut(2 * units);
        of_gates.copy_from_slice(&of_input[..2 * units]);
        of_candidate.fill(0.0);
        add_rows(of_of_state, of_candidate);

        let before = Matrix::new(kept[2], [rows, units]).transposed();
        let of_gates = Matrix::with_stride(of_products, [rows, 2 * units], columns);
        let of_recurrent = recurrent.of_mut(gradient);
        before.times_into(of_gates, of_recurrent, columns, false);
        let of_candidate = Matrix::new(of_of_state, [rows, units]);
        before.times_into(of_candidate, &mut of_recurrent[2 * units..], columns, false);

        let place = self.program.values[input.0].place;
        let values = &self.values[place.buffer][place.start..];
        let of_products = Matrix::new(of_products, [rows, columns]);
        Matrix::with_stride(values, [rows, gru.inputs], place.stride)
            .transposed()
            .times_into(of_products, weight.of_mut(gradient), columns, false);
        if let Some(add) = own.step.adds[0] {
            of_products.times_into(
                Matrix::new(weight.of(weights), [gru.inputs, columns]).transposed(),
                &mut self.gradients[place.buffer][place.start..],
                place.stride,
                add,
            );
        }
    }

    pub(super) fn additive_attention(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        looks: &Looks,
        of_output: &[f32],
    ) {
        let (attention, ends, rows) = (looks.attention, self.layout.ends, own.rows);
        let width = attention.width;
        let [query, key] = looks.kernels;
        if rows == 0 {
            self.nothing(&[query, key, looks.scale]);
            return;
        }
        let Parameters {
            weights, gradient, ..
        } = &mut *self.parameters;
        let [projected, shares] = &mut self.attentions[looks.kept];
        let place = self.program.values[input.0].place;
        let values = &self.values[place.buffer][place.start..];
        let scratch = first(self.scratch, 3 * of_output.len() + ends.len() * width);
        let (of_projected, of_scales) = scratch.split_at_mut(3 * of_output.len());
        attention.backward(
            ends,
            (values, place.stride),
            [projected, looks.scale.of(weights)],
            &mut shares[..attention.shares(ends)],
            of_output,
            [&mut *of_projected, &mut *of_scales],
        );
        let of_scale = looks.scale.of_mut(gradient);
        of_scale.fill(0.0);
        add_rows(of_scales, of_scale);
        let adds = own.step.adds[0];
        if let Some(add) = adds {
            let direct = Place {
                buffer: 0,
                start: 2 * width,
                width,
                stride: 3 * width,
            };
            let out = place.rows_mut(&mut self.gradients[place.buffer], rows);
            copy(direct.rows(of_projected, rows), out, add);
        }
        for (at, kernel) in looks.kernels.iter().enumerate() {
            let of_this = &of_projected[at * width..];
            let of_this = Matrix::with_stride(of_this, [rows, width], 3 * width);
            Matrix::with_stride(values, [rows, width], place.stride)
                .transposed()
                .times_into(of_this, kernel.of_mut(gradient), width, false);
            if adds.is_some() {
                of_this.times_into(
                    Matrix::new(kernel.of(weights), [width, width]).transposed(),
                    &mut self.gradients[place.buffer][place.start..],
                    place.stride,
                    true,
                );
            }
        }
    }
}
