//! Layer normalisation: of each row separately.

use super::sums::{product, product3, sum};
use crate::kernels::{Rows, RowsMut};
use crate::widest::widest;

/// Normalises each row: `gamma (x - mean) / deviation + beta`. Also writes `(x - mean) / deviation` to `normalised`, and the
/// inverse standard deviations.
///
/// # Shapes
/// - input, normalised and output: `[rows, width]`, inverse deviations: `[rows]`
pub(crate) fn normalise_rows<'a>(
    input: impl Rows<'a>,
    [gamma, beta]: [&[f32]; 2],
    epsilon: f64,
    normalised: &mut [f32],
    inverse_deviations: &mut [f32],
    output: &mut [f32],
) {
    let width = gamma.len();
    let (share, epsilon) = (1.0 / width as f32, epsilon as f32);
    widest!({
        let rows = input.zip(normalised.chunks_exact_mut(width));
        let rows = rows.zip(output.chunks_exact_mut(width));
        for (((x, normalised), output), inverse) in rows.zip(inverse_deviations) {
            let mean = share * sum(x);
            for (normalised, x) in normalised.iter_mut().zip(x) {
                *normalised = x - mean;
            }
            let variance = share * product(normalised, normalised);
            *inverse = 1.0 / (variance + epsilon).sqrt();
            for (((output, normalised), gamma), beta) in
                output.iter_mut().zip(normalised).zip(gamma).zip(beta)
            {
                *normalised *= *inverse;
                *output = gamma * *normalised + beta;
            }
        }
    });
}

/// Sets the gradient of the input of [`normalise_rows`], or adds to it.
pub(crate) fn of_normalised_rows<'b>(
    normalised: &[f32],
    inverse_deviations: &[f32],
    gamma: &[f32],
    gradient: &[f32],
    output: impl RowsMut<'b>,
    add: bool,
) {
    let width = gamma.len();
    let share = 1.0 / width as f32;
    widest!({
        let rows = normalised
            .chunks_exact(width)
            .zip(gradient.chunks_exact(width));
        for (((x, gradient), output), inverse) in rows.zip(output).zip(inverse_deviations) {
            let mean = share * product(gradient, gamma);
            let slope = share * product3(gradient, gamma, x);
            for (((output, x), gradient), gamma) in
                output.iter_mut().zip(x).zip(gradient).zip(gamma)
            {
                let own = inverse * (gradient * gamma - mean - x * slope);
                *output = if add { *output + own } else { own };
            }
        }
    });
}
