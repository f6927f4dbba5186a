//! Pictures of training.

use crate::report::{Chart, Picture, ReportError, Series};
use crate::train::{EpochRecord, History, Measures};

/// The training curves: the loss (penalty included) and the first other measure, such as the root mean squared error;
/// each for training and validation.
pub fn curves(history: &History) -> Result<Picture, ReportError> {
    type Value<'a> = &'a dyn Fn(&EpochRecord) -> Option<f64>;
    let chart = |title: &str, train: Value<'_>, valid: Value<'_>| {
        let line = |name: &str, value: Value<'_>| Series {
            name: name.to_string(),
            points: history
                .epochs
                .iter()
                .filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?)))
                .collect(),
        };
        Chart {
            title: title.to_string(),
            x_label: "epoch".to_string(),
            y_label: title.to_string(),
            series: vec![line("train", train), line("validation", valid)],
        }
    };
    let mut charts = vec![chart(
        "loss",
        &|epoch| Some(epoch.train_total()),
        &EpochRecord::valid_total,
    )];
    let judged = history
        .last()
        .map(|epoch| epoch.valid.as_ref().unwrap_or(&epoch.train));
    let mut names = judged.into_iter().flat_map(Measures::names);
    if let Some(name) = names.find(|name| *name != Measures::LOSS) {
        let valid = |epoch: &EpochRecord| epoch.valid.as_ref()?.get(name);
        charts.push(chart(name, &|epoch| epoch.train.get(name), &valid));
    }
    Chart::row(&charts)
}
