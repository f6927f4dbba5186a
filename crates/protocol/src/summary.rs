//! Means and deviations over folds and seeds.

use crate::card::RunEntry;
use recburn_metrics::Measures;
use serde::{Deserialize, Serialize};

/// A measure over all runs of a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The measure.
    pub measure: String,
    /// The mean over all runs.
    pub mean: f64,
    /// The sample standard deviation, `sqrt(sum((x - mean)^2) / (n - 1))`, of the folds, each the mean over seeds; `None` for
    /// one fold.
    pub fold_deviation: Option<f64>,
    /// That of the seeds, each the mean over folds; `None` for one seed.
    pub seed_deviation: Option<f64>,
}

/// The measures that all runs have.
pub(crate) fn summaries(runs: &[RunEntry]) -> Vec<Summary> {
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let names = first.figures.all.measures.names();
    names.filter_map(|name| summary(runs, name)).collect()
}

fn summary(runs: &[RunEntry], name: &str) -> Option<Summary> {
    let values: Vec<f64> = runs
        .iter()
        .map(|run| run.figures.all.measures.get(name))
        .collect::<Option<_>>()?;
    let deviation = |keys: Vec<String>| {
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let of_key = |key: &String| {
            let own = keys.iter().zip(&values).filter(|(own, _)| *own == key);
            mean(&own.map(|(_, &value)| value).collect::<Vec<_>>())
        };
        deviation(&distinct.iter().map(of_key).collect::<Vec<_>>())
    };
    Some(Summary {
        measure: name.to_string(),
        mean: mean(&values),
        fold_deviation: deviation(runs.iter().map(|run| run.fold.clone()).collect()),
        seed_deviation: deviation(runs.iter().map(|run| run.seed.to_string()).collect()),
    })
}

/// The means of the measures that all of these have.
pub(crate) fn means(of: &[Measures]) -> Measures {
    let Some(first) = of.first() else {
        return Measures::default();
    };
    let means = first.names().filter_map(|name| {
        let values: Vec<f64> = of
            .iter()
            .map(|measures| measures.get(name))
            .collect::<Option<_>>()?;
        Some((name.to_string(), mean(&values)))
    });
    means.collect()
}

/// The mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sample standard deviation; `None` for fewer than two values.
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (square / (values.len() - 1) as f64).sqrt())
}
