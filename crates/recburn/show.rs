//! Pictures of training.

use crate::protocol::Comparison;
use crate::report::{Chart, Picture, ReportError, Series};
use crate::train::{EpochRecord, History, Measures, RateTest};
use crate::tune::{Effect, Shape};

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
            ..Chart::default()
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

/// The objective of all trials of a search by each parameter: numbers as points, on a logarithmic axis where they were searched on
/// one, and choices by their number.
///
/// # Errors
///
/// If there is no effect, or the picture cannot be drawn.
pub fn effects_picture(effects: &[Effect], measure: &str) -> Result<Picture, ReportError> {
    let chart = |effect: &Effect| {
        let (points, x_label) = match &effect.shape {
            Shape::Numbers {
                points, log: true, ..
            } => (
                points.iter().map(|(x, y)| (x.log10(), *y)).collect(),
                format!("log10 of {}", effect.parameter),
            ),
            Shape::Numbers { points, .. } => (points.clone(), effect.parameter.clone()),
            Shape::Choices(choices) => {
                let names = choices.iter().enumerate();
                let names = names.map(|(at, choice)| format!("{}: {}", at + 1, choice.value));
                let best = choices.iter().enumerate();
                let best = best.filter_map(|(at, choice)| Some(((at + 1) as f64, choice.best?)));
                let names: Vec<String> = names.collect();
                (
                    best.collect(),
                    format!("{} ({})", effect.parameter, names.join(", ")),
                )
            }
            _ => (Vec::new(), effect.parameter.clone()),
        };
        Chart {
            title: effect.parameter.clone(),
            x_label,
            y_label: measure.to_string(),
            series: vec![Series {
                name: "trials".to_string(),
                points,
            }],
            scattered: true,
        }
    };
    Chart::row(&effects.iter().map(chart).collect::<Vec<_>>())
}

/// The models of a comparison by each main measure, the best first, with the deviations of folds or seeds as a range.
///
/// # Errors
///
/// If the picture cannot be drawn.
pub fn comparison_picture(comparison: &Comparison) -> Result<Picture, ReportError> {
    let chart = |table: &crate::protocol::Table| {
        let entries = table.entries.iter().enumerate();
        let series = entries.map(|(at, entry)| {
            let deviation = entry.fold_deviation.or(entry.seed_deviation).unwrap_or(0.0);
            let x = (at + 1) as f64;
            let range = [entry.mean - deviation, entry.mean, entry.mean + deviation];
            Series {
                name: entry.model.clone(),
                points: range.map(|value| (x, value)).to_vec(),
            }
        });
        Chart {
            title: table.measure.clone(),
            x_label: "rank".to_string(),
            y_label: table.measure.clone(),
            series: series.collect(),
            ..Chart::default()
        }
    };
    Chart::row(&comparison.tables.iter().map(chart).collect::<Vec<_>>())
}

/// The smoothed loss of a learning rate range test by the logarithm of the rate, with the suggestion. Where the loss rises by
/// more than it has fallen before, it is not drawn, since it would flatten the rest.
///
/// # Errors
///
/// If the picture cannot be drawn.
pub fn rate_picture(test: &RateTest) -> Result<Picture, ReportError> {
    let points = test.rates.iter().zip(&test.losses);
    let points: Vec<(f64, f64)> = points.map(|(rate, loss)| (rate.log10(), *loss)).collect();
    let first = test.losses.first().copied().unwrap_or_default();
    let lowest = test.losses.iter().copied().fold(first, f64::min);
    let is_drawn = |(_, loss): &&(f64, f64)| lowest == first || *loss <= first + (first - lowest);
    let line = |name: &str, rate: Option<f64>| {
        let at = rate.and_then(|rate| test.rates.iter().position(|known| *known >= rate));
        let name = match rate {
            Some(rate) => format!("{name}: {rate:.1e}"),
            None => format!("{name}: none"),
        };
        let points = at
            .and_then(|at| points.get(at).copied())
            .into_iter()
            .collect();
        Series { name, points }
    };
    let marks = [
        line("suggestion", test.suggestion),
        line("a tenth of the lowest", test.tenth_of_lowest),
    ];
    Chart {
        title: "learning rate range test".to_string(),
        x_label: "log10 of the learning rate".to_string(),
        y_label: "smoothed loss".to_string(),
        series: std::iter::once(Series {
            name: "loss".to_string(),
            points: points.iter().filter(is_drawn).copied().collect(),
        })
        .chain(marks)
        .collect(),
        ..Chart::default()
    }
    .draw()
}
