//! Stochastic gradient descent, with and without momentum.

use crate::lane::Lane;
use crate::missed::Missed;
use crate::pace::Pace;
use crate::update::{COEFFICIENTS, Rest, TINY_STATE, TINY_WEIGHT, Update};

/// `w <- w - rate g`
#[derive(Clone, Copy, Debug)]
pub struct SgdStep {
    /// Learning rate.
    pub rate: f64,
}

impl Update<0> for SgdStep {
    const COEFFICIENTS: usize = 1;

    fn at_pace(self, Pace { rate, .. }: Pace) -> Self {
        Self { rate }
    }

    #[inline(always)]
    fn step<L: Lane>(&self, weight: L, state: [L; 0], gradient: L) -> (L, [L; 0]) {
        let weight = weight.minus(gradient.scale(self.rate));
        (weight.flush(TINY_WEIGHT), state)
    }

    /// Without a gradient nothing changes. Under a penalty each step removes the same share of every weight.
    #[inline(always)]
    fn rest(&self, missed: &Missed<'_>, decay: f64) -> Rest {
        if decay == 0.0 {
            return Rest::Nothing;
        }
        let left = missed.paces.iter().map(|pace| 1.0 - pace.rate * decay);
        Rest::AtOnce([left.product(), 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    #[inline(always)]
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        state: [L; 0],
        [left, ..]: [L; COEFFICIENTS],
    ) -> (L, [L; 0]) {
        (weight.times(left).flush(TINY_WEIGHT), state)
    }
}

/// `v <- momentum v - rate g; w <- w + v`
#[derive(Clone, Copy, Debug)]
pub struct MomentumStep {
    /// Learning rate.
    pub rate: f64,
    /// The share of the old velocity that is kept.
    pub momentum: f64,
}

impl Update<1> for MomentumStep {
    const COEFFICIENTS: usize = 4;

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

    /// Each step maps weight and velocity linearly, hence so do all of them together: one matrix for the whole row.
    /// Without a penalty the velocities form a geometric series.
    #[inline(always)]
    fn rest(&self, missed: &Missed<'_>, decay: f64) -> Rest {
        if decay == 0.0 {
            let left = missed.left[0];
            let way = self.momentum * (1.0 - left) / (1.0 - self.momentum);
            return Rest::AtOnce([1.0, way, 0.0, left, 0.0, 0.0]);
        }
        let (mut weight_of, mut velocity_of) = ([1.0, 0.0], [0.0, 1.0]);
        for Pace { rate, .. } in missed.paces {
            for part in 0..2 {
                velocity_of[part] =
                    self.momentum * velocity_of[part] - rate * decay * weight_of[part];
                weight_of[part] += velocity_of[part];
            }
        }
        let ([of_w, of_v], [to_w, to_v]) = (weight_of, velocity_of);
        Rest::AtOnce([of_w, of_v, to_w, to_v, 0.0, 0.0])
    }

    #[inline(always)]
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        [velocity]: [L; 1],
        [
            weight_of_weight,
            weight_of_velocity,
            velocity_of_weight,
            velocity_of_velocity,
            ..,
        ]: [L; COEFFICIENTS],
    ) -> (L, [L; 1]) {
        let (w, v) = (weight, velocity);
        let weight = weight_of_weight
            .times(w.clone())
            .plus(weight_of_velocity.times(v.clone()));
        let velocity = velocity_of_weight
            .times(w)
            .plus(velocity_of_velocity.times(v));
        (weight.flush(TINY_WEIGHT), [velocity.flush(TINY_STATE)])
    }
}
