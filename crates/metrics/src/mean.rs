//! The running mean that a training loop keeps.

/// A weighted running mean: `sum(weight * value) / sum(weight)`.
///
/// A loop adds each batch's mean loss with the batch's size as its weight, so that a last, smaller batch counts for
/// what it holds and the result is the mean over examples (Keras's `metrics.Mean`).
///
/// ```
/// let mut mean = recburn_metrics::Mean::default();
/// mean.add(1.0, 64.0);
/// mean.add(4.0, 32.0);
/// assert_eq!(mean.value(), Some(2.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    /// A mean of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, which counts `weight` times; a weight is not negative. A value of weight 0 changes nothing.
    pub fn add(&mut self, value: f64, weight: f64) {
        debug_assert!(weight >= 0.0, "a weight of {weight}");
        // Also keeps an undefined value of an empty batch from spoiling the sum: 0 * NaN is NaN.
        if weight > 0.0 {
            self.sum += value * weight;
            self.weight += weight;
        }
    }

    /// The mean so far; `None` before anything of weight was added. A NaN that was added with weight shows.
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    /// The sum of the weights so far.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}
