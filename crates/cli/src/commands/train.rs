//! `recburn train`.

use crate::commands::experiment::ExperimentFlags;
use crate::commands::opening::Opening;
use crate::commands::saved::model_folder;
use crate::commands::time::{Every, continuing};
use crate::exit::{End, wrong};
use crate::interrupt;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::prelude::*;
use recburn::recipe::Recipe;
use recburn::train::Interrupt;
use serde::Deserialize;
use std::path::{Path, PathBuf};

mod folds;
mod rates;
mod whole;

use folds::Folds;

const HELP: &str = "\
Examples:
  recburn train
  recburn train --data ml-latest-small --preset small18
  recburn train --data ratings.csv --model concat_mlp -o user_factors=32 --epochs 20 --patience 3
  recburn train --data ml-100k --split leave-last-out:1 --rule sgd:0.9 --learning-rate 0.05
  recburn train --data ml-100k --examples positives --loss bpr --patience 5     ranks items
  recburn train --data ml-100k --model ease -o lambda=400     in closed form, without epochs
  recburn train --data ratings.csv --phase 5@0.01 --phase 10@0.001     a custom schedule
  recburn train --data ml-100k --model svdpp --find-rate       a learning rate to begin with
  recburn train --data ml-100k --folds 5                       cross-validation, mean and deviation
  recburn train --data ml-latest-small --add journal.csv       with ratings that a service took
  recburn train --data ml-latest-small --resume     after Ctrl-C, from the last checkpoint
  recburn train --from out/biased_mf --epochs 3 --out new     on grown data, from a saved model

The output folder receives report.json, history.csv and .json, curves and diagram as SVG and PNG,
the trained model in model/, the last checkpoint in checkpoint/, and all settings in
experiment.toml, which `recburn run` accepts.

--from MODEL starts from a saved model: users and items that it knows (by their ids in the file)
and dense layers keep its weights, new users and items get initial weights. The optimizer starts
afresh. Model, options, data, split, training and seed are those of the saved model; flags override
anything that does not change its graph, and its centre is kept. Give it the grown data, old and
new ratings together. Rows that it was trained on are never held out: if the split would do so,
they stay in the training part and are counted. With --split mask:0.8, appending rows does not
change the parts of earlier rows; other random splits retain few of the held-out rows. An
interrupted --from starts over, and `recburn run` on its experiment.toml trains from initial
weights.";

/// Train a model on ratings
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Train {
    #[command(flatten)]
    pub experiment: ExperimentFlags,
    #[command(flatten)]
    pub opening: Opening,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Output folder [default: out/MODEL]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write a checkpoint every N epochs (0: never), or after each and every so much time: 10m
    #[arg(long, value_name = "N|TIME", default_value = "1")]
    pub checkpoint_every: Every,
    /// Continue from the checkpoint in the output folder
    #[arg(long, conflicts_with = "from")]
    pub resume: bool,
    /// Instead of training, test which learning rates lower the loss: a picture and a suggestion, in the output folder
    #[arg(long, conflicts_with_all = ["folds", "resume", "from"])]
    find_rate: bool,
    /// Cross-validation instead of one training: on N folds, or N folds repeated R times with other seeds as NxR
    #[arg(long, value_name = "N[xR]")]
    folds: Option<Folds>,
    /// Read ratings that were added since, as `serve --journal` writes them; later lines take precedence
    #[arg(long, value_name = "FILE")]
    add: Option<PathBuf>,
    /// Start from the weights of a saved model, on data with new ratings, users and items
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// On several processes (mpirun -n 4 recburn train ...): collect the model on the first one and save it in model/, not in parts/
    #[cfg(feature = "mpi")]
    #[arg(long)]
    pub gather: bool,
    /// On several processes: end all of them if one waits longer than this for the others
    #[cfg(feature = "mpi")]
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub step_timeout: u64,
}

