//! Output without a terminal, one line per epoch; and the duration of epochs.

use burn::train::LearnerSummary;
use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::{MetricDefinition, MetricId, NumericEntry};
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining,
};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Burn's own renderer for pipes prints one line per batch; this one prints one per epoch.
#[derive(Default)]
pub struct Lines {
    epochs: usize,
    names: HashMap<MetricId, String>,
    train: BTreeMap<String, f64>,
    valid: BTreeMap<String, f64>,
}

impl Lines {
    /// The figure of a completed epoch.
    fn last(&self, state: MetricState) -> Option<(String, f64)> {
        match state {
            MetricState::Numeric(entry, Some(NumericEntry::Final(value))) => {
                Some((self.names.get(&entry.metric_id)?.clone(), value))
            }
            _ => None,
        }
    }
}

impl MetricsRendererTraining for Lines {
    fn update_train(&mut self, state: MetricState) {
        let last = self.last(state);
        self.train.extend(last);
    }

    fn update_valid(&mut self, state: MetricState) {
        let last = self.last(state);
        self.valid.extend(last);
    }

    fn on_train_end(&mut self, summary: Option<LearnerSummary>) -> Result<(), Box<dyn Error>> {
        if let Some(summary) = summary {
            println!("\n{summary}");
        }
        Ok(())
    }
}

impl TrainingProgressLogger for Lines {
    fn start(&mut self, epochs: usize, _: usize, _: Option<usize>, _: Option<&str>) {
        self.epochs = epochs;
    }

    fn update_epoch(&mut self, epoch: usize) {
        let of = |figures: &BTreeMap<String, f64>, name: &str| {
            figures.get(name).copied().unwrap_or(f64::NAN)
        };
        println!(
            "epoch {epoch}/{}  loss {:.4}  valid loss {:.4}  rmse {:.4}  mae {:.4}  (penalty {:.4})",
            self.epochs,
            of(&self.train, "Loss"),
            of(&self.valid, "Loss"),
            of(&self.valid, "RMSE"),
            of(&self.valid, "MAE"),
            of(&self.valid, "Penalty"),
        );
    }

    fn start_split(&mut self, _: &str, _: usize) {}
    fn update_split(&mut self, _: usize) {}
    fn end_split(&mut self) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _: String) {}
}

impl MetricsRenderer for Lines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        let name = definition.name.to_string();
        self.names.insert(definition.metric_id, name);
    }
}

// The trait requires support for evaluation, which is not used here.
impl MetricsRendererEvaluation for Lines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl EvaluationProgressLogger for Lines {
    fn start_global_progress(&mut self, _: usize) {}
    fn start_test(&mut self, _: &str, _: usize) {}
    fn update_test_progress(&mut self, _: usize) {}
    fn end_test(&mut self) {}
    fn end_global_progress(&mut self) {}
    fn log_event_evaluation(&mut self, _: String) {}
}

/// The seconds of each epoch's training part. Copies share one clock.
#[derive(Clone, Default)]
pub struct Clock {
    seconds: Arc<Mutex<Vec<f64>>>,
    began: Option<Instant>,
}

impl Clock {
    /// The seconds recorded so far.
    pub fn seconds(&self) -> Vec<f64> {
        let seconds = self.seconds.lock();
        seconds.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl TrainingProgressLogger for Clock {
    fn start_split(&mut self, split: &str, _: usize) {
        self.began = (split == "train").then(Instant::now);
    }

    fn end_split(&mut self) {
        if let Some(began) = self.began.take() {
            let mut seconds = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
            seconds.push(began.elapsed().as_secs_f64());
        }
    }

    fn start(&mut self, _: usize, _: usize, _: Option<usize>, _: Option<&str>) {}
    fn update_epoch(&mut self, _: usize) {}
    fn update_split(&mut self, _: usize) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _: String) {}
}
