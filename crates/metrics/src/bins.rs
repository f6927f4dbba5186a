//! Scores in bins, of which few need to be compared.

/// Equal intervals between the lowest and the highest relevant score. The bin of a score never decreases with the
/// score, in floating point as well, so scores of different bins need no comparison.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bins {
    low: f32,
    per_unit: f32,
    /// The candidates in each bin.
    pub(crate) counts: Vec<u32>,
    /// The same, in four columns: adding to the same number in every step would be a chain of dependent steps.
    lanes: Vec<[u32; 4]>,
    /// Whether a bin holds a relevant score: 0 or 1.
    marked: Vec<u8>,
    /// The first group in each marked bin, and the one after the last.
    pub(crate) groups: Vec<[u32; 2]>,
    /// The candidates in marked bins, ascending.
    pub(crate) near: Vec<u32>,
}

/// Scores sorted at a time.
const CHUNK: usize = 128;

impl Bins {
    /// For these relevant scores, ascending and distinct. `false` if their range exceeds that of the type.
    pub(crate) fn reset(&mut self, values: &[f32]) -> bool {
        // With 32 bins per score, few of the candidates share a bin with one.
        let bins = (32 * values.len()).next_power_of_two().clamp(256, 4096);
        self.counts.clear();
        self.counts.resize(bins, 0);
        self.lanes.clear();
        self.lanes.resize(bins, [0; 4]);
        self.marked.clear();
        self.marked.resize(bins, 0);
        self.groups.clear();
        self.groups.resize(bins, [0; 2]);
        let mut finite = values.iter().copied().filter(|value| value.is_finite());
        let low = finite.next().unwrap_or(0.0);
        let high = finite.next_back().unwrap_or(low);
        if !(high - low).is_finite() {
            return false;
        }
        self.low = low;
        // Infinite if the range is empty or nearly so: then the first and the last bin are used.
        self.per_unit = (bins - 3) as f32 / (high - low);
        for (group, &value) in (0..).zip(values) {
            let bin = self.of(value);
            if self.marked[bin] == 0 {
                self.marked[bin] = 1;
                self.groups[bin][0] = group;
            }
            self.groups[bin][1] = group + 1;
        }
        true
    }

    /// The bin of a score: 0 below the lowest relevant score, and for NaN.
    pub(crate) fn of(&self, score: f32) -> usize {
        let at = (score - self.low) * self.per_unit + 1.0;
        at.max(0.0).min((self.counts.len() - 1) as f32) as i32 as usize
    }

    pub(crate) fn sort(&mut self, scores: &[f32]) {
        let (low, per_unit) = (self.low, self.per_unit);
        let last = (self.counts.len() - 1) as f32;
        let mask = self.counts.len() - 1;
        self.near.clear();
        let (mut bins, mut near) = ([0_i32; CHUNK], [0_u32; CHUNK]);
        let lanes = &mut self.lanes[..mask + 1];
        let marked = &self.marked[..mask + 1];
        for (chunk, scores) in scores.chunks(CHUNK).enumerate() {
            for (bin, &score) in bins.iter_mut().zip(scores) {
                let at = (score - low) * per_unit + 1.0;
                *bin = at.max(0.0).min(last) as i32;
            }
            let mut kept = 0;
            for (at, &bin) in bins[..scores.len()].iter().enumerate() {
                let bin = bin as usize & mask;
                lanes[bin][at % 4] += 1;
                near[kept] = at as u32;
                kept += usize::from(marked[bin]);
            }
            let from = (chunk * CHUNK) as u32;
            self.near.extend(near[..kept].iter().map(|at| from + at));
        }
        for (count, lanes) in self.counts.iter_mut().zip(&self.lanes) {
            *count = lanes.iter().sum();
        }
    }
}
