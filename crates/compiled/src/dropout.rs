//! The masks of dropout.

use crate::widest::widest;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use recburn_schema::splitmix64;

/// The random keys of a step: one per dropout layer, in the order of the graph.
#[derive(Clone, Debug)]
pub struct Keys(Xoshiro256PlusPlus);

impl Keys {
    /// The keys of the step with this seed.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The key of the next layer.
    pub fn draw(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// The rate of a dropout layer, rounded to 1/65,536, since a mask uses 16 bits per cell.
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

    /// The factor of kept numbers: the inverse of the share that is kept, computed from the rounded rate.
    pub fn scale(self) -> f32 {
        65_536.0 / (65_536.0 - f32::from(self.threshold))
    }

    /// Fills a mask with 0 for dropped cells and [`Rate::scale`] for kept ones. The random number of a cell is a cheap
    /// hash of its position and the key, so that many cells are computed at once.
    pub fn fill(self, key: u64, mask: &mut [f32]) {
        let cells = self.cells(key);
        widest!({
            for (at, cell) in mask.iter_mut().enumerate() {
                *cell = cells.factor(at as u32);
            }
        });
    }

    /// As [`Rate::fill`], and multiplies the numbers by the mask.
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

    /// As [`Rate::fill`]; if there are keys, each row of the mask has random numbers of its own key, so that they do not
    /// depend on its position.
    pub(crate) fn fill_by(self, key: u64, rows: Option<&[u64]>, mask: &mut [f32]) {
        let Some(rows) = rows else {
            return self.fill(key, mask);
        };
        let width = mask.len() / rows.len().max(1);
        for (row, mask) in rows.iter().zip(mask.chunks_exact_mut(width.max(1))) {
            self.fill(splitmix64(key ^ *row), mask);
        }
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

/// The constants that determine the factor of a cell.
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
        // Compared as signed numbers, which they fit: not every CPU has vector comparisons of unsigned ones.
        let dropped = ((mixed(draw) >> 16) as i32) < self.threshold as i32;
        if dropped { 0.0 } else { self.scale }
    }
}

/// A hash that is unrelated to those of neighbouring cells (Mueller's `lowbias32`, a bijection in which each input bit
/// flips each output bit with a probability close to one half). Cells are independent, so many are computed at once.
#[inline(always)]
fn mixed(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}
