//! Jobs on synthetic ratings at the size of MovieLens 20M.

use crate::Options;
use crate::machine::peak_megabytes;
use recburn::data::Synthetic;
use recburn::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A large job.
pub struct Kind {
    pub name: &'static str,
    /// The experiment, except for the data.
    experiment: fn() -> anyhow::Result<Experiment>,
}

impl Kind {
    /// One epoch over the synthetic file.
    pub fn experiment(&self) -> anyhow::Result<Experiment> {
        let mut experiment = (self.experiment)()?;
        experiment.training.data = file()?.display().to_string();
        experiment.set_epochs(1);
        Ok(experiment)
    }
}

pub const KINDS: [Kind; 2] = [
    Kind {
        name: "ml-20m-shaped",
        experiment: || Ok(Experiment::preset("biased_mf", "ml20m")?),
    },
    // All weights decay, including those of rows outside the batch, but the cost of a step depends on the batch.
    Kind {
        name: "ml-20m-adamw",
        experiment: || {
            let mut experiment = wide()?;
            experiment.training.rule = Rule::ADAMW;
            Ok(experiment)
        },
    },
];

/// 138,493 x 26,744 rows of 50 factors, with a batch size typical for such tables.
fn wide() -> anyhow::Result<Experiment> {
    let mut experiment = Experiment::preset("biased_mf", "ml20m")?;
    experiment.options["factors"] = json!(50);
    experiment.training.ids = "first_sight".to_string();
    experiment.training.batch = 1024;
    for phase in &mut experiment.training.phases {
        phase.learning_rate = 0.001;
    }
    Ok(experiment)
}

/// A synthetic file in the shape of MovieLens 20M, written once.
pub fn file() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ml-20m-shaped");
    let file = folder.join("ratings.csv");
    if !file.exists() {
        eprintln!("writing 20 million ratings to {}", file.display());
        std::fs::create_dir_all(folder)?;
        Synthetic::ml_20m().write_csv(&file)?;
    }
    Ok(file)
}

/// Only opens a file; `benches/peers/loading.py` compares this with other readers.
pub fn open_alone(options: &Options) -> anyhow::Result<Value> {
    let file = match &options.file {
        Some(file) => file.clone(),
        None => file()?,
    };
    let start = Instant::now();
    let dataset = Dataset::open(&file.display().to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({
        "file": file,
        "bytes": std::fs::metadata(&file)?.len(),
        "seconds": seconds,
        "rows": dataset.ratings.len(),
        "users": dataset.users.len(),
        "items": dataset.items.len(),
        "peak_megabytes": peak_megabytes()?,
    }))
}
