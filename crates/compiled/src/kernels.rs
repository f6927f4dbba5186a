//! Loops over the rows of values.
//!
//! Here are those of single numbers, copies and products; normalisation over a batch is in `normalise`, pooling in
//! `pool`.

mod normalise;
mod pool;

pub(crate) use normalise::{affine, normalise, normalise_together, of_affine, of_normalised};
pub(crate) use pool::{of_pool, pool};

use crate::widest::widest;
use recburn_optim::dot;

/// Rows of a value.
pub(crate) trait Rows<'a>: Iterator<Item = &'a [f32]> {}
impl<'a, I: Iterator<Item = &'a [f32]>> Rows<'a> for I {}

/// Rows of a value, mutable.
pub(crate) trait RowsMut<'a>: Iterator<Item = &'a mut [f32]> {}
impl<'a, I: Iterator<Item = &'a mut [f32]>> RowsMut<'a> for I {}

/// Sets numbers, or adds to them.
#[inline(always)]
fn put(out: &mut [f32], add: bool, from: impl Iterator<Item = f32>) {
    match add {
        true => out
            .iter_mut()
            .zip(from)
            .for_each(|(out, from)| *out += from),
        false => out.iter_mut().zip(from).for_each(|(out, from)| *out = from),
    }
}

/// Copies rows, or adds them.
pub(crate) fn copy<'a, 'b>(input: impl Rows<'a>, output: impl RowsMut<'b>, add: bool) {
    widest!(for (output, input) in output.zip(input) {
        put(output, add, input.iter().copied());
    });
}

/// Copies rows times a factor, or adds them.
pub(crate) fn scaled<'a, 'b>(
    input: impl Rows<'a>,
    output: impl RowsMut<'b>,
    factor: f32,
    add: bool,
) {
    widest!(for (output, input) in output.zip(input) {
        put(output, add, input.iter().map(|input| factor * input));
    });
}

/// `min + span * x`
pub(crate) fn rescale<'a, 'b>(input: impl Rows<'a>, output: impl RowsMut<'b>, min: f32, span: f32) {
    widest!(for (output, input) in output.zip(input) {
        put(output, false, input.iter().map(|x| x * span + min));
    });
}

/// Multiplies rows by others.
pub(crate) fn multiply<'a, 'b>(input: impl Rows<'a>, output: impl RowsMut<'b>) {
    widest!(for (output, input) in output.zip(input) {
        for (output, input) in output.iter_mut().zip(input) {
            *output *= input;
        }
    });
}

/// The dot product of each row with the same row of the other value.
pub(crate) fn dots<'a>(left: impl Rows<'a>, right: impl Rows<'a>, output: &mut [f32]) {
    widest!(
        for ((output, left), right) in output.iter_mut().zip(left).zip(right) {
            *output = dot(left, right);
        }
    );
}

/// Rows times one number per row.
pub(crate) fn times_number<'a, 'b>(
    rows: impl Rows<'a>,
    numbers: &[f32],
    output: impl RowsMut<'b>,
    add: bool,
) {
    widest!(
        for ((output, row), number) in output.zip(rows).zip(numbers) {
            put(output, add, row.iter().map(|input| number * input));
        }
    );
}

/// A product with a single column: the dot product of each row with the kernel.
pub(crate) fn one_unit<'a>(input: impl Rows<'a>, kernel: &[f32], output: &mut [f32]) {
    widest!(for (output, input) in output.iter_mut().zip(input) {
        *output = dot(input, kernel);
    });
}

/// The gradient of the kernel of such a product.
pub(crate) fn of_one_units_kernel<'a>(
    input: impl Rows<'a>,
    gradient: &[f32],
    of_kernel: &mut [f32],
) {
    of_kernel.fill(0.0);
    widest!(for (input, gradient) in input.zip(gradient) {
        for (sum, input) in of_kernel.iter_mut().zip(input) {
            *sum += gradient * input;
        }
    });
}

/// The gradient of the input of such a product.
pub(crate) fn of_one_units_input<'b>(
    gradient: &[f32],
    kernel: &[f32],
    output: impl RowsMut<'b>,
    add: bool,
) {
    widest!(for (output, gradient) in output.zip(gradient) {
        put(output, add, kernel.iter().map(|weight| gradient * weight));
    });
}

/// The rows at these positions, which begin every `stride` numbers.
pub(crate) fn spread<'b>(input: &[f32], stride: usize, inverse: &[u32], output: impl RowsMut<'b>) {
    widest!(for (output, &place) in output.zip(inverse) {
        output.copy_from_slice(&input[place as usize * stride..][..output.len()]);
    });
}

/// Adds rows to those at these positions, which begin every `stride` numbers.
pub(crate) fn add_up<'a>(input: impl Rows<'a>, inverse: &[u32], output: &mut [f32], stride: usize) {
    widest!(for (input, &place) in input.zip(inverse) {
        let output = &mut output[place as usize * stride..][..input.len()];
        put(output, true, input.iter().copied());
    });
}

/// The sum of each row.
pub(crate) fn sums<'a>(input: impl Rows<'a>, output: &mut [f32]) {
    widest!(for (output, input) in output.iter_mut().zip(input) {
        *output = input.iter().sum();
    });
}

/// Writes one number per row to all of its columns, or adds it to them.
pub(crate) fn broadcast<'b>(numbers: &[f32], output: impl RowsMut<'b>, add: bool) {
    widest!(for (output, number) in output.zip(numbers) {
        let width = output.len();
        put(output, add, std::iter::repeat_n(*number, width));
    });
}

/// Subtracts the squares of rows from other rows.
pub(crate) fn less_squares<'a, 'b>(input: impl Rows<'a>, output: impl RowsMut<'b>) {
    widest!(for (output, input) in output.zip(input) {
        put(output, true, input.iter().map(|x| -(x * x)));
    });
}

/// Half of the square of a sum plus the existing value: `0.5 * (sum^2 + x)`.
pub(crate) fn half_of_square_and(sums: &[f32], output: &mut [f32]) {
    widest!(for (output, sum) in output.iter_mut().zip(sums) {
        *output = 0.5 * (sum * sum + *output);
    });
}

/// `gradient * (sum - x)`, the gradient of one of the values of a pairwise product, set or added.
pub(crate) fn of_pairwise<'a, 'b, 'c>(
    gradient: impl Rows<'a>,
    sums: impl Rows<'c>,
    input: impl Rows<'a>,
    output: impl RowsMut<'b>,
    add: bool,
) {
    widest!(
        for (((output, gradient), sums), input) in output.zip(gradient).zip(sums).zip(input) {
            let terms = gradient.iter().zip(sums).zip(input);
            put(
                output,
                add,
                terms.map(|((gradient, sum), x)| gradient * (sum - x)),
            );
        }
    );
}
