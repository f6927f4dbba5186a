//! The masks of dropout.

use crate::widest::widest;
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
        let cells = self.cells(key);
        widest!({
            for (at, cell) in mask.iter_mut().enumerate() {
                *cell = cells.factor(at as u32);
            }
        });
    }

    /// As [`Rate::fill`], and multiplies the numbers by it.
    pub(crate) fn fill_and_apply(self, key: u64, mask: &mut [f32], numbers: &mut [f32]) {
        let cells = self.cells(key);
        let numbers = &mut numbers[..mask.len()];
        widest!({
            for (at, (cell, number)) in mask.iter_mut().zip(numbers).enumerate() {
                let factor = cells.factor(at as u32);
                *cell = factor;
                *number *= factor;
            }
        });
    }

    fn cells(self, key: u64) -> Cells {
        Cells {
            low: key as u32,
            high: (key >> 32) as u32,
            threshold: u32::from(self.threshold),
            scale: self.scale(),
        }
    }
}

/// What the factor of a cell is made of.
#[derive(Clone, Copy)]
struct Cells {
    low: u32,
    high: u32,
    threshold: u32,
    scale: f32,
}

impl Cells {
    #[inline(always)]
    fn factor(self, at: u32) -> f32 {
        let draw = mixed(at.wrapping_add(self.low)) ^ self.high;
        // As signed numbers, which they fit: not every machine compares others many at a time.
        let dropped = ((mixed(draw) >> 16) as i32) < self.threshold as i32;
        if dropped { 0.0 } else { self.scale }
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
