//! Sampling from a given distribution in constant time.

use crate::random::Random;

/// Walker's alias table, built by Vose's method (1991): places are drawn uniformly, and each yields itself or one
/// other.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// For each place, the probability that it yields itself, and the alternative.
    places: Vec<(f64, u32)>,
}

impl Alias {
    /// From non-negative weights, at least one of which is positive.
    pub(crate) fn of(weights: &[f64]) -> Self {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let own = weights.iter().map(|weight| weight / mean);
        let mut places: Vec<(f64, u32)> = own.zip(0..).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            (0..places.len() as u32).partition(|&at| places[at as usize].0 < 1.0);
        while let (Some(less), Some(more)) = (small.pop(), large.pop()) {
            let lent = 1.0 - places[less as usize].0;
            places[less as usize].1 = more;
            let left = &mut places[more as usize].0;
            *left -= lent;
            match *left < 1.0 {
                true => small.push(more),
                false => large.push(more),
            }
        }
        // The remaining places yield themselves: only rounding errors are left.
        for at in small.into_iter().chain(large) {
            places[at as usize].0 = 1.0;
        }
        Self { places }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> u32 {
        let at = random.below(self.places.len() as u32);
        let (chance, other) = self.places[at as usize];
        if random.unit() < chance { at } else { other }
    }
}
