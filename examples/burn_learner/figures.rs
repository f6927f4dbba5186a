//! Metrics that Burn does not provide: root mean squared error, mean absolute error, and the penalty on the tables.

use burn::tensor::{Tensor, TensorReadError};
use burn::train::metric::{
    Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry,
    SerializedEntry,
};
use std::sync::Arc;

/// The input of these metrics.
pub struct Figures {
    /// Squared errors: `[batch]`.
    pub squares: Tensor<1>,
    /// Absolute errors: `[batch]`.
    pub sizes: Tensor<1>,
    /// The penalty on the tables: `[1]`.
    pub penalty: Tensor<1>,
}

/// The mean of some numbers over an epoch, or its root.
#[derive(Clone)]
pub struct Mean {
    name: MetricName,
    numbers: fn(&Figures) -> &Tensor<1>,
    root: bool,
    sum: f64,
    count: usize,
    batch: f64,
    batch_count: usize,
}

impl Mean {
    fn new(name: &str, numbers: fn(&Figures) -> &Tensor<1>, root: bool) -> Self {
        Self {
            name: Arc::new(name.to_string()),
            numbers,
            root,
            sum: 0.0,
            count: 0,
            batch: 0.0,
            batch_count: 0,
        }
    }

    /// Root mean squared error. Over an epoch it is the root of the mean, not the mean of the batches' roots.
    pub fn rmse() -> Self {
        Self::new("RMSE", |figures| &figures.squares, true)
    }

    /// Mean absolute error.
    pub fn mae() -> Self {
        Self::new("MAE", |figures| &figures.sizes, false)
    }

    /// `l2 * sum(w^2)`: the same in every batch of a validation part, since the model does not change.
    pub fn penalty() -> Self {
        Self::new("Penalty", |figures| &figures.penalty, false)
    }

    fn of(&self, sum: f64, count: usize) -> f64 {
        let mean = sum / count.max(1) as f64;
        if self.root { mean.sqrt() } else { mean }
    }

    /// Formatted as by Burn: the epoch so far, and the last batch.
    fn entry(&self, serialized: NumericEntry) -> SerializedEntry {
        let epoch = self.of(self.sum, self.count);
        let batch = self.of(self.batch, self.batch_count);
        let formatted = format!("epoch {epoch:.4} - batch {batch:.4}");
        SerializedEntry::new(formatted, serialized.serialize())
    }

    fn aggregated(&self, sum: f64, count: usize) -> NumericEntry {
        NumericEntry::Aggregated {
            aggregated_value: self.of(sum, count),
            count,
        }
    }
}

impl Metric for Mean {
    type Input = Figures;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        MetricAttributes::Numeric(NumericAttributes {
            unit: None,
            higher_is_better: false,
        })
    }

    fn update(
        &mut self,
        figures: &Figures,
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        let numbers = (self.numbers)(figures).clone();
        self.batch_count = numbers.dims()[0];
        self.batch = numbers.sum().try_into_scalar::<f64>()?;
        self.sum += self.batch;
        self.count += self.batch_count;
        Ok(self.entry(self.aggregated(self.batch, self.batch_count)))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.entry(self.final_value()))
    }

    fn clear(&mut self) {
        (self.sum, self.count) = (0.0, 0);
        (self.batch, self.batch_count) = (0.0, 0);
    }
}

impl Numeric for Mean {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.aggregated(self.batch, self.batch_count))
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.aggregated(self.sum, self.count))
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.of(self.sum, self.count))
    }
}