impl Train {
    /// Refuses flags that have no meaning on several processes.
    #[cfg(feature = "mpi")]
    pub fn check_spread(&self) -> Result<()> {
        let given = [
            ("--find-rate", self.find_rate),
            ("--folds", self.folds.is_some()),
            ("--add", self.add.is_some()),
            ("--from", self.from.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(wrong(format!(
                "{flag} needs one process: run it without mpirun"
            ))),
            None => Ok(()),
        }
    }

    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        #[cfg(feature = "mpi")]
        if self.gather {
            return Err(wrong(
                "--gather has no effect on one process, which has the whole model: start several by mpirun",
            ));
        }
        let device = pick_device(self.device.as_deref())?;
        let from = self.saved(&device)?;
        let mut experiment = match &from {
            Some((_, settings)) => {
                let settings = settings.clone();
                self.experiment.experiment_from(settings, &self.opening)?
            }
            None => self.experiment.experiment(&self.opening)?,
        };
        if let Some(file) = &self.add {
            if experiment.training.split.starts_with("given:") {
                return Err(wrong(
                    "--add has no effect: --split given:TRAIN,VALID names all files itself",
                ));
            }
            experiment.training.add = Some(file.to_string_lossy().into_owned());
        }
        let out = self.out.clone();
        let out = out.unwrap_or_else(|| Path::new("out").join(&experiment.model));
        if let Some(folds) = self.folds {
            return folds::train(self, &experiment, folds, &out, output);
        }
        if let Some(method) = experiment.method()? {
            return whole::train(self, &experiment, &*method, &out, output);
        }
        output.say(format_args!("device: {}", device_name(&device)))?;

        let (prepared, mut model) = match &from {
            Some((saved, _)) => {
                let dataset = self.open_grown(&mut experiment)?;
                let (prepared, warm) = experiment.prepare_warm(dataset, saved)?;
                output.warn(&prepared.dataset.warnings)?;
                output.warn(&warm.warnings())?;
                output.say(&prepared)?;
                output.say(warm)?;
                let model = experiment.warm_network(&prepared, saved, &device)?;
                (prepared, model)
            }
            None => {
                let prepared = experiment.prepare(self.opening.data_dir.as_deref())?;
                output.warn(&prepared.dataset.warnings)?;
                output.say(&prepared)?;
                let model = experiment.network(&prepared, &device)?;
                (prepared, model)
            }
        };
        drop(from);
        if self.find_rate {
            return rates::find(&experiment, &model, &prepared, &out, output);
        }
        output.say(&model)?;
        let checkpoint = out.join("checkpoint");
        let progress = match output.is_json() {
            true => Progress::bar_only(),
            false => Progress::new(),
        };
        let mut trainer = experiment
            .trainer_of(&prepared)
            .to_be_saved()
            .with(progress)
            .with(Interrupt::new(interrupt::flag()));
        trainer = self.checkpoint_every.checkpoint(trainer, &checkpoint);
        if self.resume {
            if recburn::files::restore(&checkpoint)? {
                output.say("restored the checkpoint that a killed run had moved aside")?;
            }
            if !checkpoint.is_dir() {
                let folder = checkpoint.display();
                return Err(wrong(format!(
                    "--resume: there is no checkpoint in {folder}"
                )));
            }
            experiment.resume(&mut trainer, &checkpoint, &mut model, &prepared)?;
            output.say(continuing(&trainer))?;
        }
        if output.is_json() {
            let advice = trainer.advice(&model, prepared.train.len());
            output.warn(&advice.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        }
        // Nothing is written until training is known to be able to start.
        diagram(model.graph())?.save(&out, "diagram")?;
        Recipe::of(&experiment).save(&out.join("experiment.toml"))?;
        let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
        if interrupt::asked() {
            let why = stop.map(|stop| stop.reason).unwrap_or_default();
            return Err(End::Interrupted(self.left(&why, &checkpoint)).into());
        }
        if let Some(stop) = &stop {
            output.say(format_args!("stopped: {}", stop.reason))?;
        }

        let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
        let history = trainer.history();
        experiment
            .recommender(&model, &prepared)?
            .save(&out.join("model"))?;
        history.save_csv(&out.join("history.csv"))?;
        history.save_json(&out.join("history.json"))?;
        curves(history)?.save(&out, "curves")?;
        report.save(out.join("report.json"))?;
        let held_out = match report.metrics.is_some() || report.ranking.is_some() {
            true => "on the validation part:",
            false => "trained on every rating: none was held out, so there is no error to report",
        };
        let end = format!(
            "\n{held_out}\n{report}\nreport, pictures and model: {}\nnext: recburn recommend {} --user ID",
            out.display(),
            out.join("model").display()
        );
        output.answer(&report, end)
    }

    /// The model to start from, and the settings of its training.
    fn saved(&self, device: &Device) -> Result<Option<(Recommender, Experiment)>> {
        let Some(from) = &self.from else {
            return Ok(None);
        };
        let folder = model_folder(from)?;
        let saved = Recommender::load(&folder, device)?;
        let settings = Experiment::deserialize(saved.training()).map_err(|error| {
            wrong(format!(
                "--from: {} does not record how it was trained, so training cannot continue from it: {error}",
                folder.display()
            ))
        })?;
        Ok(Some((saved, settings)))
    }

    /// Opens the data. Other data may lack the columns that the saved model remembers; their form is then recognised
    /// afresh.
    fn open_grown(&self, experiment: &mut Experiment) -> Result<Dataset> {
        let folder = self.opening.data_dir.as_deref();
        match experiment.open(folder) {
            Err(error)
                if self.experiment.data.is_some()
                    && self.opening.columns.is_none()
                    && experiment.training.columns.is_some() =>
            {
                let remembered = experiment.training.columns.take();
                let opened = experiment.open(folder);
                if opened.is_err() {
                    experiment.training.columns = remembered;
                }
                opened.map_err(|_| error.into())
            }
            opened => Ok(opened?),
        }
    }

    /// The message on what an interrupted training leaves behind.
    fn left(&self, why: &str, checkpoint: &Path) -> String {
        match checkpoint.is_dir() {
            _ if self.from.is_some() => {
                format!("{why}; a training with --from starts over from the saved model")
            }
            true => format!(
                "{why}; the last complete epoch is in {}, and `--resume` continues from it",
                checkpoint.display()
            ),
            false => format!("{why}, before the first checkpoint"),
        }
    }
}
