//! Probabilities of Student's t and of the binomial distribution.

/// The natural logarithm of the gamma function for positive arguments: Stirling's series, after the recurrence has moved
/// the argument to 15 or more. Accurate to about 1e-14 relative.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let mut x = x;
    let mut product = 1.0;
    while x < 15.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    // B(2n) / (2n (2n - 1)) of the Bernoulli numbers B.
    const SERIES: [f64; 6] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
    ];
    let series = SERIES
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum * square + term);
    let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    (x - 0.5) * x.ln() - x + half_ln_two_pi + series * inverse - product.ln()
}

/// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (DLMF 8.17.22), evaluated with the
/// method of Lentz (1976).
pub(crate) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges quickly below the mean of the distribution.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let ln_front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut numerator = 1.0;
    let mut denominator = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = denominator;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            denominator = 1.0 / away_from_zero(1.0 + coefficient * denominator);
            numerator = away_from_zero(1.0 + coefficient / numerator);
            change = numerator * denominator;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    ln_front.exp() * fraction / a
}

/// The probability that `|T| >= |t|` for Student's distribution: `I_x(v/2, 1/2)` at `x = v / (v + t^2)` (DLMF 8.17).
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    match t.is_infinite() {
        true => 0.0,
        false => incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5),
    }
}

/// The probability of at most `k` heads in `n` throws of a fair coin.
pub(crate) fn binomial_at_most(k: usize, n: usize) -> f64 {
    if k >= n {
        return 1.0;
    }
    // The sum of the binomial terms is a beta integral (DLMF 8.17.5).
    incomplete_beta(0.5, (n - k) as f64, k as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-12 * right.abs().max(1.0)
    }

    #[test]
    fn values_that_are_known_exactly() {
        // Gamma of whole numbers and of one half.
        assert!(close(ln_gamma(11.0), 3_628_800_f64.ln()));
        assert!(close(ln_gamma(0.5), 0.5 * std::f64::consts::PI.ln()));
        assert!(close(ln_gamma(1.0), 0.0) && close(ln_gamma(2.0), 0.0));
        // With one degree of freedom: the Cauchy distribution; with two: an algebraic function.
        for t in [0.0, 0.3, 1.0, 4.0, 250.0] {
            let cauchy = 1.0 - 2.0 / std::f64::consts::PI * f64::atan(t);
            assert!(close(student_two_sided(t, 1.0), cauchy), "{t}");
            let two = 1.0 - t / (2.0 + t * t).sqrt();
            assert!(close(student_two_sided(-t, 2.0), two), "{t}");
        }
        // With many degrees of freedom: nearly normal.
        assert!((student_two_sided(1.959_963_984_540_054, 1e6) - 0.05).abs() < 5e-7);
    }

    #[test]
    fn binomial_sums_are_those_of_pascals_triangle() {
        for n in 1..40_usize {
            let mut row = vec![1_u64];
            for k in 0..n {
                row.push(row[k] * (n - k) as u64 / (k as u64 + 1));
            }
            let mut sum = 0;
            for (k, count) in row.iter().enumerate() {
                sum += count;
                let expected = sum as f64 / (1_u64 << n) as f64;
                assert!(close(binomial_at_most(k, n), expected), "{k} of {n}");
            }
        }
        assert_eq!(binomial_at_most(0, 0), 1.0);
    }
}
