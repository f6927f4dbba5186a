//! `recburn tune`.

use crate::commands::experiment::ExperimentFlags;
use crate::commands::opening::Opening;
use crate::exit::{End, wrong};
use crate::interrupt;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::recipe::Recipe;
use recburn::train::Interrupt;
use recburn::tune::{Effect, Event, Finished, Sampler, Space, Stop, Study, TuneError};
use recburn::{effects_picture, pick_device};
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn tune space.toml --model biased_mf --data ml-100k --trials 40
  recburn tune space.toml --model ease --data ml-100k --split by-user-hashed:0.8 --sampler grid
  recburn tune space.toml --model concat_mlp --sampler halving:3 --trials 27 --epochs 27

A space names parameters and their ranges:
  [parameters]
  \"options.factors\" = { int = [8, 128], log = true }
  \"options.l2\" = { float = [1e-7, 1e-3], log = true }
  \"training.batch\" = { choice = [64, 256, 1024] }
  learning_rate = { float = [1e-4, 1e-1], log = true }
Parameters are options.NAME, training.{average,batch,loss,mode,negatives,rule}, learning_rate and
epochs.

Trials are compared on the validation part of the split, at their best epoch; a test part is never
read. Results do not depend on the number of workers. Finished trials are in trials.jsonl in the
output folder: the same command continues an interrupted search. The winner is written as
winner.toml, which `recburn run` and `recburn evaluate --recipe` accept, with the search in
search.json and the effect of each parameter as a picture.";

/// Search for good hyper-parameters on a validation part
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Tune {
    /// The parameters and their ranges, as TOML
    #[arg(value_name = "SPACE")]
    space: PathBuf,
    #[command(flatten)]
    experiment: ExperimentFlags,
    #[command(flatten)]
    opening: Opening,
    /// How trials are proposed: random, tpe[:RANDOM TRIALS], halving[:FACTOR] or grid
    #[arg(long, value_name = "SAMPLER", default_value = "tpe")]
    sampler: String,
    /// The number of configurations
    #[arg(long, value_name = "N", default_value_t = 50)]
    trials: usize,
    /// The fewest epochs of a trial, for halving
    #[arg(long, value_name = "N", default_value_t = 1)]
    least_epochs: usize,
    /// Trials at a time; 0 for one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    workers: usize,
    /// The seed of the proposals; that of --seed is for split and weights
    #[arg(long, value_name = "N", default_value_t = 42)]
    search_seed: u64,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Output folder [default: out/tune-MODEL]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// `search.json`: what was searched, and what was found.
#[derive(Serialize)]
struct Search<'a> {
    model: &'a str,
    data: &'a str,
    split: String,
    measure: &'a str,
    sampler: String,
    seed: u64,
    valid_rows: usize,
    complete: bool,
    winner: Option<&'a Finished>,
    effects: &'a [Effect],
    trials: &'a [Finished],
}

