//! Drawing with given chances, in constant time.

use crate::random::Random;

/// Walker's alias table, as Vose (1991) makes it: each place is drawn as often as any other and gives itself or one other.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// For each place the chance that it gives itself, and what it gives otherwise.
    places: Vec<(f64, u32)>,
}

impl Alias {
    /// Of weights that are not below 0, of which one at least is above.
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
        // What is left over gives itself: all but rounding has been shared out.
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
