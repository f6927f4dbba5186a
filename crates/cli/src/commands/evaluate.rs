//! `recburn evaluate`.

use crate::commands::opening::Opening;
use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::{Context, Result};
use clap::Args;
use recburn::data::thousands;
use recburn::metrics::{Baselines, Measures};
use recburn::prelude::*;
use recburn::recommender::{AnyRecommender, Evaluation, Role, Scores};
use serde::Serialize;
use std::path::PathBuf;

mod protocol;

use protocol::ByProtocol;
pub use protocol::contestant;

const HELP: &str = "\
Examples:
  recburn evaluate out/biased_mf/model                      on the ratings held out in its training
  recburn evaluate out/biased_mf/model --data new.csv       on every rating of a file
  recburn evaluate out/biased_mf/model --data u.data --split by-user:0.8 --seed 7
  recburn evaluate --protocol p1 --model ease -o lambda=400 --out cards/ease
  recburn evaluate --protocol ml-100k-u --model svdpp --preset 100k --seeds 1,2,3

Without --data no file is read: the model keeps the ratings that were held out in its training,
even if the file is changed or deleted later. With --data, rows that the model was trained on are
counted, and the others are scored separately.

With --protocol a model is trained and scored by a named protocol (`recburn protocols` lists them):
its data, splits, candidates and rules, the test part once. Settings and epochs are chosen without
the test part. The result is a card, which `recburn compare` reads.";

/// Score a saved model on ratings, or train and score a model by a protocol
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Evaluate {
    /// The folder of a saved model, such as out/biased_mf/model, or the output folder of `train`
    #[arg(
        value_name = "MODEL",
        required_unless_present = "protocol",
        conflicts_with = "protocol"
    )]
    folder: Option<PathBuf>,
    #[command(flatten)]
    by: ByProtocol,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// A data set's name or path [default: the ratings that were held out in training]
    #[arg(long, value_name = "NAME|PATH")]
    data: Option<String>,
    /// Score the validation part of this split; without it all ratings of --data
    #[arg(long, value_name = "SPLIT")]
    split: Option<String>,
    /// Seed of that split [default: 42]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    opening: Opening,
}

#[derive(Serialize)]
struct Answer {
    model: String,
    data: String,
    part: String,
    #[serde(flatten)]
    scored: Scored,
    /// The scores on rows that the model was not trained on, if it was trained on some.
    new: Option<Part>,
    /// The scores on the test part, if there is one.
    test: Option<Scored>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Scored {
    rows: usize,
    unknown_rows: usize,
    cold_rows: usize,
    trained_rows: usize,
    /// `null` for a model whose scores are not ratings.
    metrics: Option<RatingMetrics>,
    baselines: Option<Baselines>,
    /// `null` for a model that is not evaluated by lists.
    ranking: Option<Measures>,
}

#[derive(Serialize)]
struct Part {
    rows: usize,
    metrics: RatingMetrics,
}

impl Evaluate {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let saved = match &self.folder {
            None => {
                let folder = self.opening.data_dir.as_deref();
                return self.by.run(folder, self.device.as_deref(), output);
            }
            Some(folder) => Saved {
                folder: folder.clone(),
                device: self.device.clone(),
            },
        };
        if self.seed.is_some() && self.split.is_none() {
            return Err(wrong("--seed requires --split"));
        }
        if self.split.is_some() && self.data.is_none() {
            return Err(wrong("--split requires --data"));
        }
        let recommender = saved.load_aloud(output)?;
        let training = recommender.training().clone();
        let experiment: Option<Experiment> = serde_json::from_value(training).ok();
        let mut answer = match &self.data {
            Some(data) => self.on_data(data, &recommender, experiment.as_ref(), output)?,
            None => self.on_held_out(&recommender, experiment.as_ref())?,
        };
        let (baselines, metrics) = (answer.scored.baselines, answer.scored.metrics);
        let verdict = baselines.zip(metrics);
        let verdict = verdict.and_then(|(baselines, metrics)| baselines.verdict(metrics.rmse));
        answer.warnings.extend(verdict);
        output.warn(&answer.warnings)?;
        let text = text(&answer);
        output.answer(&answer, text)
    }

    /// Scores the rows that were held out in training.
    fn on_held_out(
        &self,
        recommender: &AnyRecommender,
        experiment: Option<&Experiment>,
    ) -> Result<Answer> {
        self.opening
            .refuse_unread(experiment.map(|it| &it.training))?;
        let valid = recommender.evaluate_held_out(Role::Valid)?;
        if valid.rows == 0 {
            return Err(wrong(
                "the model was trained on all its ratings and has no held-out part: give other ratings with --data",
            ));
        }
        let test = recommender.evaluate_held_out(Role::Test)?;
        let ranking = |role| -> Result<Option<Measures>> {
            Ok(match experiment {
                Some(it) => it.saved_ranking(recommender, role)?,
                None => None,
            })
        };
        let scores = recommender.scores();
        let test = match test.rows {
            0 => None,
            _ => Some(scored(&test, scores, ranking(Role::Test)?)?),
        };
        Ok(Answer {
            model: recommender.name().to_string(),
            data: experiment.map_or_else(|| "its data".to_string(), |it| it.training.data.clone()),
            part: match experiment {
                Some(it) => part(&it.split()?, it.seed),
                None => "validation part".to_string(),
            },
            scored: scored(&valid, scores, ranking(Role::Valid)?)?,
            new: None,
            test,
            warnings: Vec::new(),
        })
    }