impl Tune {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let base = self.experiment.experiment(&self.opening)?;
        let text = std::fs::read_to_string(&self.space)
            .map_err(|error| wrong(format!("cannot read {}: {error}", self.space.display())))?;
        let space = Space::parse(&self.space.display().to_string(), &text)?;
        let known = base.parameters()?;
        if let Some(name) = space.parameters().keys().find(|name| !known.contains(name)) {
            return Err(wrong(format!(
                "{} has no parameter `{name}`; there are {}",
                base.model,
                known.join(", ")
            )));
        }
        let (measure, direction) = base.objective()?;
        let out = self.out.clone();
        let out = out.unwrap_or_else(|| Path::new("out").join(format!("tune-{}", base.model)));
        let device = pick_device(self.device.as_deref())?;
        let prepared = base.prepare(self.opening.data_dir.as_deref())?;
        output.warn(&prepared.dataset.warnings)?;
        output.say(&prepared)?;
        let stop = Stop::new();
        let epochs = base.training.phases.iter().map(|phase| phase.epochs).sum();
        let sampler: Sampler = self.sampler.parse()?;
        let study = Study::new(space, sampler, self.search_seed)
            .direction(direction)
            .trials(self.trials)
            .budget(self.least_epochs.min(epochs), epochs)
            .subject(json!({ "experiment": base, "rows": base.provenance(&prepared)["rows"] }))
            .stopped_by(stop.clone());
        study.check()?;
        std::fs::create_dir_all(&out)?;
        let flag = interrupt::flag();
        let evaluate = |trial: &recburn::tune::Trial, stop: Stop| -> Result<_> {
            let mut experiment = base.clone();
            experiment.set_epochs(trial.budget);
            let experiment = experiment.with_values(&trial.values)?;
            let outcome = experiment.trial(&prepared, &device, Interrupt::new(flag.clone()));
            if interrupt::asked() {
                stop.request();
                return Err(End::Interrupted("the trial was cut off".to_string()).into());
            }
            Ok(outcome?)
        };
        let journal = out.join("trials.jsonl");
        let mut best: Option<f64> = None;
        let results = study
            .run(self.workers, Some(&journal), evaluate, |event| {
                // A closed pipe ends the program elsewhere.
                let _ = self.told(event, &measure, direction, &mut best, output);
            })
            .map_err(|error| match error {
                // The failures are kept, since a trial is a function of its values.
                TuneError::AllFailed { .. } => anyhow::Error::new(error).context(format!(
                    "the failed trials are in {}: delete it once the cause is removed",
                    journal.display()
                )),
                error => error.into(),
            })?;
        if interrupt::asked() {
            let journal = journal.display();
            return Err(End::Interrupted(format!(
                "{} trials are in {journal}, and the same command continues from there",
                results.trials.len()
            ))
            .into());
        }
        let (board, effects) = (results.leaderboard(), results.effects());
        if !effects.is_empty() {
            effects_picture(&effects, &measure)?.save(&out, "effects")?;
        }
        let winner = results.winner();
        if let Some(winner) = &winner {
            let mut best = base.with_values(&winner.trial.values)?;
            if let Some(epoch) = winner.more["epoch"].as_u64() {
                best.set_epochs(epoch as usize);
                best.training.patience = None;
            }
            let mut recipe = Recipe::of(&best);
            recipe.about = format!(
                "{measure} {:.4} on the validation part of {}, {}: the best of {} trials",
                winner.value.unwrap_or(f64::NAN),
                best.training.data,
                best.training.split,
                results.trials.len()
            );
            recipe.source = format!("recburn tune, sampler {sampler}, seed {}", self.search_seed);
            recipe.save(&out.join("winner.toml"))?;
        }
        let search = Search {
            model: &base.model,
            data: &prepared.dataset.name,
            split: base.split()?.to_string(),
            measure: &measure,
            sampler: sampler.to_string(),
            seed: self.search_seed,
            valid_rows: prepared.valid.len(),
            complete: results.complete,
            winner: winner.as_ref(),
            effects: &effects,
            trials: &results.trials,
        };
        let json = serde_json::to_vec_pretty(&search)?;
        recburn::files::write_whole(out.join("search.json"), &json)?;
        let importance = effects.iter().filter_map(|effect| {
            let share = effect.importance?;
            Some(format!("  {}: {:.0} %", effect.parameter, 100.0 * share))
        });
        let text = format!(
            "{}\nvariance of {measure} by parameter, each on its own:\n{}\nthe winner: {}\n",
            board.table(10),
            importance.collect::<Vec<_>>().join("\n"),
            out.join("winner.toml").display()
        );
        output.answer(&search, text)
    }

    /// A line per finished trial.
    fn told(
        &self,
        event: &Event,
        measure: &str,
        direction: recburn::tune::Direction,
        best: &mut Option<f64>,
        output: &Output,
    ) -> std::io::Result<()> {
        match event {
            Event::Note(note) => output.say(note),
            Event::Resumed { finished } => {
                output.say(format_args!("continuing after {finished} finished trials"))
            }
            Event::Finished {
                trial,
                finished,
                planned,
            } => {
                let result = match (trial.value, &trial.error) {
                    (Some(value), _) => {
                        let before = best.unwrap_or(value);
                        *best = Some(match direction {
                            recburn::tune::Direction::Minimize => before.min(value),
                            recburn::tune::Direction::Maximize => before.max(value),
                        });
                        format!("{measure} {value:.4}")
                    }
                    (None, error) => format!("failed: {}", error.as_deref().unwrap_or_default()),
                };
                let best = best.map_or(String::new(), |best| format!("  best {best:.4}"));
                output.say(format_args!(
                    "trial {finished}/{planned}  {result}{best}  {:.1} s",
                    trial.seconds
                ))
            }
            _ => Ok(()),
        }
    }
}
