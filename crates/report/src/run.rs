//! The record of a run.

use crate::error::ReportError;
use recburn_metrics::{Baselines, Measures, RatingMetrics};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// `report.json`: one run, from data to metrics. Every key is always present; unknown values are `null`.
///
/// The keys are the field names and are stable, so that scripts can compare runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunReport {
    /// The architecture's name.
    pub model: String,
    /// The data set's name, or the file it came from.
    pub data: String,
    /// The split into training and validation rows.
    pub split: String,
    /// The seed of every random choice in the run.
    pub seed: u64,
    /// Parameters of the model, trainable and fixed; 0 for a model that is fitted as a whole.
    pub parameters: usize,
    /// Ratings in the training part.
    pub train_rows: usize,
    /// Ratings in the validation part; 0 without one.
    pub valid_rows: usize,
    /// The smallest achievable RMSE, in stars, if the noise of the data is known, as for synthetic data.
    pub noise_floor: Option<f64>,
    /// Seconds to fit a model that is fitted as a whole; `null` for one that is trained by steps, which has epochs.
    #[serde(default)]
    pub fit_seconds: Option<f64>,
    /// All epochs, in order.
    pub epochs: Vec<EpochReport>,
    /// Errors on the held-out rows, in stars; `null` without validation.
    pub metrics: Option<RatingMetrics>,
    /// Errors of the means of the training ratings on the same rows; `null` without validation, and in reports of
    /// versions that did not compute them.
    #[serde(default)]
    pub baselines: Option<Baselines>,
    /// Measures of the ranks of held-out items in each user's list, for a model that is evaluated by lists: `ndcg@10`,
    /// `recall@10`, `hit@10` and `mrr@10`, each averaged over users. `null` for others.
    #[serde(default)]
    pub ranking: Option<Measures>,
    /// The same measures of the most popular items as everybody's list; `null` where `ranking` is.
    #[serde(default)]
    pub popularity: Option<Measures>,
    /// Users, items and rows of the validation part without training ratings.
    pub cold: ColdReport,
    /// Ratings in the test part; 0 without one.
    pub test_rows: usize,
    /// Errors on the test rows, which influenced no choice, in stars; `null` without a test part.
    pub test: Option<RatingMetrics>,
    /// As `ranking`, for the test rows; items of the validation rows are also excluded from the lists.
    #[serde(default)]
    pub test_ranking: Option<Measures>,
    /// Users, items and rows of the test part without training ratings.
    pub test_cold: ColdReport,
    /// The device that the run was computed on.
    pub device: String,
    /// The versions of the software.
    pub versions: VersionsReport,
    /// Why training ended before its last epoch; `null` if it did not.
    pub stopped: Option<String>,
}

/// One epoch. Losses are means over ratings, without the l2 penalty; the loss that Keras prints is the sum of a loss
/// and the penalty next to it. A penalty on whole tables is `l2 * sum(w^2)`; a penalty on the rows of each batch is the
/// mean over the training ratings of `l2 * sum(w^2)` of the rows that each looks up. Both use the weights at the end of
/// the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochReport {
    /// Its number, counted from 1 over all fits.
    pub epoch: usize,
    /// The training loss, averaged over the ratings of the epoch while the weights change: squared stars for the
    /// squared error, stars for the absolute error.
    pub train_loss: f64,
    /// The l2 penalty to add to `train_loss` for what Keras prints as `loss`; 0 for a model without penalty.
    pub train_penalty: f64,
    /// The same loss on the held-out rows after the epoch; `null` without validation.
    pub valid_loss: Option<f64>,
    /// The l2 penalty to add to `valid_loss` for what Keras prints as `val_loss`; `null` without validation.
    pub valid_penalty: Option<f64>,
    /// All validation measures after the epoch, by name; `null` without validation.
    #[serde(default)]
    pub valid: Option<Measures>,
    /// Seconds of training, excluding validation.
    pub seconds: f64,
    /// Ratings trained on per second.
    pub ratings_per_second: f64,
}

impl EpochReport {
    /// The validation loss as Keras prints it, penalty included.
    pub fn valid_total(&self) -> Option<f64> {
        Some(self.valid_loss? + self.valid_penalty?)
    }
}

/// Users, items and rows of the validation part without training ratings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColdReport {
    /// Users in the held-out rows without a training row.
    pub users: usize,
    /// Items in the held-out rows without a training row.
    pub items: usize,
    /// Held-out rows of such a user or item.
    pub rows: usize,
}

/// Versions of the software that computed a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionsReport {
    /// The version of this library.
    pub recburn: String,
    /// The version of the tensor framework.
    pub burn: String,
}

