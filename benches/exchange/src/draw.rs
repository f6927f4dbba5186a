//! Synthetic ratings, the same on every process.

use recburn_optim::Column;

/// The number of rows that a process owns: those whose number modulo the number of processes is its rank.
pub fn owned(rows: u32, rank: u32, processes: u32) -> u32 {
    (rows + processes - 1 - rank) / processes
}

/// A generator of numbers (Steele et al. 2014, SplitMix64).
pub struct Draw(pub u64);

impl Draw {
    /// The next number, in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A random row, distributed by Zipf's law with exponent 1: small numbers are most frequent.
    pub fn popular(&mut self, rows: u32) -> u32 {
        (f64::from(rows).powf(self.unit()) as u32).min(rows) - 1
    }

    /// Small random weights.
    pub fn weights(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.unit() as f32 * 0.2 - 0.1).collect()
    }
}

/// The distinct rows of some examples, and each example's position among them.
#[derive(Default)]
pub struct Rows {
    /// The distinct rows, in order.
    pub rows: Vec<u32>,
    /// For each example, the position of its row.
    pub inverse: Vec<u32>,
}

impl Rows {
    /// The rows of these ids, in the order of `key`, which must be distinct for distinct ids.
    pub fn of<K: Ord>(ids: &[u32], key: impl Fn(u32) -> K) -> Self {
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by_key(|&at| key(ids[at as usize]));
        let mut found = Self {
            rows: Vec::new(),
            inverse: vec![0; ids.len()],
        };
        for at in order {
            let id = ids[at as usize];
            if found.rows.last() != Some(&id) {
                found.rows.push(id);
            }
            found.inverse[at as usize] = found.rows.len() as u32 - 1;
        }
        found
    }

    /// The row of each example.
    pub fn ids(&self) -> impl Iterator<Item = u32> + '_ {
        self.inverse.iter().map(|&at| self.rows[at as usize])
    }

    /// In the form that the kernels use.
    pub fn column(&self) -> Column<'_> {
        Column {
            rows: &self.rows,
            inverse: &self.inverse,
        }
    }
}
