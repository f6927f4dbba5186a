//! Simple models on the same rows.

use crate::card::BaselineEntry;
use crate::classical::Classical;
use crate::contestant::Contestant;
use crate::error::ProtocolError;
use crate::summary::{Summary, means};
use crate::task::{Task, smaller_is_better};
use recburn_metrics::Measures;
use serde_json::json;

/// A simple model, and its measures by fold so far.
pub(crate) struct Baseline {
    pub(crate) model: Classical,
    pub(crate) folds: Vec<Measures>,
}

impl Baseline {
    /// Those of a task: the mean of all training ratings and biases, or popularity.
    pub(crate) fn of(task: &Task) -> Result<Vec<Self>, ProtocolError> {
        let mean = json!({ "user_damping": null, "item_damping": null });
        let all = match task {
            Task::Ratings { .. } => vec![("mean", mean), ("bias", json!({}))],
            Task::Ranking { .. } => vec![("popularity", json!({}))],
        };
        let baseline = |(name, options)| match Classical::new(name, options) {
            Ok(model) => Ok(Self {
                model,
                folds: Vec::new(),
            }),
            Err(error) => Err(ProtocolError::Model {
                model: name.to_string(),
                fold: "all folds".to_string(),
                seed: 0,
                source: error.into(),
            }),
        };
        all.into_iter().map(baseline).collect()
    }

    pub(crate) fn entry(self) -> BaselineEntry {
        BaselineEntry {
            name: self.model.name(),
            options: self.model.describe(),
            mean: means(&self.folds),
            folds: self.folds,
        }
    }
}

/// A sentence that the model is no better than a baseline, by the first main measure.
pub(crate) fn verdict(
    model: &str,
    task: &Task,
    summary: &[Summary],
    baselines: &[BaselineEntry],
) -> Option<String> {
    let measure = task.main_measures().into_iter().next()?;
    let own = summary
        .iter()
        .find(|summary| summary.measure == measure)?
        .mean;
    let is_better = |than: f64| match smaller_is_better(&measure) {
        true => own < than,
        false => own > than,
    };
    let not_beaten: Vec<String> = baselines
        .iter()
        .filter_map(|baseline| Some((&baseline.name, baseline.mean.get(&measure)?)))
        .filter(|(_, value)| !is_better(*value))
        .map(|(name, value)| format!("{name} ({value:.4})"))
        .collect();
    match not_beaten.is_empty() {
        true => None,
        false => Some(format!(
            "{model} is no better than {} by {measure} ({own:.4}).",
            not_beaten.join(" and ")
        )),
    }
}