impl RunReport {
    /// Writes the report as indented JSON, completely or not at all; a missing folder is created.
    ///
    /// # Errors
    ///
    /// If a number is not finite (JSON would use `null`, which means unknown here), or the system refuses an operation.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ReportError> {
        self.check_finite()?;
        let path = path.as_ref();
        let mut text = serde_json::to_string_pretty(self).map_err(|source| ReportError::Json {
            path: path.to_path_buf(),
            source,
        })?;
        text.push('\n');
        Ok(recburn_files::write_whole(path, text.as_bytes())?)
    }

    /// Reads a report that [`RunReport::save`] wrote.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has other keys.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ReportError> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(|source| ReportError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        serde_json::from_slice(&text).map_err(|source| ReportError::Json {
            path: path.to_path_buf(),
            source,
        })
    }

    /// A sentence that the model does not beat a baseline on the same rows: a mean or the biases of the training ratings, or
    /// the most popular items as everybody's list. `None` if it does, or if there is nothing to compare with.
    pub fn verdict(&self) -> Option<String> {
        let of_ratings = self.baselines.zip(self.metrics);
        if let Some((baselines, metrics)) = of_ratings {
            return baselines.verdict(metrics.rmse);
        }
        let (own, popularity) = (self.ranking.as_ref()?, self.popularity.as_ref()?);
        let no_better = own.iter().filter_map(|(name, value)| {
            let of_all = popularity.get(name)?;
            let compared = name.starts_with("ndcg") || name.starts_with("recall");
            (compared && value <= of_all)
                .then(|| format!("{name} {value:.4} is no better than {of_all:.4}"))
        });
        let no_better: Vec<String> = no_better.collect();
        (!no_better.is_empty()).then(|| {
            format!(
                "{} of the most popular items as everybody's list",
                no_better.join(", ")
            )
        })
    }

    fn check_finite(&self) -> Result<(), ReportError> {
        let check = |key: String, value: Option<f64>| match value {
            Some(value) if !value.is_finite() => Err(ReportError::NotFinite { key, value }),
            _ => Ok(()),
        };
        check("noise_floor".to_string(), self.noise_floor)?;
        check("fit_seconds".to_string(), self.fit_seconds)?;
        for (at, epoch) in self.epochs.iter().enumerate() {
            for (key, value) in [
                ("train_loss", Some(epoch.train_loss)),
                ("train_penalty", Some(epoch.train_penalty)),
                ("valid_loss", epoch.valid_loss),
                ("valid_penalty", epoch.valid_penalty),
                ("seconds", Some(epoch.seconds)),
                ("ratings_per_second", Some(epoch.ratings_per_second)),
            ] {
                check(format!("epochs[{at}].{key}"), value)?;
            }
        }
        let lists = [
            ("ranking".to_string(), self.ranking.as_ref()),
            ("popularity".to_string(), self.popularity.as_ref()),
            ("test_ranking".to_string(), self.test_ranking.as_ref()),
        ];
        let epochs = self.epochs.iter().enumerate();
        let of_epochs =
            epochs.map(|(at, epoch)| (format!("epochs[{at}].valid"), epoch.valid.as_ref()));
        for (part, measures) in lists.into_iter().chain(of_epochs) {
            for (name, value) in measures.into_iter().flat_map(Measures::iter) {
                check(format!("{part}.{name}"), Some(value))?;
            }
        }
        for (part, metrics) in [("metrics", &self.metrics), ("test", &self.test)] {
            let Some(metrics) = metrics else {
                continue;
            };
            for (key, value) in [
                ("mse", metrics.mse),
                ("rmse", metrics.rmse),
                ("mae", metrics.mae),
                ("mae_rounded", metrics.mae_rounded),
                ("rmse_clipped", metrics.rmse_clipped),
                ("mae_clipped", metrics.mae_clipped),
            ] {
                check(format!("{part}.{key}"), Some(value))?;
            }
        }
        for (key, baseline) in self.baselines.iter().flat_map(|baselines| {
            let bias = baselines.bias.map(|bias| ("bias", bias));
            let means = [
                ("mean", baselines.mean),
                ("user_mean", baselines.user_mean),
                ("item_mean", baselines.item_mean),
            ];
            means.into_iter().chain(bias)
        }) {
            check(format!("baselines.{key}.rmse"), Some(baseline.rmse))?;
            check(format!("baselines.{key}.mae"), Some(baseline.mae))?;
        }
        Ok(())
    }
}

/// Errors on the held-out rows, the baselines, and a warning if the model does not beat one of them.
impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(metrics) = &self.metrics {
            write!(f, "{metrics}")?;
        }
        if let Some(baselines) = &self.baselines {
            write!(f, "{baselines}")?;
        }
        if let Some(ranking) = &self.ranking {
            write!(f, "{ranking}")?;
        }
        if let Some(popularity) = &self.popularity {
            write!(f, "the most popular items on the same rows:")?;
            let shown = popularity.iter().filter(|(name, _)| {
                let mut names = ["ndcg@", "recall@", "hit@"].iter();
                names.any(|start| name.starts_with(start))
            });
            for (name, value) in shown {
                write!(f, "  {name} {value:.4}")?;
            }
            writeln!(f)?;
        }
        if let Some(verdict) = self.verdict() {
            writeln!(f, "warning: {verdict}")?;
        }
        if self.test.is_some() || self.test_ranking.is_some() {
            writeln!(f, "on the test part:")?;
        }
        if let Some(test) = &self.test {
            write!(f, "{test}")?;
        }
        match &self.test_ranking {
            Some(ranking) => write!(f, "{ranking}"),
            None => Ok(()),
        }
    }
}
