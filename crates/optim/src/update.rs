//! One step of each rule, with Keras 3's formulas. `N` is how many numbers of state stand beside a weight.

use crate::lane::Lane;
use crate::rest::{Pull, replay};

/// One step of a rule at fixed coefficients: weight, state and gradient to weight and state.
pub trait Update<const N: usize>: Copy + Send + Sync {
    /// The same rule at another [effective rate](crate::Rule::effective_rate).
    fn at_rate(self, rate: f64) -> Self;

    /// The dense algorithm's step. A tensor moves elementwise.
    fn step<L: Lane>(&self, weight: L, state: [L; N], gradient: L) -> (L, [L; N]);

    /// What the dense algorithm does to a row whose gradient is 0 at each of these steps: one after the other, unless
    /// the rule knows a shorter way.
    #[inline(always)]
    fn coast(self, weights: &mut [f32], state: [&mut [f32]; N], rates: &[f64]) {
        replay(self, weights, state, rates, Pull::NONE);
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
    fn at_rate(self, rate: f64) -> Self {
        Self { rate }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, state: [L; 0], gradient: L) -> (L, [L; 0]) {
        (weight.minus(gradient.scale(self.rate)), state)
    }

    /// Without a gradient nothing moves.
    #[inline(always)]
    fn coast(self, _: &mut [f32], _: [&mut [f32]; 0], _: &[f64]) {}
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
    fn at_rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [velocity]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let velocity = velocity
            .scale(self.momentum)
            .minus(gradient.scale(self.rate));
        (weight.plus(velocity.clone()), [velocity])
    }

    /// The velocity decays geometrically and its sum is known.
    #[inline(always)]
    fn coast(self, weights: &mut [f32], [velocities]: [&mut [f32]; 1], rates: &[f64]) {
        let left = self.momentum.powi(rates.len() as i32);
        let way = (self.momentum * (1.0 - left) / (1.0 - self.momentum)) as f32;
        for (weight, velocity) in weights.iter_mut().zip(velocities) {
            *weight += way * *velocity;
            *velocity = settle(*velocity * left as f32);
        }
    }
}

/// `m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - rate' m / (sqrt(v) + eps)` (Kingma and Ba 2015), where
/// `rate' = rate sqrt(1 - b2^t) / (1 - b1^t)`: epsilon stands outside the bias correction, as in Keras.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Learning rate with the bias correction of the step in it ([`crate::Rule::effective_rate`]).
    pub rate: f64,
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Added to the root.
    pub epsilon: f64,
}

impl Update<2> for AdamStep {
    fn at_rate(self, rate: f64) -> Self {
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
        let square = gradient.clone().times(gradient.clone());
        let first = towards(first, gradient, self.beta_1);
        let second = towards(second, square, self.beta_2);
        let root = second.clone().root().offset(self.epsilon);
        let weight = weight.minus(first.clone().scale(self.rate).over(root));
        (weight, [first, second])
    }

    /// The first moment dies out, after which only the second goes on shrinking.
    #[inline(always)]
    fn coast(self, weights: &mut [f32], [first, second]: [&mut [f32]; 2], rates: &[f64]) {
        let moving = if first.iter().any(|&moment| moment != 0.0) {
            rates.len().min(self.last_move())
        } else {
            0
        };
        replay(
            self,
            weights,
            [&mut *first, &mut *second],
            &rates[..moving],
            Pull::NONE,
        );
        let still = (rates.len() - moving) as i32;
        if still > 0 {
            let (left_1, left_2) = (self.beta_1.powi(still), self.beta_2.powi(still));
            for (first, second) in first.iter_mut().zip(second) {
                *first = settle(*first * left_1 as f32);
                *second = settle(*second * left_2 as f32);
            }
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
    fn at_rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, [sum]: [L; 1], gradient: L) -> (L, [L; 1]) {
        let sum = sum.plus(gradient.clone().times(gradient.clone()));
        let root = sum.clone().offset(self.epsilon).root();
        (weight.minus(gradient.scale(self.rate).over(root)), [sum])
    }

    /// Without a gradient nothing moves.
    #[inline(always)]
    fn coast(self, _: &mut [f32], _: [&mut [f32]; 1], _: &[f64]) {}
}

impl AdamStep {
    /// Resting steps after which what a first moment could still move is below 1e-8 of its first resting move: the
    /// moves shrink by `beta_1 / sqrt(beta_2)` a step.
    fn last_move(&self) -> usize {
        let shrink = self.beta_1 / self.beta_2.sqrt();
        if shrink >= 1.0 {
            return usize::MAX;
        }
        ((1e-8 * (1.0 - shrink)).ln() / shrink.ln()).ceil() as usize
    }
}

/// Flushes what is too small to matter, before it becomes denormal and slows every later step.
fn settle(state: f32) -> f32 {
    if state.abs() < 1e-30 { 0.0 } else { state }
}
