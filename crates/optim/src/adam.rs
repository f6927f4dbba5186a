//! Adam.

use crate::lane::Lane;
use crate::missed::Missed;
use crate::pace::Pace;
use crate::update::{COEFFICIENTS, Rest, TINY_STATE, TINY_WEIGHT, Update, square};

/// `m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - rate' m / (sqrt(v) + eps)` (Kingma and Ba 2015), where
/// `rate' = rate sqrt(1 - b2^t) / (1 - b1^t)`: epsilon is outside the bias correction, as in Keras.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Learning rate, including the bias correction of the step ([`crate::Rule::pace`]).
    pub rate: f64,
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Added to the root.
    pub epsilon: f64,
}

impl Update<2> for AdamStep {
    const COEFFICIENTS: usize = 5;

    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [first, second]: [L; 2], gradient: L) -> (L, [L; 2]) {
        // Interpolated towards the gradient, as in Keras: 0.999 is not representable, and an error in the eighth digit
        // of the decay shifts a mean over a thousand steps in its fifth digit.
        let towards = |mean: L, value: L, beta: f64| {
            let way = value.minus(mean.clone());
            mean.plus(way.scale(1.0 - beta))
        };
        let square = square(gradient.clone());
        let first = towards(first, gradient, self.beta_1).flush(TINY_STATE);
        let second = towards(second, square, self.beta_2).flush(TINY_STATE);
        let root = second.clone().root().offset(self.epsilon);
        let weight = weight.minus(first.clone().scale(self.rate).over(root));
        (weight.flush(TINY_WEIGHT), [first, second])
    }

    /// After `k` missed steps the moments are `b1^k m` and `b2^k v`, so the weight has moved by the sum over `k` of
    /// `rate_k r^k m / (s + eps q^k)`, where `s = sqrt(v)`, `q = 1 / sqrt(b2)` and `r = b1 q`. The terms vanish within
    /// about 200 steps, over which `q^k` stays close to its weighted mean `Q`: expanded around it the sum is `A m / (s +
    /// eps Q) (1 + V h^2 - ...)` with `A = sum of rate_k r^k`, `V` the weighted variance of `q^k` and `h = eps / (s +
    /// eps Q)`. `A`, `Q` and `V` are the same for every weight ([`AdamSums`](crate::AdamSums)). The truncation error is
    /// below 1e-6 of the update if `s` is below `eps`, and below single precision otherwise.
    #[inline(always)]
    fn rest(&self, missed: &Missed<'_>, decay: f64) -> Rest {
        let Some(sums) = missed.sums else {
            return Rest::OneByOne;
        };
        if decay != 0.0 {
            return Rest::OneByOne;
        }
        // If all rates are 0, the weighted mean is undefined.
        let mean = |sum: f64| if sums.sum > 0.0 { sum / sums.sum } else { 1.0 };
        let stretch = mean(sums.first);
        let spread = (mean(sums.second) - stretch * stretch).max(0.0);
        // Must not be 0 in single precision either: rows that never moved are divided by it.
        let floor = (self.epsilon * stretch).max(f64::from(f32::MIN_POSITIVE));
        let [left_1, left_2] = missed.left;
        Rest::AtOnce([left_1, left_2, sums.sum, floor, spread, 0.0])
    }

    #[inline(always)]
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        [first, second]: [L; 2],
        [left_1, left_2, sum, floor, spread, _]: [L; COEFFICIENTS],
    ) -> (L, [L; 2]) {
        let inverse = second.clone().root().plus(floor).inverse();
        let share = inverse.clone().scale(self.epsilon);
        let squared = share.clone().times(share);
        let way = sum
            .times(first.clone().times(inverse))
            .times(spread.times(squared).offset(1.0));
        let weight = weight.minus(way).flush(TINY_WEIGHT);
        let first = first.times(left_1).flush(TINY_STATE);
        let second = second.times(left_2).flush(TINY_STATE);
        (weight, [first, second])
    }
}
