//! `recburn evaluate`.

use crate::commands::opening::Opening;
use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::{Context, Result};
use clap::Args;
use recburn::data::thousands;
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
        let Scored {
            dataset,
            ratings,
            part,
        } = self.scored(&recommender)?;
        output.warn(&dataset.warnings)?;
        let predicted = recommender.predict_all(&dataset, &ratings);
        let known = predicted.iter().zip(&ratings.ratings);
        let known = known.filter_map(|(predicted, given)| Some(((*predicted)?, *given)));
        let (stars, given): (Vec<f32>, Vec<f32>) = known.unzip();
        let scale = recommender.scale();
        let metrics =
            rating_metrics(&stars, &given, (scale.min, scale.max)).with_context(|| {
                format!(
                    "the model knows the user and the item of none of the {} ratings",
                    ratings.len()
                )
            })?;
        let unknown = ratings.len() - stars.len();
        let mut text = format!(
            "{} ratings of {} ({part})",
            thousands(ratings.len()),
            dataset.name
        );
        if unknown > 0 {
            let unknown = thousands(unknown);
            text += &format!(
                ", {unknown} of them left out: their user or item is unknown to the model"
            );
        }
        let answer = Answer {
            model: recommender.model().graph().name().to_string(),
            data: dataset.name,
            part,
            rows: ratings.len(),
            unknown_rows: unknown,
            metrics,
        };
        output.answer(&answer, format!("{text}\n{metrics}"))
    }

    fn scored(&self, recommender: &Recommender) -> Result<Scored> {
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
            return Ok(Scored {
                dataset: prepared.dataset,
                ratings: prepared.split.valid,
                part: part(&experiment.split()?, experiment.seed),
            });
        };
        let mut dataset = open(data, &self.opening.how("first_sight")?)?;
        Ok(match &self.split {
            None => Scored {
                ratings: std::mem::take(&mut dataset.ratings),
                dataset,
                part: "all of them".to_string(),
            },
            Some(split) => {
                let kind: SplitKind = split.parse()?;
                Scored {
                    ratings: dataset.split(&kind, self.seed)?.valid,
                    dataset,
                    part: part(&kind, self.seed),
                }
            }
        })
    }
}

/// What is scored: these ratings of the data set, and what part of it they are.
struct Scored {
    dataset: Dataset,
    ratings: Ratings,
    part: String,
}

fn part(kind: &SplitKind, seed: u64) -> String {
    format!("validation part of {kind}, seed {seed}")
}