    fn on_data(
        &self,
        data: &str,
        recommender: &AnyRecommender,
        experiment: Option<&Experiment>,
        output: &Output,
    ) -> Result<Answer> {
        let kind: Option<SplitKind> = self.split.as_deref().map(str::parse).transpose()?;
        if kind == Some(SplitKind::None) {
            return Err(wrong(
                "--split none holds nothing out: leave it out to score every rating",
            ));
        }
        let seed = self.seed.unwrap_or(42);
        let trained = experiment.map(|experiment| &experiment.training);
        let mut dataset = self.opening.open_like(data, trained, false)?;
        output.warn(&dataset.warnings)?;
        let (ratings, part) = match kind {
            None => (
                std::mem::take(&mut dataset.ratings),
                "all of them".to_string(),
            ),
            Some(kind) => {
                let (rest, split) = dataset.into_split(&kind, seed)?;
                dataset = rest;
                (split.valid, part(&kind, seed))
            }
        };
        let evaluation = recommender.evaluate(&dataset, &ratings)?;
        let scores = recommender.scores();
        let ranking = match experiment {
            Some(it) => it.new_ranking(recommender, &recommender.known_rows(&dataset, &ratings))?,
            None => None,
        };
        let scored = scored(&evaluation, scores, ranking).with_context(|| {
            format!(
                "in none of the {} ratings does the model know both the user and the item",
                ratings.len()
            )
        })?;
        let mut warnings = Vec::new();
        if scored.trained_rows > 0 {
            warnings.push(format!(
                "{} of {} rows were in the training part: their error says nothing about new ratings",
                thousands(scored.trained_rows),
                thousands(scored.rows)
            ));
        }
        let new = evaluation.new_metrics();
        let new = new.filter(|_| scored.trained_rows > 0 && scored.metrics.is_some());
        Ok(Answer {
            model: recommender.name().to_string(),
            data: dataset.name,
            part,
            new: new.map(|metrics| Part {
                rows: evaluation.new_rows(),
                metrics,
            }),
            scored,
            test: None,
            warnings,
        })
    }
}

fn scored(evaluation: &Evaluation, scores: Scores, ranking: Option<Measures>) -> Result<Scored> {
    let metrics = evaluation.metrics()?; // without a known row this is an error in any case
    let predicts = scores == Scores::Ratings;
    Ok(Scored {
        rows: evaluation.rows,
        unknown_rows: evaluation.unknown_rows,
        cold_rows: evaluation.cold_rows,
        trained_rows: evaluation.trained_rows,
        metrics: predicts.then_some(metrics),
        baselines: evaluation.baselines.filter(|_| predicts),
        ranking,
    })
}

fn text(answer: &Answer) -> String {
    let mut text = format!(
        "{} ratings of {} ({})",
        thousands(answer.scored.rows),
        answer.data,
        answer.part
    );
    text += &rest(&answer.scored);
    text += &figures(&answer.scored);
    if let Some(new) = &answer.new {
        text += &format!(
            "\nthe {} of these ratings that it was not trained on\n{}",
            thousands(new.rows),
            new.metrics
        );
    }
    if let Some(test) = &answer.test {
        text += &format!(
            "\n{} ratings of its test part{}{}",
            thousands(test.rows),
            rest(test),
            figures(test)
        );
    }
    text
}

/// The errors of predicted ratings and of the baselines, and the measures of lists.
fn figures(scored: &Scored) -> String {
    let mut text = "\n".to_string();
    if let Some(metrics) = &scored.metrics {
        text += &metrics.to_string();
    }
    if let Some(baselines) = &scored.baselines {
        text += &baselines.to_string();
    }
    if let Some(ranking) = &scored.ranking {
        text += &ranking.to_string();
    }
    text
}

/// Notes on unknown and cold rows.
fn rest(scored: &Scored) -> String {
    let mut text = String::new();
    if scored.unknown_rows > 0 {
        text += &format!(
            ", {} of them left out: the model does not know their user or item",
            thousands(scored.unknown_rows)
        );
    }
    if scored.cold_rows > 0 {
        text += &format!(
            "\n{} of them are cold: their user or item is in no training row, so the model has learnt nothing about it",
            thousands(scored.cold_rows)
        );
    }
    text
}

fn part(kind: &SplitKind, seed: u64) -> String {
    format!("validation part of {kind}, seed {seed}")
}
