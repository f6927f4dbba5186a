//! Loops over the rows of values.

use crate::widest::widest;
use recburn_graph::Pool;
use recburn_optim::dot;
use recburn_schema::Bags;

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

/// Pools the rows of each bag: their sum weighted by the entries' weights, times a factor that depends on the number of
/// entries.
pub(crate) fn pool<'a, 'b>(
    row_of: impl Fn(u32) -> &'a [f32],
    bags: &Bags,
    how: Pool,
    output: impl RowsMut<'b>,
) {
    widest!(for (bag, output) in output.enumerate() {
        output.fill(0.0);
        let entries = bags.entries(bag);
        let factor = factor(how, entries.len());
        for entry in entries {
            let factor = factor * bags.weights.get(entry).unwrap_or(&1.0);
            let row = row_of(bags.column.rows[bags.column.inverse[entry] as usize]);
            put(output, true, row.iter().map(|number| factor * number));
        }
    });
}

/// Adds the gradients of the rows of bags to the existing ones.
pub(crate) fn of_pool<'a>(
    gradient: impl Rows<'a>,
    bags: &Bags,
    how: Pool,
    of_rows: &mut [f32],
    width: usize,
) {
    widest!(for (bag, gradient) in gradient.enumerate() {
        let entries = bags.entries(bag);
        let factor = factor(how, entries.len());
        for entry in entries {
            let factor = factor * bags.weights.get(entry).unwrap_or(&1.0);
            let out = &mut of_rows[bags.column.inverse[entry] as usize * width..][..width];
            put(out, true, gradient.iter().map(|number| factor * number));
        }
    });
}

/// The factor of the sum of this many entries.
fn factor(how: Pool, entries: usize) -> f32 {
    match how {
        Pool::Sum => 1.0,
        Pool::Mean => 1.0 / entries.max(1) as f32,
        Pool::RootMean => 1.0 / (entries.max(1) as f32).sqrt(),
    }
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
