//! One step of each rule, with Keras 3's formulas. `N` is how many numbers of state stand beside a weight.

use crate::lane::Lane;
use crate::pace::Pace;
use crate::rest::{Pull, replay};
use crate::steps::Rest;

/// Weights closer to 0 than this are 0. Numbers that decay would end among the subnormal ones, on which a processor takes
/// up to a hundred times as long, and so would their products: the product of two weights of this size is still normal.
pub(crate) const TINY_WEIGHT: f64 = 1e-18;

/// The same of a rule's state: its product with a learning rate is still normal.
pub(crate) const TINY_STATE: f64 = 1e-30;

/// The same of a gradient that is squared.
const TINY_GRADIENT: f64 = 1e-18;

/// One step of a rule at fixed coefficients: weight, state and gradient to weight and state.
pub trait Update<const N: usize>: Copy + Send + Sync {
    /// The same rule at another [pace](crate::Rule::pace).
    fn at_pace(self, pace: Pace) -> Self;

    /// The dense algorithm's step, with what is too small to matter flushed to 0. A tensor moves elementwise.
    fn step<L: Lane>(&self, weight: L, state: [L; N], gradient: L) -> (L, [L; N]);

    /// What the dense algorithm does to a row whose gradient is 0 at each of these steps.
    fn coast(self, weights: &mut [f32], state: [&mut [f32]; N], rest: Rest<'_>);

    /// Whether [`Update::sink`] knows a way shorter than one step after the other.
    const SINKS: bool = false;

    /// What the dense algorithm does to a row whose gradient is `decay * weight` at each of these steps.
    #[inline(always)]
    fn sink(self, weights: &mut [f32], state: [&mut [f32]; N], rest: Rest<'_>, decay: f64) {
        let pull = Pull {
            decay,
            non_negative: false,
        };
        replay(self, weights, state, rest.paces, pull);
    }
}

/// What is done with whichever [`Update`] a rule turns out to be.
pub trait UpdateVisitor {
    /// What comes of it.
    type Output;
    /// Called with the update of one step.
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> Self::Output;
}

/// `w <- w - rate g`
#[derive(Clone, Copy, Debug)]
pub struct SgdStep {
    /// Learning rate.
    pub rate: f64,
}

impl Update<0> for SgdStep {
    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, state: [L; 0], gradient: L) -> (L, [L; 0]) {
        let weight = weight.minus(gradient.scale(self.rate));
        (weight.flush(TINY_WEIGHT), state)
    }

    /// Without a gradient nothing moves.
    #[inline(always)]
    fn coast(self, _: &mut [f32], _: [&mut [f32]; 0], _: Rest<'_>) {}

    const SINKS: bool = true;

    /// Each step takes the same share of every weight.
    #[inline(always)]
    fn sink(self, weights: &mut [f32], _: [&mut [f32]; 0], rest: Rest<'_>, decay: f64) {
        let left: f64 = rest
            .paces
            .iter()
            .map(|pace| 1.0 - pace.rate * decay)
            .product();
        for weight in weights {
            *weight = (*weight * left as f32).flush(TINY_WEIGHT);
        }
    }
}

/// `v <- momentum v - rate g; w <- w + v`
#[derive(Clone, Copy, Debug)]
pub struct MomentumStep {
    /// Learning rate.
    pub rate: f64,
    /// Share of the old velocity that stays.
    pub momentum: f64,
}

impl Update<1> for MomentumStep {
    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [velocity]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let velocity = velocity
            .scale(self.momentum)
            .minus(gradient.scale(self.rate))
            .flush(TINY_STATE);
        let weight = weight.plus(velocity.clone()).flush(TINY_WEIGHT);
        (weight, [velocity])
    }

    /// The velocity decays geometrically and its sum is known.
    #[inline(always)]
    fn coast(self, weights: &mut [f32], [velocities]: [&mut [f32]; 1], rest: Rest<'_>) {
        let left = rest.left[0];
        let way = (self.momentum * (1.0 - left) / (1.0 - self.momentum)) as f32;
        for (weight, velocity) in weights.iter_mut().zip(velocities) {
            *weight = (*weight + way * *velocity).flush(TINY_WEIGHT);
            *velocity = (*velocity * left as f32).flush(TINY_STATE);
        }
    }

    const SINKS: bool = true;

