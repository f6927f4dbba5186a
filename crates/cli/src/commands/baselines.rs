//! `recburn baselines`.

use crate::commands::experiment::set_known;
use crate::commands::opening::Opening;
use crate::exit::wrong;
use crate::output::{Output, table};
use anyhow::{Context as _, Result};
use clap::Args;
use recburn::classical::{Method, find, methods};
use recburn::data::{Part, SplitKind, thousands};
use recburn::metrics::{Measures, RatingMetrics};
use recburn::recipe::Training;
use recburn::recommender::{Role, Scores};
use recburn::{Experiment, Prepared};
use serde::Serialize;
use std::time::Instant;

const HELP: &str = "\
Examples:
  recburn baselines --data ml-100k
  recburn baselines --data ml-100k --split by-user-hashed:0.7/0.1/0.2 --part test
  recburn baselines --data ml-100k --method ease -o lambda=400 --split leave-last-out:1

Every rating is a positive in the rankings, which are of the whole catalogue without what a user
has in training; of equal scores the lower item row comes first.";

/// Fit baselines and models in closed form, and compare them on held-out ratings
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Baselines {
    /// A data set's name or path
    #[arg(long, value_name = "NAME|PATH", default_value = "sample")]
    data: String,
    /// How the ratings are split, as for `recburn train`
    #[arg(long, value_name = "SPLIT", default_value = "fraction:0.8")]
    split: String,
    /// The part that is scored: valid, or test, for which the model is fitted to the validation part, too
    #[arg(long, value_name = "PART", default_value = "valid")]
    part: String,
    /// How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)
    #[arg(long, value_name = "ORDER", default_value = "first_sight")]
    ids: String,
    /// Seed of the split and of the models
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Only this method, may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    method: Vec<String>,
    /// An option of the method, may be repeated; the value is JSON or a word
    #[arg(long, short = 'o', value_name = "NAME=VALUE")]
    option: Vec<String>,
    /// The length of the lists
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    at: u32,
    #[command(flatten)]
    opening: Opening,
}

#[derive(Serialize)]
struct Answer {
    data: String,
    split: String,
    part: String,
    seed: u64,
    train_rows: usize,
    rows: usize,
    at: u32,
    methods: Vec<Compared>,
}

/// What a method comes to.
#[derive(Serialize)]
struct Compared {
    method: &'static str,
    /// `null` for scores that are not ratings.
    metrics: Option<RatingMetrics>,
    ranking: Measures,
    standard_errors: Measures,
    fit_seconds: f64,
    rank_seconds: f64,
}

