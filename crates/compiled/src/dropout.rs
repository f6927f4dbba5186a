//! The masks of dropout.

use pulp::Arch;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a step draws from: one key for each of its dropout layers, in the order of the graph.
#[derive(Clone, Debug)]
pub struct Keys(Xoshiro256PlusPlus);

impl Keys {
    /// The keys of the step of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The next layer's.
    pub fn draw(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// A dropout layer's rate. It is met to 1/65,536, since a mask takes 16 bits per cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    threshold: u16,
}

impl Rate {
    /// The probability of dropping, in `[0, 1)`.
    pub fn new(rate: f64) -> Self {
        Self {
            threshold: (rate * 65_536.0) as u16,
        }
    }

    /// What a number that is kept is multiplied by: the inverse of the share that is kept, by the rate that is met and not
    /// by the one that was asked for.
    pub fn scale(self) -> f32 {
        65_536.0 / (65_536.0 - f32::from(self.threshold))
    }

    /// Fills a mask with 0 for what is dropped and [`Rate::scale`] for what is kept. A cell's number is a cheap hash of its
    /// place and the key, so many cells are made at once.
    pub fn fill(self, key: u64, mask: &mut [f32]) {
        self.each(key, mask, |cell, factor| *cell = factor);
    }

    /// As [`Rate::fill`], and multiplies the numbers by it.
    pub(crate) fn fill_and_apply(self, key: u64, mask: &mut [f32], numbers: &mut [f32]) {
        let numbers = &mut numbers[..mask.len()];
        self.each(
            key,
            mask.iter_mut().zip(numbers),
            #[inline(always)]
            |(cell, number): (&mut f32, &mut f32), factor| {
                *cell = factor;
                *number *= factor;
            },
        );
    }

    #[inline(always)]
    fn each<T>(self, key: u64, cells: impl IntoIterator<Item = T>, mut visit: impl FnMut(T, f32)) {
        let (threshold, scale) = (u32::from(self.threshold), self.scale());
        let (low, high) = (key as u32, (key >> 32) as u32);
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (at, cell) in cells.into_iter().enumerate() {
                    let draw = mixed((at as u32).wrapping_add(low)) ^ high;
                    let dropped = (mixed(draw) >> 16) < threshold;
                    visit(cell, if dropped { 0.0 } else { scale });
                }
            },
        );
    }
}

/// A number that looks nothing like its neighbours' (Mueller's `lowbias32`, a bijection in which each bit of the input
/// moves each bit of the output with a probability close to one half). Every cell has its own, so many are made at once.
#[inline(always)]
fn mixed(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}
