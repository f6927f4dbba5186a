//! The random generator of this crate: seeded, and the same on every platform.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A stream of numbers that depends only on a seed and a stream number.
///
/// Drawing and shuffling are implemented here because `rand` may change both between versions.
#[derive(Clone, Debug)]
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream number `stream` (an epoch, or a constant of the caller) for the seed `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // Consecutive seeds or epochs must not give related states; the generator's own seeding mixes the rest.
        let start = mix(seed).wrapping_add(mix(stream ^ 0x5851_F42D_4C95_7F2D));
        Self(Xoshiro256PlusPlus::seed_from_u64(start))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in `0..bound`; `bound` is at least one. The bias is below `bound / 2^64`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u32
    }

    /// Nearly Gaussian, mean 0, variance 1: the sum of twelve uniform numbers. Logarithm and cosine differ between
    /// platforms in their last bit, which could change a rating by half a star.
    pub(crate) fn gaussian(&mut self) -> f64 {
        let mut sum = 0;
        for _ in 0..3 {
            let bits = self.bits();
            for part in 0..4 {
                sum += bits >> (16 * part) & 0xFFFF;
            }
        }
        // Each of the twelve parts has mean 32767.5; the standard deviation of the sum is 65536 up to one part in 2^32.
        (sum as f64 - 12.0 * 32_767.5) / 65_536.0
    }

    /// Fisher-Yates.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            // The length of `values` fits into a u32: rows and ids are limited to that on reading.
            let other = self.below(last as u32 + 1) as usize;
            values.swap(last, other);
        }
    }

    /// `0..count` in random order.
    pub(crate) fn permutation(&mut self, count: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }
}

/// A bijection of 64 bits in which each output bit depends on every input bit (the finaliser of MurmurHash3).
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    value = (value ^ (value >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    value ^ (value >> 33)
}
