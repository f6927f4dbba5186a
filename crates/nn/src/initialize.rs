//! Initial weights, drawn on the host so that every backend starts from the same ones.

use rand_core::{Rng, SeedableRng};
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;
use recburn_graph::Initializer;

/// Draws initial weights. Each weight has its own random stream, derived from its name, so that adding a layer does not
/// change the others.
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
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed ^ fingerprint(name));
        let count = rows * columns;
        match initializer {
            Initializer::Zeros => vec![0.0; count],
            Initializer::Uniform { min, max } => uniform(&mut random, min, max, count),
            Initializer::GlorotUniform => {
                let bound = (6.0 / (rows + columns) as f32).sqrt();
                uniform(&mut random, -bound, bound, count)
            }
            Initializer::Normal { mean, std } => {
                let normal =
                    Normal::new(mean, std).expect("a graph's deviation is finite and not negative");
                normal.sample_iter(&mut random).take(count).collect()
            }
        }
    }
}

fn uniform(random: &mut Xoshiro256PlusPlus, min: f32, max: f32, count: usize) -> Vec<f32> {
    // A float in [0, 1) holds 24 bits; use the upper ones.
    let mut unit = || (random.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
    (0..count).map(|_| min + (max - min) * unit()).collect()
}

/// FNV-1a: short, and stable across platforms and versions, which the standard library's hasher does not guarantee.
fn fingerprint(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
