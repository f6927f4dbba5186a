//! Flags and output, shared by all examples.

use anyhow::Context;
use clap::Parser;
use recburn::prelude::*;
use std::path::{Path, PathBuf};

// Every step allocates and frees tensors, so the allocator takes a good part of its time. A library leaves the choice
// to programs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Train one model of the zoo on a ratings file.
#[derive(Parser)]
pub struct Flags {
    /// A data set's name (sample, ml-100k, ml-latest-small, ml-latest-small-2016) or a path [default: sample, or that
    /// of the preset]
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Named hyper-parameters
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub preset: String,
    /// Train for N epochs
    #[arg(long, value_name = "N")]
    pub epochs: Option<usize>,
    /// Ratings per step
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Seed of the split, the initial weights and the order of the ratings
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Folder for the report and the pictures [default: out/MODEL]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Flags {
    /// Parses the command line; on a wrong flag the program ends with its usage.
    pub fn read() -> Self {
        Self::parse()
    }

    /// The preset of this model, overridden by the flags.
    pub fn experiment(&self, model: &str) -> anyhow::Result<Experiment> {
        let mut experiment = Experiment::preset(model, &self.preset)?;
        experiment.seed = self.seed;
        if let Some(data) = &self.data {
            experiment.training.data = data.clone();
        }
        if let Some(batch) = self.batch {
            experiment.training.batch = batch;
        }
        if let Some(epochs) = self.epochs {
            experiment.set_epochs(epochs);
        }
        Ok(experiment)
    }

    /// Opens the device and prints its name.
    pub fn device(&self) -> anyhow::Result<Device> {
        let device = pick_device(self.device.as_deref())?;
        println!("device: {}", device_name(&device));
        Ok(device)
    }

    /// The output folder of this model's run.
    pub fn out(&self, model: &str) -> PathBuf {
        self.out
            .clone()
            .unwrap_or_else(|| Path::new("out").join(model))
    }
}

/// Writes `report.json`, the history and its curves to a folder, and prints where.
pub fn keep(folder: &Path, report: &RunReport, history: &History) -> anyhow::Result<()> {
    report.save(folder.join("report.json"))?;
    history.save_csv(&folder.join("history.csv"))?;
    history.save_json(&folder.join("history.json"))?;
    curves(history)?.save(folder, "curves")?;
    println!("\n{report}");
    let folder = folder
        .canonicalize()
        .with_context(|| format!("{}", folder.display()))?;
    println!("report.json, history and pictures: {}", folder.display());
    Ok(())
}