    /// Each step maps weight and velocity linearly, so all of them together do: one matrix for the whole row.
    #[inline(always)]
    fn sink(self, weights: &mut [f32], [velocities]: [&mut [f32]; 1], rest: Rest<'_>, decay: f64) {
        let (mut weight_of, mut velocity_of) = ([1.0, 0.0], [0.0, 1.0]);
        for Pace { rate, .. } in rest.paces {
            for part in 0..2 {
                velocity_of[part] =
                    self.momentum * velocity_of[part] - rate * decay * weight_of[part];
                weight_of[part] += velocity_of[part];
            }
        }
        let (weight_of, velocity_of) = (
            weight_of.map(|part| part as f32),
            velocity_of.map(|part| part as f32),
        );
        for (weight, velocity) in weights.iter_mut().zip(velocities) {
            let (w, v) = (*weight, *velocity);
            *weight = (weight_of[0] * w + weight_of[1] * v).flush(TINY_WEIGHT);
            *velocity = (velocity_of[0] * w + velocity_of[1] * v).flush(TINY_STATE);
        }
    }
}

/// `m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - rate' m / (sqrt(v) + eps)` (Kingma and Ba 2015), where
/// `rate' = rate sqrt(1 - b2^t) / (1 - b1^t)`: epsilon stands outside the bias correction, as in Keras.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Learning rate with the bias correction of the step in it ([`crate::Rule::pace`]).
    pub rate: f64,
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Added to the root.
    pub epsilon: f64,
}

impl Update<2> for AdamStep {
    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [first, second]: [L; 2], gradient: L) -> (L, [L; 2]) {
        // Moved towards the gradient by a share, as Keras does it: 0.999 is no float, and a decay that is off in its eighth
        // digit shifts a mean over a thousand steps in its fifth.
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

    /// After `k` steps at rest the moments are `b1^k m` and `b2^k v`, so the weight has moved by the sum over `k` of
    /// `rate_k r^k m / (s + eps q^k)`, where `s = sqrt(v)`, `q = 1 / sqrt(b2)` and `r = b1 q`. The terms die out within some
    /// 200 steps, in which `q^k` hardly leaves its weighed mean `Q`: around it the sum is
    /// `A m / (s + eps Q) (1 + V h^2 - ...)` with `A = sum of rate_k r^k`, `V` the weighed variance of `q^k` and
    /// `h = eps / (s + eps Q)`. `A`, `Q` and `V` are the same for every weight ([`Way`](crate::steps::Way)); what is left out
    /// is below 1e-6 of the move where `s` is below `eps`, and nothing that single precision could hold elsewhere.
    #[inline(always)]
    fn coast(self, weights: &mut [f32], [first, second]: [&mut [f32]; 2], rest: Rest<'_>) {
        let Some(way) = rest.way else {
            replay(self, weights, [first, second], rest.paces, Pull::NONE);
            return;
        };
        // Rates of 0 leave nothing to weigh with.
        let mean = |sum: f64| if way.sum > 0.0 { sum / way.sum } else { 1.0 };
        let stretch = mean(way.first);
        let spread = (mean(way.second) - stretch * stretch).max(0.0) as f32;
        let (sum, epsilon) = (way.sum as f32, self.epsilon as f32);
        // Of an epsilon too small for single precision a row that never moved would make 0 times infinity.
        let floor = ((self.epsilon * stretch) as f32).max(f32::MIN_POSITIVE);
        let [left_1, left_2] = rest.left.map(|left| left as f32);
        let count = weights.len();
        let (first, second) = (&mut first[..count], &mut second[..count]);
        for at in 0..count {
            let inverse = 1.0 / (second[at].sqrt() + floor);
            let share = epsilon * inverse;
            let way = sum * (first[at] * inverse) * (1.0 + spread * (share * share));
            weights[at] = (weights[at] - way).flush(TINY_WEIGHT);
            first[at] = (first[at] * left_1).flush(TINY_STATE);
            second[at] = (second[at] * left_2).flush(TINY_STATE);
        }
    }
}

/// `a <- a + g^2; w <- w - rate g / sqrt(a + eps)` (Duchi et al. 2011).
#[derive(Clone, Copy, Debug)]
pub struct AdaGradStep {
    /// Learning rate.
    pub rate: f64,
    /// Added under the root.
    pub epsilon: f64,
}

impl Update<1> for AdaGradStep {
    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [sum]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let sum = sum.plus(square(gradient.clone())).flush(TINY_STATE);
        let root = sum.clone().offset(self.epsilon).root();
        let weight = weight.minus(gradient.scale(self.rate).over(root));
        (weight.flush(TINY_WEIGHT), [sum])
    }

    /// Without a gradient nothing moves.
    #[inline(always)]
    fn coast(self, _: &mut [f32], _: [&mut [f32]; 1], _: Rest<'_>) {}
}

fn square<L: Lane>(gradient: L) -> L {
    let gradient = gradient.flush(TINY_GRADIENT);
    gradient.clone().times(gradient)
}
