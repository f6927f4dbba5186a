//! Published figures, and how runs compare with them.

use crate::report::RunReport;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure that runs are compared with: exactly one of `value`, `values`, `at_most`, `at_least` and `tables`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The quantity.
    pub measure: Measure,
    /// Who measured it: `notebook`, `Keras 3`.
    pub by: String,
    /// Its value after `epoch`, or at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Its values after the epochs 1, 2 and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<f64>,
    /// The upper bound of the final value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// The lower bound of the final value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Rows and width of tables by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, [usize; 2]>,
    /// The epoch of `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// The relative difference that is tolerated.
    #[serde(default = "three_percent")]
    pub tolerance: f64,
    /// The reason why the figure is only shown and not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
}

fn three_percent() -> f64 {
    0.03
}

/// The quantity that a figure measures on the validation part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The loss with the penalty, as Keras prints `val_loss`.
    ValidLoss,
    /// Root mean squared error in stars.
    Rmse,
    /// Mean absolute error in stars.
    Mae,
    /// The same, with predictions rounded to whole stars.
    MaeRounded,
    /// The smallest weight of all tables.
    LeastWeight,
    /// Rows and widths of the tables.
    TableSizes,
}

/// One run, with values that are not in its report.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The contents of `report.json`.
    pub report: RunReport,
    /// Whether synthetic data took the place of the recipe's.
    pub stand_in: bool,
    /// The smallest weight of all tables.
    pub least_weight: f64,
    /// Rows and width of every table.
    pub table_sizes: BTreeMap<String, [usize; 2]>,
}

/// A figure compared with the runs.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The quantity, in words.
    pub what: String,
    /// Mean over the runs; `null` for table sizes, and where the runs are too short.
    pub mean: Option<f64>,
    /// Standard deviation over the runs (of the sample: n - 1).
    pub deviation: Option<f64>,
    /// The published value, in words.
    pub published: String,
    /// The source of the published value.
    pub by: String,
    /// The relative difference of the mean; the largest one if there are several epochs.
    pub difference: Option<f64>,
    /// Whether the difference is within the tolerance; `null` if the figure is not compared.
    pub holds: Option<bool>,
    /// Why it is not compared.
    pub aside: Option<String>,
}

impl Measure {
    fn words(self) -> &'static str {
        match self {
            Self::ValidLoss => "validation loss with penalty",
            Self::Rmse => "RMSE",
            Self::Mae => "MAE",
            Self::MaeRounded => "MAE, rounded to whole stars",
            Self::LeastWeight => "smallest weight",
            Self::TableSizes => "table sizes",
        }
    }

    /// The value in a run, after an epoch or at the end.
    fn of(self, run: &Run, epoch: Option<usize>) -> Option<f64> {
        let epochs = &run.report.epochs;
        match self {
            Self::ValidLoss => {
                let at = match epoch {
                    Some(epoch) => epochs.get(epoch.checked_sub(1)?)?,
                    None => epochs.last()?,
                };
                at.valid_total()
            }
            Self::Rmse => Some(run.report.metrics?.rmse),
            Self::Mae => Some(run.report.metrics?.mae),
            Self::MaeRounded => Some(run.report.metrics?.mae_rounded),
            Self::LeastWeight => Some(run.least_weight),
            Self::TableSizes => None,
        }
    }
}

impl Figure {
    /// Refuses a figure without a value, or with more than one.
    pub fn check(&self) -> Result<(), String> {
        let told = [
            self.value.is_some(),
            !self.values.is_empty(),
            self.at_most.is_some() || self.at_least.is_some(),
            !self.tables.is_empty(),
        ];
        if told.into_iter().filter(|told| *told).count() != 1 {
            return Err(
                "a figure takes exactly one of value, values, at_most, at_least and tables".into(),
            );
        }
        if (self.measure == Measure::TableSizes) == self.tables.is_empty() {
            return Err("`tables` and measure = \"table_sizes\" require each other".into());
        }
        let by_epoch = self.epoch.is_some() || !self.values.is_empty();
        if by_epoch && self.measure != Measure::ValidLoss {
            return Err("only valid_loss is recorded per epoch".into());
        }
        Ok(())
    }