impl Baselines {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let chosen = self.methods()?;
        let kind: SplitKind = self.split.parse()?;
        let how = self.opening.how(&self.ids)?;
        let dataset = how.open(&self.data)?;
        output.warn(&dataset.warnings)?;
        let role = match self.part.as_str() {
            "valid" => Role::Valid,
            "test" => Role::Test,
            other => {
                return Err(wrong(format!(
                    "unknown part '{other}': expected valid or test"
                )));
            }
        };
        let mut parts = dataset.parts(&kind, self.seed)?;
        if role == Role::Test {
            let valid = parts.iter_mut().filter(|part| **part == Part::Valid);
            valid.for_each(|part| *part = Part::Train);
        }
        let first = chosen.first().map(|(experiment, _)| experiment);
        let first = first.context("there is no method")?;
        let prepared = first.prepare_parts(dataset, parts)?;
        let (train, held_out) = match role {
            Role::Test => (&prepared.train, &prepared.test),
            _ => (&prepared.train, &prepared.valid),
        };
        if held_out.is_empty() {
            return Err(wrong(format!(
                "the split {kind} has no {} part: use another split, such as fraction:0.8/0.1/0.1",
                self.part
            )));
        }
        output.say(format_args!(
            "{}: {} ratings, fitted to {}, scored on {} ({kind}, seed {}, {} part)\n",
            prepared.dataset.name,
            thousands(train.len() + held_out.len()),
            thousands(train.len()),
            thousands(held_out.len()),
            self.seed,
            self.part
        ))?;
        let mut compared = Vec::new();
        for (experiment, method) in &chosen {
            let one = self.one(experiment, &**method, &prepared, role);
            compared.push(one.with_context(|| format!("{} cannot be compared", method.name()))?);
        }
        let text = self.text(&compared);
        let answer = Answer {
            data: prepared.dataset.name.clone(),
            split: kind.to_string(),
            part: self.part.clone(),
            seed: self.seed,
            train_rows: train.len(),
            rows: held_out.len(),
            at: self.at,
            methods: compared,
        };
        output.answer(&answer, text)
    }

    /// Fits a method and measures it on the held-out rows: the errors of its predictions, if it predicts ratings, and the lists
    /// that it makes of the whole catalogue.
    fn one(
        &self,
        experiment: &Experiment,
        method: &dyn Method,
        prepared: &Prepared,
        role: Role,
    ) -> Result<Compared> {
        let (fitted, fit_seconds) = experiment.fit_whole(method, prepared)?;
        let held_out = match role {
            Role::Test => &prepared.test,
            _ => &prepared.valid,
        };
        let metrics = match fitted.scores() {
            Scores::Order => None,
            Scores::Ratings => Some(fitted.evaluate_held_out(role)?.metrics()?),
        };
        let start = Instant::now();
        let ranking = fitted.ranking(held_out, role, &[self.at as usize])?;
        let ranking = ranking.context("nothing is held out")?;
        Ok(Compared {
            method: method.name(),
            metrics,
            ranking: ranking.means,
            standard_errors: ranking.standard_errors,
            fit_seconds,
            rank_seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The chosen methods with their options.
    fn methods(&self) -> Result<Vec<(Experiment, Box<dyn Method>)>> {
        if !self.option.is_empty() && self.method.len() != 1 {
            return Err(wrong("--option requires exactly one --method"));
        }
        let names: Vec<String> = match self.method.is_empty() {
            true => methods()
                .iter()
                .map(|entry| entry.name.to_string())
                .collect(),
            false => self.method.clone(),
        };
        let chosen = names.into_iter().map(|name| {
            let mut options = (find(&name)?.options)();
            let known = options.clone();
            set_known(&name, &known, &mut options, &self.option)?;
            let experiment = Experiment {
                model: name,
                options,
                training: Training {
                    data: self.data.clone(),
                    split: self.split.clone(),
                    ids: self.ids.clone(),
                    ..Training::default()
                },
                seed: self.seed,
            };
            let method = experiment.method()?.context("a method of the registry")?;
            Ok((experiment, method))
        });
        chosen.collect()
    }

    fn text(&self, compared: &[Compared]) -> String {
        let at = self.at;
        let mut rows = vec![
            [
                "method".to_string(),
                "RMSE".to_string(),
                "MAE".to_string(),
                format!("NDCG@{at}"),
                format!("recall@{at}"),
                format!("hit@{at}"),
                format!("coverage@{at}"),
                "fit s".to_string(),
                "rank s".to_string(),
            ]
            .to_vec(),
        ];
        for one in compared {
            let of = |name: &str| {
                let name = format!("{name}@{at}");
                one.ranking
                    .get(&name)
                    .map_or(String::new(), |value| format!("{value:.4}"))
            };
            let error =
                |error: Option<f64>| error.map_or(String::new(), |error| format!("{error:.4}"));
            rows.push(vec![
                one.method.to_string(),
                error(one.metrics.map(|metrics| metrics.rmse)),
                error(one.metrics.map(|metrics| metrics.mae)),
                of("ndcg"),
                of("recall"),
                of("hit"),
                of("coverage"),
                format!("{:.3}", one.fit_seconds),
                format!("{:.3}", one.rank_seconds),
            ]);
        }
        table(&rows)
    }
}
