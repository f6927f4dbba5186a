//! Normalisation of the columns of a batch.

use super::{Rows, RowsMut, put};
use crate::widest::widest;

/// Normalises the columns of a batch: `x` becomes `(x - mean) * inverse_deviation`, in `normalised`. Mean and variance
/// (that of the batch itself, not an estimate) are written to the first two slices.
pub(crate) fn normalise<'a, R: Rows<'a>>(
    input: impl Fn() -> R,
    rows: usize,
    [mean, variance, inverse_deviation]: [&mut [f32]; 3],
    epsilon: f64,
    normalised: &mut [f32],
) {
    let share = 1.0 / rows as f32;
    let width = mean.len();
    widest!({
        mean.fill(0.0);
        for row in input() {
            put(mean, true, row.iter().copied());
        }
        mean.iter_mut().for_each(|mean| *mean *= share);
        variance.fill(0.0);
        for (row, out) in input().zip(normalised.chunks_exact_mut(width)) {
            for (((x, mean), out), variance) in row.iter().zip(&*mean).zip(out).zip(&mut *variance)
            {
                *out = x - mean;
                *variance += *out * *out;
            }
        }
        for (inverse, variance) in inverse_deviation.iter_mut().zip(variance) {
            *variance *= share;
            *inverse = 1.0 / (*variance + epsilon as f32).sqrt();
        }
        for out in normalised.chunks_exact_mut(width) {
            for (out, inverse) in out.iter_mut().zip(&*inverse_deviation) {
                *out *= inverse;
            }
        }
    });
}

/// `gamma * x + beta` by columns.
pub(crate) fn affine<'a, 'b>(
    input: impl Rows<'a>,
    gamma: &[f32],
    beta: &[f32],
    output: impl RowsMut<'b>,
) {
    widest!(for (output, input) in output.zip(input) {
        for (((output, x), gamma), beta) in output.iter_mut().zip(input).zip(gamma).zip(beta) {
            *output = gamma * x + beta;
        }
    });
}

/// The gradients of gamma and beta, from the normalised input and the gradient of the output.
pub(crate) fn of_affine(
    normalised: &[f32],
    gradient: &[f32],
    of_gamma: &mut [f32],
    of_beta: &mut [f32],
) {
    let width = of_gamma.len();
    of_gamma.fill(0.0);
    of_beta.fill(0.0);
    let rows = normalised.chunks_exact(width);
    widest!(
        for (x, gradient) in rows.zip(gradient.chunks_exact(width)) {
            put(of_beta, true, gradient.iter().copied());
            put(of_gamma, true, x.iter().zip(gradient).map(|(x, g)| x * g));
        }
    );
}

/// The gradient of the input of a normalisation, including the part through the batch's mean and deviation.
pub(crate) fn of_normalised<'b>(
    normalised: &[f32],
    gradient: &[f32],
    [gamma, inverse_deviation, of_gamma, of_beta]: [&[f32]; 4],
    output: impl RowsMut<'b>,
    add: bool,
) {
    let width = gamma.len();
    let share = width as f32 / normalised.len() as f32;
    let rows = normalised
        .chunks_exact(width)
        .zip(gradient.chunks_exact(width));
    widest!(for (output, (x, gradient)) in output.zip(rows) {
        put(
            output,
            add,
            (0..width).map(|at| {
                let centred = gradient[at] - share * (of_beta[at] + x[at] * of_gamma[at]);
                gamma[at] * inverse_deviation[at] * centred
            }),
        );
    });
}