    /// Compares the figure with the runs; `whole` says whether they trained for the recipe's number of epochs.
    pub fn compare(&self, runs: &[Run], whole: bool) -> Compared {
        match self.values.is_empty() {
            true => self.compare_one(runs, whole),
            false => self.compare_epochs(runs),
        }
    }

    fn compared(&self, what: String, published: String) -> Compared {
        Compared {
            what,
            mean: None,
            deviation: None,
            published,
            by: self.by.clone(),
            difference: None,
            holds: None,
            aside: self.aside.clone(),
        }
    }

    fn compare_one(&self, runs: &[Run], whole: bool) -> Compared {
        let words = self.measure.words();
        if self.measure == Measure::TableSizes {
            let size = |sizes: &BTreeMap<String, [usize; 2]>| {
                let names = self.tables.keys();
                let size = |name: &String| {
                    let size = sizes.get(name);
                    size.map(|[rows, width]| format!("{name} {rows} x {width}"))
                };
                let sizes = names.map(|name| size(name).unwrap_or_else(|| "none".to_string()));
                sizes.collect::<Vec<_>>().join(", ")
            };
            let seen = runs.first().map(|run| size(&run.table_sizes));
            let published = size(&self.tables);
            return Compared {
                holds: self.held(seen.as_deref() == Some(&published)),
                ..self.compared(words.to_string(), published)
            };
        }
        let what = match self.epoch {
            Some(epoch) => format!("{words} after epoch {epoch}"),
            None => words.to_string(),
        };
        let published = match (self.value, self.at_most, self.at_least) {
            (Some(value), ..) => format!("{value:.4}"),
            (_, Some(most), None) => format!("at most {most}"),
            (_, None, Some(least)) => format!("at least {least}"),
            (_, Some(most), Some(least)) => format!("{least} to {most}"),
            (None, None, None) => String::new(),
        };
        let compared = self.compared(what, published);
        let measured = runs.iter().map(|run| self.measure.of(run, self.epoch));
        // A final figure does not apply to runs of a different length.
        let Some(measured) = measured
            .collect::<Option<Vec<f64>>>()
            .filter(|_| whole || self.epoch.is_some())
        else {
            return compared;
        };
        let (mean, deviation) = mean_and_deviation(&measured);
        let difference = self.value.map(|value| mean / value - 1.0);
        let fits = difference.is_none_or(|difference| difference.abs() <= self.tolerance)
            && self.at_most.is_none_or(|most| mean <= most)
            && self.at_least.is_none_or(|least| mean >= least);
        Compared {
            mean: Some(mean),
            deviation,
            difference,
            holds: self.held(fits),
            ..compared
        }
    }

    fn compare_epochs(&self, runs: &[Run]) -> Compared {
        let epochs = self.values.iter().enumerate().map(|(at, value)| {
            let of_runs = runs.iter().map(|run| self.measure.of(run, Some(at + 1)));
            let (mean, deviation) = mean_and_deviation(&of_runs.collect::<Option<Vec<f64>>>()?);
            Some((at + 1, *value, mean, deviation))
        });
        // Shorter runs are compared at the epochs that they have.
        let epochs: Vec<_> = epochs.map_while(|epoch| epoch).collect();
        let Some(&(last, value, mean, deviation)) = epochs.last() else {
            return self.compared(self.measure.words().to_string(), String::new());
        };
        let off = |value: f64, mean: f64| mean / value - 1.0;
        let worst = epochs.iter().map(|&(_, value, mean, _)| off(value, mean));
        let worst = worst.fold(
            0.0,
            |worst: f64, off| if off.abs() > worst.abs() { off } else { worst },
        );
        let words = self.measure.words();
        let what = format!("{words}, epochs 1 to {last}: the last, and the worst difference");
        Compared {
            mean: Some(mean),
            deviation,
            difference: Some(worst),
            holds: self.held(worst.abs() <= self.tolerance),
            ..self.compared(what, format!("{value:.4}"))
        }
    }

    fn held(&self, fits: bool) -> Option<bool> {
        self.aside.is_none().then_some(fits)
    }
}

/// Mean and sample standard deviation; a single run has no deviation.
pub fn mean_and_deviation(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    (mean, (values.len() > 1).then_some(deviation))
}
