//! The jobs.

use crate::figures::{Figures, Meter, slowest_later};
use crate::machine::{cpu_seconds, peak_megabytes};
use crate::{Options, large};
use anyhow::bail;
use recburn::ExperimentError;
use recburn::data::ReadError;
use recburn::prelude::*;
use recburn::recipe::Recipe;
use std::time::Instant;

/// A job.
pub enum Job {
    /// The zoo's `biased_mf` on the embedded sample.
    Sample,
    /// A preset, `model/preset`.
    Recipe { name: String, recipe: Box<Recipe> },
    /// An epoch at the size of MovieLens 20M.
    Large(&'static large::Kind),
}

impl Job {
    /// All jobs.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        let mut recipes = Vec::new();
        for entry in zoo() {
            for (name, recipe) in Recipe::presets(entry.name)? {
                let name = format!("{}/{name}", entry.name);
                recipes.push(Self::Recipe {
                    name,
                    recipe: Box::new(recipe),
                });
            }
        }
        let large = large::KINDS.iter().map(Self::Large);
        Ok([Self::Sample]
            .into_iter()
            .chain(recipes)
            .chain(large)
            .collect())
    }

    /// The job with this name.
    pub fn find(name: &str) -> anyhow::Result<Self> {
        let mut all = Self::all()?;
        match all.iter().position(|job| job.name() == name) {
            Some(at) => Ok(all.swap_remove(at)),
            None => {
                let names: Vec<_> = all.iter().map(Self::name).collect();
                bail!("no job `{name}`; the jobs are {}", names.join(", "))
            }
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Sample => "sample",
            Self::Recipe { name, .. } => name,
            Self::Large(kind) => kind.name,
        }
    }

    pub fn is_large(&self) -> bool {
        matches!(self, Self::Large(_))
    }

    /// Whether it runs by default: of the recipes those with published figures, except MovieLens 20M's, which take minutes
    /// or hours.
    pub fn by_default(&self) -> bool {
        match self {
            Self::Recipe { name, recipe } => {
                !recipe.figures.is_empty() && !name.ends_with("/ml20m")
            }
            Self::Sample | Self::Large(_) => true,
        }
    }

    /// Runs it in this process.
    pub fn run(&self, options: &Options) -> anyhow::Result<Figures> {
        let mut experiment = match self {
            Self::Sample => Experiment::preset("biased_mf", "default")?,
            Self::Recipe { recipe, .. } => recipe.experiment(0),
            Self::Large(kind) => kind.experiment()?,
        };
        experiment.seed = options.seed;
        if let Some(epochs) = options.epochs {
            experiment.set_epochs(epochs);
        }
        train(self.name(), experiment, options)
    }
}

/// Runs an experiment as `recburn run` does.
fn train(job: &str, mut experiment: Experiment, options: &Options) -> anyhow::Result<Figures> {
    let start = Instant::now();
    let prepared = match experiment.prepare(options.data_dir.as_deref()) {
        // The synthetic sample has the size of MovieLens latest small.
        Err(ExperimentError::Read(ReadError::NotFound { .. })) => {
            experiment.training.data = "sample".to_string();
            experiment.prepare(None)?
        }
        prepared => prepared?,
    };
    let loading = start.elapsed().as_secs_f64();
    let device = recburn::pick_device(Some("flex"))?;
    let mut model = experiment.network(&prepared, &device)?;
    let meter = Meter::default();
    let mut trainer = experiment.trainer().with(meter.clone());
    experiment.fit(&mut trainer, &mut model, &prepared)?;
    let metrics = prepared.metrics(&model)?;
    let seconds = start.elapsed().as_secs_f64();
    let training: f64 = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.seconds)
        .sum();
    let epochs = meter.epochs();
    let train_rows = prepared.train.len();
    Ok(Figures {
        job: job.to_string(),
        data: experiment.training.data,
        train_rows,
        seconds,
        cpu_seconds: cpu_seconds()?,
        loading,
        training,
        ratings_per_second: (epochs.len() * train_rows) as f64 / training,
        slowest_later: slowest_later(&epochs),
        valid_rmse: metrics.rmse,
        peak_megabytes: peak_megabytes()?,
        epochs,
    })
}
