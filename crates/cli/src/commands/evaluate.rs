//! `recburn evaluate`.

use crate::commands::opening::Opening;
use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::{Output, thousands};
use anyhow::{Context, Result};
use clap::Args;
use recburn::prelude::*;
use serde::Serialize;

const HELP: &str = "\
Examples:
  recburn evaluate out/biased_mf/model                      on its own validation part
  recburn evaluate out/biased_mf/model --data new.csv       on every rating of a file
  recburn evaluate out/biased_mf/model --data u.data --split by-user:0.8 --seed 7";

/// Score a saved model on ratings
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Evaluate {
    #[command(flatten)]
    saved: Saved,
    /// A data set's name or path [default: the data it was trained on]
    #[arg(long, value_name = "NAME|PATH")]
    data: Option<String>,
    /// Score the validation part of this split; without it all ratings of --data
    #[arg(long, value_name = "SPLIT")]
    split: Option<String>,
    /// Of that split
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    opening: Opening,
}

#[derive(Serialize)]
struct Answer {
    model: String,
    data: String,
    part: String,
    rows: usize,
    unknown_rows: usize,
    metrics: RatingMetrics,
}

impl Evaluate {
    /// Scores.
    pub fn run(&self, output: &Output) -> Result<()> {
        let recommender = self.saved.load_aloud(output)?;
        let (name, part, dataset, rows) = self.rows(&recommender)?;
        let predicted = recommender.predict_all(&dataset);
        let known: Vec<(f32, f32)> = rows
            .iter()
            .filter_map(|&row| {
                let row = row as usize;
                Some((predicted[row]?, dataset.ratings.ratings[row]))
            })
            .collect();
        let (stars, given): (Vec<f32>, Vec<f32>) = known.into_iter().unzip();
        let scale = recommender.scale();
        let metrics =
            rating_metrics(&stars, &given, (scale.min, scale.max)).with_context(|| {
                format!(
                    "the model knows the user and the item of none of the {} ratings",
                    rows.len()
                )
            })?;
        let unknown = rows.len() - stars.len();
        let mut text = format!(
            "{} ratings of {name} ({part})",
            thousands(rows.len() as u64)
        );
        if unknown > 0 {
            let unknown = thousands(unknown as u64);
            text += &format!(
                ", {unknown} of them left out: their user or item is unknown to the model"
            );
        }
        let answer = Answer {
            model: recommender.model().graph().name().to_string(),
            data: name,
            part,
            rows: rows.len(),
            unknown_rows: unknown,
            metrics,
        };
        output.answer(&answer, format!("{text}\n{metrics}"))
    }

    /// The data, and which rows of them are scored.
    fn rows(&self, recommender: &Recommender) -> Result<(String, String, Dataset, Vec<u32>)> {
        let Some(data) = &self.data else {
            if self.split.is_some() {
                return Err(wrong("--split goes with --data"));
            }
            let experiment: Experiment = serde_json::from_value(recommender.training().clone())
                .map_err(|error| {
                    wrong(format!(
                        "the model does not say what it was trained on ({error}): name --data"
                    ))
                })?;
            let prepared = experiment.prepare(self.opening.data_dir.as_deref())?;
            let part = format!(
                "validation part of {}, seed {}",
                experiment.split()?,
                experiment.seed
            );
            let rows = prepared.split.valid_rows;
            return Ok((prepared.dataset.name.clone(), part, prepared.dataset, rows));
        };
        let how = self.opening.how("first_sight")?;
        let dataset = open(data, &how)?;
        let (part, rows) = match &self.split {
            None => (
                "all of them".to_string(),
                (0..dataset.ratings.len() as u32).collect(),
            ),
            Some(split) => {
                let kind: SplitKind = split.parse()?;
                let rows = dataset.split(&kind, self.seed)?.valid_rows;
                (
                    format!("validation part of {kind}, seed {}", self.seed),
                    rows,
                )
            }
        };
        Ok((dataset.name.clone(), part, dataset, rows))
    }
}
