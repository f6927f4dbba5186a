//! Dense layers of which most units are dropped, and normalisation over a batch.

use super::Forward;
use crate::buffers::{Buffers, first};
use crate::compiled::{Pass, Sums};
use crate::elementwise::bend;
use crate::kernels::{affine, multiply, normalise, normalise_together};
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Dropout, Norm, Operation, ValueIx};

impl Forward<'_, '_> {
    /// A dense layer with its kernel stored by units, of which only the outputs that are not dropped are computed.
    pub(super) fn thinned(
        &self,
        operation: &Operation,
        dropout: Option<(Dropout, Option<Vec<u64>>)>,
        parameters: &Parameters,
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Operation::Dense {
            input,
            kernel,
            bias,
            activation,
            thinned: Some(thinned),
        } = operation
        else {
            unreachable!("only dense layers are thinned");
        };
        let (place, bias) = (self.place(*input), bias.of(&parameters.weights));
        let kernel = kernel.of(&parameters.weights);
        let Buffers {
            values,
            masks,
            keys,
            thinned: kept,
            ..
        } = buffers;
        let input = &values[place.buffer][place.start..];
        let units = bias.len();
        let Some((Dropout { rate, mask }, rows)) = dropout else {
            let shape = [out.len() / units, place.width];
            Matrix::with_stride(input, shape, place.stride).times_into(
                Matrix::new(kernel, [units, place.width]).transposed(),
                out,
                units,
                false,
            );
            bend(out, bias, *activation);
            return;
        };
        let key = keys[mask];
        let mask = first(&mut masks[mask], out.len());
        rate.fill_by(key, rows.as_deref(), mask);
        let (input, kernel) = ((input, place.stride), (kernel, place.width));
        kept[*thinned].forward(input, kernel, mask, out);
        bend(out, bias, *activation);
        multiply(std::iter::once(&*mask), std::iter::once(out));
    }

    /// Uses the statistics of the batch in training, of all processes that share it, which update the moving statistics;
    /// otherwise the moving statistics.
    pub(super) fn batch_norm(
        &self,
        input: ValueIx,
        norm: &Norm,
        parameters: &mut Parameters,
        buffers: &mut Buffers,
        (pass, sums): (Pass, Sums<'_>),
        out: &mut [f32],
    ) {
        let place = self.place(input);
        let (width, rows) = (place.width, out.len() / place.width);
        let Buffers {
            values,
            normalised,
            inverse_deviations,
            scratch,
            ..
        } = buffers;
        let input = || place.rows(&values[place.buffer], rows);
        let Parameters {
            weights,
            statistics,
            ..
        } = parameters;
        let (gamma, beta) = (norm.gamma.of(weights), norm.beta.of(weights));
        let inverse = first(&mut inverse_deviations[norm.kept], width);
        let numbers = first(scratch, 2 * width);
        let (mean, variance) = numbers.split_at_mut(width);
        match pass {
            Pass::Training { .. } => {
                let normalised = first(&mut normalised[norm.kept], rows * width);
                let of_batch = [&mut *mean, &mut *variance, inverse];
                match sums {
                    None => normalise(input, rows, of_batch, norm.epsilon, normalised),
                    Some(sums) => {
                        normalise_together(input, sums, of_batch, norm.epsilon, normalised);
                    }
                }
                let rows = normalised.chunks_exact(width);
                affine(rows, gamma, beta, out.chunks_exact_mut(width));
                let (new, old) = (norm.momentum as f32, (1.0 - norm.momentum) as f32);
                for (moving, own) in [(norm.mean, mean), (norm.variance, variance)] {
                    for (moving, own) in moving.of_mut(statistics).iter_mut().zip(own) {
                        *moving = *moving * old + *own * new;
                    }
                }
            }
            Pass::Inference => {
                // `gamma (x - mean) / deviation + beta` as one factor and one term per column.
                let (factor, term) = (mean, variance);
                let moving = norm.mean.of(statistics).iter();
                let moving = moving.zip(norm.variance.of(statistics));
                for (at, (mean, variance)) in moving.enumerate() {
                    factor[at] = gamma[at] / (variance + norm.epsilon as f32).sqrt();
                    term[at] = beta[at] - factor[at] * mean;
                }
                affine(input(), factor, term, out.chunks_exact_mut(width));
            }
        }
    }
}
