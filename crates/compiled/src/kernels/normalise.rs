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

/// As [`normalise`], by the statistics of a batch of which the input is a part, which may be empty: `sums` adds up the
/// numbers of all parts.
pub(crate) fn normalise_together<'a, R: Rows<'a>>(
    input: impl Fn() -> R,
    sums: &dyn Fn(&mut [f64]),
    [mean, variance, inverse_deviation]: [&mut [f32]; 3],
    epsilon: f64,
    normalised: &mut [f32],
) {
    let width = mean.len();
    // One for each column, and the number of rows.
    let mut numbers = vec![0.0; width + 1];
    for row in input() {
        for (sum, x) in numbers.iter_mut().zip(row) {
            *sum += f64::from(*x);
        }
        numbers[width] += 1.0;
    }
    sums(&mut numbers);
    let rows = numbers[width].max(1.0);
    for (mean, sum) in mean.iter_mut().zip(&numbers) {
        *mean = (sum / rows) as f32;
    }
    let squares = &mut numbers[..width];
    squares.fill(0.0);
    for (row, out) in input().zip(normalised.chunks_exact_mut(width)) {
        for (((x, mean), out), square) in row.iter().zip(&*mean).zip(out).zip(&mut *squares) {
            *out = x - mean;
            *square += f64::from(*out) * f64::from(*out);
        }
    }
    sums(squares);
    let both = inverse_deviation.iter_mut().zip(variance);
    for ((inverse, variance), square) in both.zip(&*squares) {
        *variance = (square / rows) as f32;
        *inverse = 1.0 / (*variance + epsilon as f32).sqrt();
    }
    for out in normalised.chunks_exact_mut(width) {
        for (out, inverse) in out.iter_mut().zip(&*inverse_deviation) {
            *out *= inverse;
        }
    }
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

/// The gradient of the input of a normalisation over `rows` rows, including the part through the batch's mean and
/// deviation.
pub(crate) fn of_normalised<'b>(
    normalised: &[f32],
    gradient: &[f32],
    rows: f64,
    [gamma, inverse_deviation, of_gamma, of_beta]: [&[f32]; 4],
    output: impl RowsMut<'b>,
    add: bool,
) {
    let width = gamma.len();
    let share = (1.0 / rows) as f32;
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
