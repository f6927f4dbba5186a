//! Cards: what a model achieves under a protocol, and everything that this depends on.

use crate::figures::Figures;
use crate::machine::{Machine, Taken};
use crate::protocol::{Protocol, Tied};
use crate::summary::Summary;
use recburn_data::Fingerprint;
use recburn_metrics::Measures;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The result of a model under a protocol. It holds what another person needs to obtain the same figures, and to test
/// whether another model differs by more than chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// [`Card::VERSION`] of the program that wrote it.
    pub version: u32,
    /// The protocol.
    pub protocol: Protocol,
    /// The data at hand.
    pub data: DataAtHand,
    /// The name of the model.
    pub model: String,
    /// Its options and hyper-parameters.
    pub options: Value,
    /// The seeds of the model.
    pub seeds: Vec<u64>,
    /// One entry for each fold and seed, folds first.
    pub runs: Vec<RunEntry>,
    /// Means over the runs, and their deviations.
    pub summary: Vec<Summary>,
    /// Simple models on the same rows.
    pub baselines: Vec<BaselineEntry>,
    /// A sentence that the model is no better than one of the baselines; `None` if it is better than all of them by the
    /// first of the [main measures](crate::Task::main_measures).
    pub verdict: Option<String>,
    /// The machine.
    pub machine: Machine,
    /// Versions of programs and libraries, by name.
    pub versions: BTreeMap<String, String>,
}

/// The data that a card is computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataAtHand {
    /// The [`checksum`](crate::checksum) of the ratings before the filter.
    pub checksum: Fingerprint,
    /// Ratings after the filter.
    pub ratings: usize,
    /// Users after the filter.
    pub users: usize,
    /// Items after the filter.
    pub items: usize,
    /// The users with several ratings at their last time; `None` for splits that this does not concern.
    pub tied_last: Option<Tied>,
    /// The names of the features of users and items at hand. A model may read fewer; its options say so.
    pub features: Vec<String>,
}

/// One run: a fold and a seed of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunEntry {
    /// The split.
    pub fold: String,
    /// The seed of the model.
    pub seed: u64,
    /// The fingerprint of the split.
    pub fingerprint: Fingerprint,
    /// The numbers of rows.
    pub rows: Rows,
    /// What of the test part does not occur in the training and validation parts.
    pub cold: ColdCounts,
    /// The measures.
    pub figures: Figures,
    /// The time of fitting, including the choice of epochs if the model makes one.
    pub fit: Taken,
    /// The time of the choice of epochs, for a model that is fitted again after it.
    pub selection: Option<Taken>,
    /// The time of scoring and measuring the test part.
    pub score: Taken,
    /// The largest memory of the process up to the end of the run, in bytes, where the system tells it.
    pub peak_memory: Option<u64>,
    /// The number of epochs, for models that have them.
    pub epochs: Option<usize>,
}

/// Rows of the parts of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Training rows.
    pub train: usize,
    /// Validation rows. Models that need none are fitted to these as well.
    pub valid: usize,
    /// Test rows that count.
    pub test: usize,
}

/// What of the test part does not occur in the training and validation parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColdCounts {
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Rows of such users or items.
    pub rows: usize,
}

/// A simple model on the same rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// Its name.
    pub name: String,
    /// Its options.
    pub options: Value,
    /// The measures, by fold.
    pub folds: Vec<Measures>,
    /// Means over the folds.
    pub mean: Measures,
}

impl Card {
    /// The version of cards and protocols. Figures of different versions are not compared.
    pub const VERSION: u32 = 1;

    /// The mean of a measure over all runs; `None` for an unknown name.
    pub fn mean(&self, measure: &str) -> Option<f64> {
        self.summary(measure).map(|summary| summary.mean)
    }

    /// Mean and deviations of a measure; `None` for an unknown name.
    pub fn summary(&self, measure: &str) -> Option<&Summary> {
        self.summary
            .iter()
            .find(|summary| summary.measure == measure)
    }

    /// The names of the folds, in order.
    pub fn folds(&self) -> Vec<&str> {
        let mut folds: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !folds.contains(&run.fold.as_str()) {
                folds.push(&run.fold);
            }
        }
        folds
    }

    /// A measure by fold: means over the seeds. `None` if a run has no such measure.
    pub fn by_fold(&self, measure: &str) -> Option<Vec<f64>> {
        let of_fold = |fold: &str| {
            let runs = self.runs.iter().filter(|run| run.fold == fold);
            let values: Option<Vec<f64>> = runs
                .map(|run| run.figures.all.measures.get(measure))
                .collect();
            values.map(|values| crate::summary::mean(&values))
        };
        self.folds().into_iter().map(of_fold).collect()
    }

    /// A measure of each user by id: means over the runs in which the user is tested. Empty for a measure of which users'
    /// values are not kept.
    pub fn by_user(&self, measure: &str) -> BTreeMap<&str, f64> {
        let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for run in &self.runs {
            let per_user = &run.figures.per_user;
            let values = per_user.columns.get(measure).into_iter().flatten();
            for (user, value) in per_user.users.iter().zip(values) {
                let (sum, count) = sums.entry(user).or_default();
                *sum += value;
                *count += 1.0;
            }
        }
        sums.into_iter()
            .map(|(user, (sum, count))| (user, sum / count))
            .collect()
    }

    /// The mean seconds of fitting.
    pub fn fit_seconds(&self) -> f64 {
        let seconds: Vec<f64> = self.runs.iter().map(|run| run.fit.seconds).collect();
        crate::summary::mean(&seconds)
    }
}
