//! The exponential function in operations that vectorise (the standard library's function does not).

/// A power of two `p` and an `s` near 0 with `exp(x) = p (1 + s)`.
#[inline(always)]
fn power_and_series(x: f32) -> (f32, f32) {
    // Outside this range the result is practically 0, or too large for any use here.
    let x = x.clamp(-87.0, 44.0);
    // x = n ln 2 + r with |r| < 0.35; adding and subtracting 1.5 * 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
    // The series of exp(r) - 1; the next term is below 1e-8 of the sum.
    let tail = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let series = r + r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * tail)));
    let power = f32::from_bits(((n as i32 + 127) as u32) << 23);
    (power, series)
}

/// `exp(x)`, accurate to one or two units in the last place for `x` in -87 to 44; `x` is clamped to that range.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (power, series) = power_and_series(x);
    power * series + power
}

/// `exp(x) - 1`, accurate to one or two units in the last place, also near 0; `x` is clamped as in [`exp`].
#[inline(always)]
pub fn exp_minus_1(x: f32) -> f32 {
    let (power, series) = power_and_series(x);
    power * series + (power - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_functions_agree_with_the_standard_library() {
        let points = (-8_700..4_400).map(|at| at as f32 * 0.01);
        let near_zero = (-600..600).map(|at| (at as f32 * 0.05).exp2() * 0.1);
        for x in points.chain(near_zero.clone()).chain(near_zero.map(|x| -x)) {
            if !(-87.0..=44.0).contains(&x) {
                continue;
            }
            let exact = f64::from(x).exp_m1();
            let error = (f64::from(exp_minus_1(x)) - exact).abs();
            assert!(error <= 3e-7 * exact.abs(), "exp({x}) - 1 = {exact}");
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs();
            assert!(error <= 3e-7 * exact, "exp({x}) = {exact}");
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }
}
