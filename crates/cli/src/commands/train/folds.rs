//! `recburn train --folds`.

use super::Train;
use crate::exit::{End, wrong};
use crate::interrupt;
use crate::output::{Output, table};
use anyhow::Result;
use recburn::Experiment;
use recburn::prelude::*;
use recburn::recipe::mean_and_deviation;
use recburn::train::Interrupt;
use serde::Serialize;
use std::path::Path;
use std::str::FromStr;

/// A number of folds, and how often the whole is repeated with another seed.
#[derive(Clone, Copy, Debug)]
pub struct Folds {
    folds: usize,
    repeats: u64,
}

impl FromStr for Folds {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let wrong =
            || format!("expected a number of folds, or folds x repeats such as 5x3, not `{word}`");
        let (folds, repeats) = word.split_once('x').unwrap_or((word, "1"));
        let own = Self {
            folds: folds.parse().map_err(|_| wrong())?,
            repeats: repeats.parse().map_err(|_| wrong())?,
        };
        match own.folds >= 2 && own.repeats >= 1 {
            true => Ok(own),
            false => Err("at least 2 folds and 1 repetition are needed".to_string()),
        }
    }
}

#[derive(Serialize)]
struct Answer {
    folds: usize,
    repeats: u64,
    measures: Vec<Measured>,
    runs: Vec<RunReport>,
}

#[derive(Serialize)]
struct Measured {
    measure: String,
    mean: f64,
    /// `null` for a single run.
    deviation: Option<f64>,
}

/// Trains on each fold's rest, and prints the mean and the deviation of every measure.
pub fn train(
    flags: &Train,
    experiment: &Experiment,
    folds: Folds,
    out: &Path,
    output: &Output,
) -> Result<()> {
    if flags.experiment.split.is_some() || flags.resume || flags.from.is_some() {
        return Err(wrong(
            "--folds makes its own splits and starts afresh: omit --split, --resume and --from",
        ));
    }
    let mut runs = Vec::new();
    for repeat in 0..folds.repeats {
        for fold in 1..=folds.folds {
            let mut experiment = experiment.clone();
            experiment.seed += repeat;
            experiment.training.split = format!("fold:{fold}/{}", folds.folds);
            let report = one(flags, &experiment, runs.is_empty(), output)?;
            let short = measures(&report);
            let short = short
                .iter()
                .take(3)
                .map(|(name, value)| format!("{name} {value:.4}"));
            output.say(format_args!(
                "fold {fold}/{}, seed {}: {}",
                folds.folds,
                experiment.seed,
                short.collect::<Vec<_>>().join("  ")
            ))?;
            runs.push(report);
        }
    }
    let names: Vec<String> = measures(&runs[0])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let measured = names.into_iter().map(|name| {
        let values = runs.iter().filter_map(|run| {
            let mut all = measures(run).into_iter();
            all.find(|(own, _)| *own == name).map(|(_, value)| value)
        });
        let (mean, deviation) = mean_and_deviation(&values.collect::<Vec<_>>());
        Measured {
            measure: name,
            mean,
            deviation,
        }
    });
    let answer = Answer {
        folds: folds.folds,
        repeats: folds.repeats,
        measures: measured.collect(),
        runs,
    };
    let json = serde_json::to_vec_pretty(&answer)?;
    recburn::files::write_whole(out.join("folds.json"), &json)?;
    let mut rows = vec![
        ["measure", "mean", "deviation"]
            .map(str::to_string)
            .to_vec(),
    ];
    rows.extend(answer.measures.iter().map(|one| {
        vec![
            one.measure.clone(),
            format!("{:.4}", one.mean),
            one.deviation.map_or(String::new(), |it| format!("{it:.4}")),
        ]
    }));
    let text = format!("\n{}\n{}", table(&rows), out.join("folds.json").display());
    output.answer(&answer, text)
}

fn one(flags: &Train, experiment: &Experiment, first: bool, output: &Output) -> Result<RunReport> {
    let prepared = experiment.prepare(flags.opening.data_dir.as_deref())?;
    if first {
        output.warn(&prepared.dataset.warnings)?;
        output.say(&prepared)?;
    }
    if let Some(method) = experiment.method()? {
        let (fitted, seconds) = experiment.fit_whole(&*method, &prepared)?;
        return Ok(experiment.whole_report(&prepared, &fitted, seconds)?);
    }
    let device = pick_device(flags.device.as_deref())?;
    let mut model = experiment.network(&prepared, &device)?;
    let mut trainer = experiment
        .trainer()
        .with(Progress::bar_only())
        .with(Interrupt::new(interrupt::flag()));
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    if interrupt::asked() {
        return Err(End::Interrupted("no result was written".to_string()).into());
    }
    Ok(experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?)
}

/// The measures of a run on its validation part.
fn measures(report: &RunReport) -> Vec<(String, f64)> {
    let errors = report.metrics.iter().flat_map(|errors| {
        [("rmse", errors.rmse), ("mae", errors.mae)].map(|(name, value)| (name.to_string(), value))
    });
    let lists = report.ranking.iter().flat_map(|lists| {
        let lists: Vec<(String, f64)> = lists
            .iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect();
        lists
    });
    errors.chain(lists).collect()
}
