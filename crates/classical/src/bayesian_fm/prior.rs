//! Normal priors of vectors, and the draw of their means and precisions.

use super::random::Stream;

/// A normal prior of vectors with independent entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prior<const L: usize> {
    pub(super) mean: [f32; L],
    pub(super) precision: [f32; L],
}

impl<const L: usize> Prior<L> {
    /// Where the sampler starts.
    pub(super) const START: Self = Self {
        mean: [0.0; L],
        precision: [1.0; L],
    };

    /// Draws mean and precision given vectors that have this prior. Their own priors are, for each entry,
    /// `mean ~ N(0, 1 / precision)` and `precision ~ Gamma(1/2, 1/2)`.
    ///
    /// Entries after the first `width` keep mean 0 and precision 1.
    pub(super) fn drawn(
        &self,
        vectors: impl Iterator<Item = [f32; L]>,
        width: usize,
        stream: &mut Stream,
    ) -> Self {
        let (mut sums, mut squares, mut count) = ([0.0_f64; L], [0.0_f64; L], 0.0);
        for vector in vectors {
            for lane in 0..L {
                let value = f64::from(vector[lane]);
                sums[lane] += value;
                squares[lane] += value * value;
            }
            count += 1.0;
        }
        let mut drawn = Self::START;
        for lane in 0..width {
            let spread = ((count + 1.0) * f64::from(self.precision[lane])).sqrt();
            let mean = sums[lane] / (count + 1.0) + stream.normal() / spread;
            // The vectors around the mean, and the mean around 0.
            let around = squares[lane] - 2.0 * mean * sums[lane] + count * mean * mean;
            let precision = stream.precision(count + 1.0, around.max(0.0) + mean * mean);
            drawn.mean[lane] = mean as f32;
            drawn.precision[lane] = precision as f32;
        }
        drawn
    }
}
