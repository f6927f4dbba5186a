//! `recburn gather`.

use crate::exit::wrong;
use crate::output::Output;
use anyhow::{Result, anyhow};
use clap::Args;
use recburn::recipe::Recipe;
use recburn::train::parts_in;
use recburn::{device_name, pick_device};
use std::path::PathBuf;

const HELP: &str = "\
Example:
  mpirun -n 4 recburn train --data ratings/ --model biased_mf --out out/big
  recburn gather out/big                 on one machine that has room for all of it
  recburn serve out/big/model

It reads out/big/checkpoint and the data, from which report.json is made. The settings are those of
out/big/experiment.toml, so run it where the same data are found. Without it, `recburn recommend
out/big` and `recburn serve out/big` read the parts, which need no data.";

/// Make one model from the parts that several processes have trained
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Gather {
    /// The output folder of `train` on several processes
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The data, if they are elsewhere now: a name, a file or a folder
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// flex or ndarray, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

impl Gather {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let folder = &self.folder;
        let checkpoint = folder.join("checkpoint");
        let Some(parts) = parts_in(&checkpoint) else {
            return Err(wrong(format!(
                "{} holds no checkpoint of several processes",
                folder.display()
            )));
        };
        let recipe = Recipe::load(&folder.join("experiment.toml"))?;
        let mut experiment = recipe.experiment(recipe.seeds.first().copied().unwrap_or(42));
        if let Some(data) = &self.data {
            experiment.training.data.clone_from(data);
        }
        let device = pick_device(self.device.as_deref())?;
        output.say(format_args!("device: {}", device_name(&device)))?;
        let gathered = experiment.gather(&checkpoint, self.data_dir.as_deref(), &device)?;
        let (data, model, trainer) = gathered.ok_or_else(|| anyhow!("one process is the first"))?;
        output.say(format_args!(
            "the parts of {parts} processes, after epoch {}",
            trainer.history().epochs.len()
        ))?;
        let report = experiment.report(&data, &model, &trainer, None, &device)?;
        let to = folder.join("model");
        experiment.recommender(&model, &data)?.save(&to)?;
        report.save(folder.join("report.json"))?;
        let end = format!(
            "\n{report}\nreport and model: {}\nnext: recburn recommend {} --user ID",
            folder.display(),
            to.display()
        );
        output.answer(&report, end)
    }
}
