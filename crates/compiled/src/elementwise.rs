//! Elementwise functions and their derivatives, vectorised.

use crate::widest::widest;
use recburn_graph::Activation;

/// `exp(x) - 1`, accurate to one or two units in the last place, also near 0, in operations that vectorise (the
/// standard library's function does not).
#[inline(always)]
fn exp_minus_1(x: f32) -> f32 {
    // Outside this range the result is -1, or too large for any use here.
    let x = x.clamp(-87.0, 44.0);
    // x = n ln 2 + r with |r| < 0.35; adding and subtracting 1.5 * 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
    // The series of exp(r) - 1; the next term is below 1e-8 of the sum.
    let tail = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let series = r + r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * tail)));
    let power = f32::from_bits(((n as i32 + 127) as u32) << 23);
    power * series + (power - 1.0)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_minus_1_follows_the_library() {
        let points = (-9_000..4_400).map(|at| at as f32 * 0.01);
        let near_zero = (-600..600).map(|at| (at as f32 * 0.05).exp2() * 0.1);
        for x in points.chain(near_zero.clone()).chain(near_zero.map(|x| -x)) {
            let exact = f64::from(x).exp_m1();
            let error = (f64::from(exp_minus_1(x)) - exact).abs();
            assert!(
                x > 44.0 || error <= 3e-7 * exact.abs(),
                "exp({x}) - 1 = {exact}"
            );
        }
    }
}
