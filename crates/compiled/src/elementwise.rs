//! Elementwise functions and their derivatives, vectorised.

use crate::widest::widest;
use recburn_graph::Activation;
use recburn_optim::exp_minus_1;

/// Compiles an expression once per function, with the widest instructions of the machine.
macro_rules! for_each_function {
    ($activation:expr, $function:ident => $pass:expr) => {
        widest!(match $activation {
            Activation::Linear => {
                let $function = |x: f32| x;
                $pass
            }
            Activation::Relu => {
                let $function = |x: f32| x.max(0.0);
                $pass
            }
            Activation::Elu => {
                let $function = |x: f32| if x > 0.0 { x } else { exp_minus_1(x) };
                $pass
            }
            Activation::Sigmoid => {
                let $function = |x: f32| 1.0 / (2.0 + exp_minus_1(-x));
                $pass
            }
            Activation::Tanh => {
                let $function = |x: f32| {
                    let power = exp_minus_1(2.0 * x);
                    power / (power + 2.0)
                };
                $pass
            }
        })
    };
}

/// As [`for_each_function`], for the derivatives, which follow from the values of the functions.
macro_rules! for_each_slope {
    ($activation:expr, $slope:ident => $pass:expr) => {
        widest!(match $activation {
            Activation::Linear => {
                let $slope = |_: f32| 1.0;
                $pass
            }
            Activation::Relu => {
                let $slope = |y: f32| if y > 0.0 { 1.0 } else { 0.0 };
                $pass
            }
            Activation::Elu => {
                let $slope = |y: f32| if y > 0.0 { 1.0 } else { y + 1.0 };
                $pass
            }
            Activation::Sigmoid => {
                let $slope = |y: f32| y * (1.0 - y);
                $pass
            }
            Activation::Tanh => {
                let $slope = |y: f32| 1.0 - y * y;
                $pass
            }
        })
    };
}

/// Replaces `x W` by the activation of `x W + b`.
///
/// # Shapes
/// - numbers: `[rows, units]`, bias: `[units]`
pub fn bend(numbers: &mut [f32], bias: &[f32], activation: Activation) {
    for_each_function!(activation, function => {
        for row in numbers.chunks_exact_mut(bias.len()) {
            for (number, bias) in row.iter_mut().zip(bias) {
                *number = function(*number + bias);
            }
        }
    });
}

/// Replaces each column by the activation of `scale * column + shift`, or of the column itself.
///
/// # Shapes
/// - numbers: `[columns, count]`, scale and shift: `[columns]`
pub(crate) fn finish(
    numbers: &mut [f32],
    count: usize,
    affine: Option<&(Vec<f32>, Vec<f32>)>,
    activation: Activation,
) {
    if let Some((scale, shift)) = affine {
        let columns = numbers.chunks_exact_mut(count);
        for (column, (scale, shift)) in columns.zip(scale.iter().zip(shift)) {
            widest!(for number in column.iter_mut() {
                *number = scale * *number + shift;
            });
        }
    }
    if activation != Activation::Linear {
        for_each_function!(activation, function => {
            for number in numbers.iter_mut() {
                *number = function(*number);
            }
        });
    }
}

/// Replaces the gradient of the output by that of `x W + b`, and writes its sum over the rows, the gradient of the
/// bias, to `sums`. `scale` times the output is the value of the activation: 1, unless dropout has scaled up the kept
/// values.
///
/// # Shapes
/// - gradient and output: `[rows, units]`, sums: `[units]`
pub fn unbend(
    gradient: &mut [f32],
    output: &[f32],
    scale: f32,
    sums: &mut [f32],
    activation: Activation,
) {
    sums.fill(0.0);
    for_each_slope!(activation, slope => {
        let rows = gradient.chunks_exact_mut(sums.len());
        for (gradient, output) in rows.zip(output.chunks_exact(sums.len())) {
            for ((gradient, output), sum) in gradient.iter_mut().zip(output).zip(&mut *sums) {
                *gradient *= slope(scale * *output);
                *sum += *gradient;
            }
        }
    });
}

/// Writes the activation of each row of `input` to the same row of `output`.
pub(crate) fn apply<'a, 'b>(
    input: impl Iterator<Item = &'a [f32]>,
    output: impl Iterator<Item = &'b mut [f32]>,
    activation: Activation,
) {
    for_each_function!(activation, function => {
        for (output, input) in output.zip(input) {
            for (output, input) in output.iter_mut().zip(input) {
                *output = function(*input);
            }
        }
    });
}

/// Multiplies the gradient of the output by the derivatives, in place; see [`unbend`].
pub(crate) fn times_slope(
    gradient: &mut [f32],
    output: &[f32],
    scale: f32,
    activation: Activation,
) {
    for_each_slope!(activation, slope => {
        for (gradient, output) in gradient.iter_mut().zip(output) {
            *gradient *= slope(scale * *output);
        }
    });
}
