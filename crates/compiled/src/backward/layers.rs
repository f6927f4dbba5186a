//! The gradients of dense layers and of normalisation over a batch.

use super::{Backward, Own};
use crate::elementwise::unbend;
use crate::kernels::{of_affine, of_normalised, of_one_units_input, of_one_units_kernel};
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Norm, Span, ValueIx};
use recburn_graph::Activation;

impl Backward<'_, '_> {
    pub(super) fn dense(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        [kernel, bias]: [Span; 2],
        activation: Activation,
        thinned: Option<usize>,
        of_output: &mut [f32],
    ) {
        let (rows, units) = (own.rows, own.place.width);
        let Parameters {
            weights, gradient, ..
        } = &mut *self.parameters;
        let output = &self.values[own.place.buffer][..rows * units];
        let of_bias = bias.of_mut(gradient);
        unbend(of_output, output, own.unscaled, of_bias, activation);
        let (of_kernel, kernel) = (kernel.of_mut(gradient), kernel.of(weights));
        if rows == 0 {
            of_kernel.fill(0.0); // sequences without steps
            return;
        }
        let place = self.program.values[input.0].place;
        let (values, gradients) = (
            &self.values[place.buffer],
            &mut self.gradients[place.buffer],
        );
        if let Some(thinned) = thinned {
            let add = own.step.adds[0];
            self.thinned[thinned].backward(
                (&values[place.start..], place.stride),
                (kernel, place.width),
                of_output,
                of_kernel,
                add.map(|add| (&mut gradients[place.start..], add)),
            );
            return;
        }
        if units == 1 {
            of_one_units_kernel(place.rows(values, rows), of_output, of_kernel);
            if let Some(add) = own.step.adds[0] {
                of_one_units_input(of_output, kernel, place.rows_mut(gradients, rows), add);
            }
            return;
        }
        let of_output = Matrix::new(of_output, [rows, units]);
        let shape = [rows, place.width];
        Matrix::with_stride(&values[place.start..], shape, place.stride)
            .transposed()
            .times_into(of_output, of_kernel, units, false);
        if let Some(add) = own.step.adds[0] {
            of_output.times_into(
                Matrix::new(kernel, [place.width, units]).transposed(),
                &mut gradients[place.start..],
                place.stride,
                add,
            );
        }
    }

    pub(super) fn batch_norm(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        norm: &Norm,
        [normalised, inverse_deviation]: [&[f32]; 2],
        of_output: &[f32],
    ) {
        let normalised = &normalised[..of_output.len()];
        let (weights, of_gamma, of_beta) = self.parameters.of_norm(norm.gamma, norm.beta);
        of_affine(normalised, of_output, of_gamma, of_beta);
        let Some(add) = own.step.adds[0] else {
            return;
        };
        let place = self.program.values[input.0].place;
        let inverse_deviation = &inverse_deviation[..norm.gamma.len];
        let mut rows = own.rows as f64;
        let (mut all_gamma, mut all_beta) = (of_gamma.to_vec(), of_beta.to_vec());
        if let Some(sums) = self.sums {
            let own = all_gamma.iter().chain(&all_beta);
            let mut numbers: Vec<f64> = own.map(|&number| f64::from(number)).collect();
            numbers.push(rows);
            sums(&mut numbers);
            for (all, sum) in all_gamma.iter_mut().chain(&mut all_beta).zip(&numbers) {
                *all = *sum as f32;
            }
            rows = numbers[all_gamma.len() + all_beta.len()].max(1.0);
        }
        of_normalised(
            normalised,
            of_output,
            rows,
            [
                norm.gamma.of(weights),
                inverse_deviation,
                &all_gamma,
                &all_beta,
            ],
            place.rows_mut(&mut self.gradients[place.buffer], own.rows),
            add,
        );
    }
}
