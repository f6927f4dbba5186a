//! Pictures of what training did.

use crate::report::{Chart, Picture, ReportError, Series};
use crate::train::{EpochRecord, History};

/// The curves of a training, loss (penalty included) beside root mean squared error, each for training and validation.
pub fn curves(history: &History) -> Result<Picture, ReportError> {
    let chart =
        |title: &str, train: fn(&EpochRecord) -> f64, valid: fn(&EpochRecord) -> Option<f64>| {
            let line = |name: &str, value: &dyn Fn(&EpochRecord) -> Option<f64>| Series {
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
                series: vec![
                    line("train", &|epoch| Some(train(epoch))),
                    line("validation", &valid),
                ],
            }
        };
    Chart::row(&[
        chart("loss", EpochRecord::train_total, EpochRecord::valid_total),
        chart(
            "rmse",
            |epoch| epoch.train.rmse,
            |epoch| Some(epoch.valid?.rmse),
        ),
    ])
}
