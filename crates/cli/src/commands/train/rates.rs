//! `recburn train --find-rate`.

use crate::output::Output;
use anyhow::Result;
use recburn::Experiment;
use recburn::prelude::*;
use recburn::rate_picture;
use recburn::train::RateRange;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Answer {
    suggestion: Option<f64>,
    tenth_of_lowest: Option<f64>,
    diverged_at: Option<f64>,
    rates: Vec<f64>,
    losses: Vec<f64>,
}

/// Runs the learning rate range test, and writes its picture.
pub fn find(
    experiment: &Experiment,
    model: &Network,
    prepared: &Prepared,
    out: &Path,
    output: &Output,
) -> Result<()> {
    let test = experiment.find_rate(model, prepared, RateRange::default())?;
    let [picture, _] = rate_picture(&test)?.save(out, "rates")?;
    let rate = |rate: Option<f64>| rate.map_or("none".to_string(), |rate| format!("{rate:.2e}"));
    let text = format!(
        "the loss falls most steeply at {}; a tenth of the rate with the lowest loss is {}\n\
         {}\npicture: {}\n",
        rate(test.suggestion),
        rate(test.tenth_of_lowest),
        match test.diverged_at {
            Some(at) => format!("training diverges at {at:.2e}"),
            None => "training does not diverge up to the highest rate".to_string(),
        },
        picture.display()
    );
    let answer = Answer {
        suggestion: test.suggestion,
        tenth_of_lowest: test.tenth_of_lowest,
        diverged_at: test.diverged_at,
        rates: test.rates,
        losses: test.losses,
    };
    output.answer(&answer, text)
}
