//! The order of an epoch.

use recburn_data::splitmix64;

/// A keyed permutation of the numbers below a count, computed one number at a time: no rank needs the whole order of an
/// epoch, and no count is too large for it.
///
/// A Feistel network of six rounds permutes the smallest range of an even number of bits that holds the count; a number
/// that leaves the count is permuted again until it is back in it (cycle walking, Black and Rogaway 2002), four times at
/// most on average.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    count: u64,
    half: u32,
    keys: [u64; 6],
}

impl Places {
    /// The order of `count` places that this seed and epoch select.
    pub fn new(count: u64, seed: u64, epoch: u64) -> Self {
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        let key = splitmix64(splitmix64(seed).wrapping_add(splitmix64(!epoch)));
        Self {
            count,
            half: bits.div_ceil(2).max(1),
            keys: std::array::from_fn(|round| splitmix64(key.wrapping_add(round as u64))),
        }
    }

    /// Where a place comes in this order.
    ///
    /// # Panics
    /// If it is not below the count.
    pub fn at(&self, place: u64) -> u64 {
        assert!(place < self.count, "place {place} of {}", self.count);
        let mut at = self.permuted(place);
        while at >= self.count {
            at = self.permuted(at);
        }
        at
    }

    fn permuted(&self, number: u64) -> u64 {
        let low = (1 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & low);
        for key in self.keys {
            (left, right) = (right, left ^ (splitmix64(right ^ key) & low));
        }
        left << self.half | right
    }
}
