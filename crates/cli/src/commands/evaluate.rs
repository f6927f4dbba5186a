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
use recburn::recommender::{Evaluation, Role, Scores};
use serde::Serialize;

const HELP: &str = "\
Examples:
  recburn evaluate out/biased_mf/model                      on the ratings held out in its training
  recburn evaluate out/biased_mf/model --data new.csv       on every rating of a file
  recburn evaluate out/biased_mf/model --data u.data --split by-user:0.8 --seed 7

Without --data no file is read: the model keeps the ratings that were held out in its training, whatever becomes of the
file. With --data the rows that it was trained on are counted, and the others are scored apart.";

/// Score a saved model on ratings
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Evaluate {
    #[command(flatten)]
    saved: Saved,
    /// A data set's name or path [default: the ratings that were held out in training]
    #[arg(long, value_name = "NAME|PATH")]
    data: Option<String>,
    /// Score the validation part of this split; without it all ratings of --data
    #[arg(long, value_name = "SPLIT")]
    split: Option<String>,
    /// Of that split [default: 42]
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
    /// Of the rows that the model was not trained on, where it was trained on some.
    new: Option<Part>,
    /// Of the test part, where there is one.
    test: Option<Scored>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Scored {
    rows: usize,
    unknown_rows: usize,
    cold_rows: usize,
    trained_rows: usize,
    /// `null` for a model whose scores are no ratings.
    metrics: Option<RatingMetrics>,
    baselines: Option<Baselines>,
    /// `null` for a model that is not judged by lists.
    ranking: Option<Measures>,
}

#[derive(Serialize)]
struct Part {
    rows: usize,
    metrics: RatingMetrics,
}

impl Evaluate {
    /// Scores.
    pub fn run(&self, output: &Output) -> Result<()> {
        if self.seed.is_some() && self.split.is_none() {
            return Err(wrong("--seed goes with --split"));
        }
        if self.split.is_some() && self.data.is_none() {
            return Err(wrong("--split goes with --data"));
        }
        let recommender = self.saved.load_aloud(output)?;
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

    /// The rows that were held out in training.
    fn on_held_out(
        &self,
        recommender: &Recommender,
        experiment: Option<&Experiment>,
    ) -> Result<Answer> {
        self.opening
            .refuse_unread(experiment.map(|it| &it.training))?;
        let valid = recommender.evaluate_held_out(Role::Valid)?;
        if valid.rows == 0 {
            return Err(wrong(
                "the model was trained on all its ratings and has no held-out part: name other ratings with --data",
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
            model: recommender.model().graph().name().to_string(),
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
        recommender: &Recommender,
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
                "the model knows the user and the item of none of the {} ratings",
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
            model: recommender.model().graph().name().to_string(),
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
    let metrics = evaluation.metrics()?; // no row that is known is an error either way
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
            "\nthe {} ratings of them that it was not trained on\n{}",
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

/// The errors of predicted ratings next to those of means, and the measures of lists.
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

/// What is to be known of the rows.
fn rest(scored: &Scored) -> String {
    let mut text = String::new();
    if scored.unknown_rows > 0 {
        text += &format!(
            ", {} of them left out: their user or item is unknown to the model",
            thousands(scored.unknown_rows)
        );
    }
    if scored.cold_rows > 0 {
        text += &format!(
            "\n{} of them are cold: their user or item was in no training row, so the model has never learnt anything of it",
            thousands(scored.cold_rows)
        );
    }
    text
}

fn part(kind: &SplitKind, seed: u64) -> String {
    format!("validation part of {kind}, seed {seed}")
}
