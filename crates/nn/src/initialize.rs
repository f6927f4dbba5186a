//! Initial weights, drawn on the host so that every backend starts from the same ones.

use rand_core::{Rng, SeedableRng};
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;
use recburn_graph::Initializer;
use std::ops::Range;

/// Draws initial weights. Each row of each weight has its own random stream, derived from the weight's name and the row's
/// number: adding a layer does not change the others, and a part of a table is drawn without the rows before it.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    seed: u64,
}

impl Draw {
    /// A source of initial weights with this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The `rows * columns` numbers of the weight called `name`, row by row. `rows` is the number of inputs and
    /// `columns` that of outputs, for initializers that depend on them.
    pub fn numbers(
        &self,
        name: &str,
        initializer: Initializer,
        rows: usize,
        columns: usize,
    ) -> Vec<f32> {
        self.rows(name, initializer, [rows, columns], 0..rows)
    }

    /// Some rows of a weight of shape `[rows, columns]`: the `wanted.len() * columns` numbers that they have in
    /// [`Draw::numbers`].
    pub fn rows(
        &self,
        name: &str,
        initializer: Initializer,
        shape: [usize; 2],
        wanted: Range<usize>,
    ) -> Vec<f32> {
        self.keyed(name, initializer, shape, wanted.map(|row| row as u64))
    }

    /// As [`Draw::rows`], with streams that follow from a key per row, such as a hash of its raw id, instead of its number:
    /// the rows of an id are then the same in tables that number it differently.
    pub fn keyed(
        &self,
        name: &str,
        initializer: Initializer,
        [rows, columns]: [usize; 2],
        keys: impl ExactSizeIterator<Item = u64>,
    ) -> Vec<f32> {
        let count = keys.len() * columns;
        let mut numbers = Vec::with_capacity(count);
        // The generator passes its seed through SplitMix64, so neighbouring rows have nothing in common.
        let stream = mix(self.seed ^ fingerprint(name));
        let streams = keys.map(|key| stream.wrapping_add(key));
        let streams = streams.map(Xoshiro256PlusPlus::seed_from_u64);
        let uniform = |(min, max): (f32, f32), random: &mut Xoshiro256PlusPlus| {
            // A float in [0, 1) holds 24 bits; use the upper ones.
            min + (max - min) * ((random.next_u32() >> 8) as f32 / (1u32 << 24) as f32)
        };
        match initializer {
            Initializer::Zeros => numbers.resize(count, 0.0),
            Initializer::Uniform { min, max } => {
                for mut random in streams {
                    numbers.extend((0..columns).map(|_| uniform((min, max), &mut random)));
                }
            }
            Initializer::GlorotUniform => {
                let bound = (6.0 / (rows + columns) as f32).sqrt();
                for mut random in streams {
                    numbers.extend((0..columns).map(|_| uniform((-bound, bound), &mut random)));
                }
            }
            Initializer::Normal { mean, std } => {
                let normal =
                    Normal::new(mean, std).expect("a graph's deviation is finite and not negative");
                for random in streams {
                    numbers.extend(normal.sample_iter(random).take(columns));
                }
            }
        }
        numbers
    }
}

/// The finaliser of SplitMix64. Seeds that differ in one bit begin far apart; added as they are, the rows of one seed would
/// be the next rows of another.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// FNV-1a: short, and stable across platforms and versions, which the standard library's hasher does not guarantee.
fn fingerprint(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
