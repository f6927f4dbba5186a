//! `recburn train`.

use crate::commands::experiment::ExperimentFlags;
use crate::commands::opening::Opening;
use crate::exit::{End, wrong};
use crate::interrupt;
use crate::output::Output;
use crate::recipe::Recipe;
use anyhow::Result;
use clap::Args;
use recburn::prelude::*;
use recburn::train::Interrupt;
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn train
  recburn train --data ml-latest-small --preset small18
  recburn train --data ratings.csv --model concat_mlp -o user_factors=32 --epochs 20 --patience 3
  recburn train --data ml-100k --split leave-last-out:1 --rule sgd:0.9 --learning-rate 0.05
  recburn train --data ratings.csv --phase 5@0.01 --phase 10@0.001     a schedule of your own
  recburn train --data ml-latest-small --resume     after Ctrl-C, from the last checkpoint

The output folder gets report.json, history.csv and .json, curves and diagram as SVG and PNG,
the trained model in model/, the last checkpoint in checkpoint/, and all that was chosen in
experiment.toml, which `recburn run` takes.";

/// Train a model on ratings
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Train {
    #[command(flatten)]
    experiment: ExperimentFlags,
    #[command(flatten)]
    opening: Opening,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Where everything goes [default: out/MODEL]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write a checkpoint every N epochs (0: never)
    #[arg(long, value_name = "N", default_value_t = 1)]
    checkpoint_every: usize,
    /// Go on from the checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

impl Train {
    /// Trains.
    pub fn run(&self, output: &Output) -> Result<()> {
        let experiment = self.experiment.experiment(&self.opening)?;
        let out = self.out.clone();
        let out = out.unwrap_or_else(|| Path::new("out").join(&experiment.model));
        let device = device(self.device.as_deref())?;
        output.say(format_args!("device: {}", device_name(&device)))?;

        let prepared = experiment.prepare(self.opening.data_dir.as_deref())?;
        output.warn(&prepared.dataset.warnings)?;
        output.say(&prepared)?;
        let mut model = experiment.network(&prepared, &device)?;
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
        if self.checkpoint_every > 0 {
            trainer = trainer.checkpoint(&checkpoint, self.checkpoint_every);
        }
        if self.resume {
            if recburn::files::restore(&checkpoint)? {
                output.say("the checkpoint that a killed run had moved aside is put back")?;
            }
            if !checkpoint.is_dir() {
                let folder = checkpoint.display();
                return Err(wrong(format!(
                    "--resume: there is no checkpoint in {folder}"
                )));
            }
            experiment.resume(&mut trainer, &checkpoint, &mut model, &prepared)?;
            let epochs = trainer.history().epochs.len();
            output.say(format_args!("going on after epoch {epochs}"))?;
        }
        // Nothing is written before it is known that training can begin.
        diagram(model.graph())?.save(&out, "diagram")?;
        Recipe::of(&experiment).save(&out.join("experiment.toml"))?;
        let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
        if interrupt::asked() {
            let why = stop.map(|stop| stop.reason).unwrap_or_default();
            return Err(End::Interrupted(left(&why, &checkpoint)).into());
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
        let held_out = match report.metrics {
            Some(_) => "on the validation part:",
            None => "trained on every rating: none was held out, so there is no error to report",
        };
        let end = format!(
            "\n{held_out}\n{report}\nreport, pictures and model are in {}\nnext: recburn recommend {} --user ID",
            out.display(),
            out.join("model").display()
        );
        output.answer(&report, end)
    }
}

/// What an interrupted training leaves behind.
fn left(why: &str, checkpoint: &Path) -> String {
    match checkpoint.is_dir() {
        true => format!(
            "{why}; the last whole epoch is in {}, and `--resume` goes on from there",
            checkpoint.display()
        ),
        false => format!("{why}, before the first checkpoint"),
    }
}
