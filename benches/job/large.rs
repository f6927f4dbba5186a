//! Jobs at the size of MovieLens 20M, whose ratings are made up, and held once.

use crate::Options;
use crate::figures::{Figures, Meter, slowest_later};
use crate::machine::{cpu_seconds, peak_megabytes};
use recburn::data::{Synthetic, open};
use recburn::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// One of them.
pub struct Kind {
    pub name: &'static str,
    /// What is trained, for one epoch.
    experiment: fn() -> anyhow::Result<Experiment>,
}

pub const KINDS: [Kind; 2] = [
    Kind {
        name: "ml-20m-shaped",
        experiment: || Ok(Experiment::preset("biased_mf", "ml20m")?),
    },
    // Weights decay, and so do those of rows at rest, but a step costs its batch.
    Kind {
        name: "ml-20m-adamw",
        experiment: || {
            let mut experiment = wide()?;
            experiment.training.rule = Rule::ADAMW;
            Ok(experiment)
        },
    },
];

/// 138,493 x 26,744 rows of 50 factors, as large a batch as that size is trained with.
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

/// A made-up file of MovieLens 20M's shape, written once.
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

pub fn run(kind: &Kind, options: &Options) -> anyhow::Result<Figures> {
    let mut experiment = (kind.experiment)()?;
    experiment.seed = options.seed;
    experiment.set_epochs(options.epochs.unwrap_or(1));
    let file = file()?.display().to_string();
    let start = Instant::now();
    let how = Open {
        order: experiment.order()?,
        ..Open::default()
    };
    let dataset = open(&file, &how)?;
    let dims = (dataset.users.rows(), dataset.items.rows(), dataset.scale);
    let (_, mut split) = dataset.into_split(&experiment.split()?, experiment.seed)?;
    let centre = match experiment.training.centre {
        true => Centre::of(&split.train),
        false => Centre::none(),
    };
    // In place: at this size a copy is a good part of the memory.
    for part in [&mut split.train, &mut split.valid] {
        part.timestamps = None;
        centre.apply(part);
    }
    let loading = start.elapsed().as_secs_f64();
    let device = recburn::device(Some("flex"))?;
    let dims = Dims {
        users: dims.0,
        items: dims.1,
        scale: (dims.2.min - centre.mean, dims.2.max - centre.mean),
    };
    let graph = find(&experiment.model)?.graph(&experiment.options, dims)?;
    let mut model = Network::new(graph, experiment.seed, &device);
    let meter = Meter::default();
    let mut trainer = experiment.trainer().with(meter.clone());
    for phase in &experiment.training.phases {
        trainer.set_learning_rate(phase.learning_rate);
        trainer.fit(&mut model, &split.train, None, phase.epochs)?;
    }
    let valid_rmse = evaluate(&model, &split.valid, Loss::Mse).rmse;
    let seconds = start.elapsed().as_secs_f64();
    let history = trainer.history();
    let training: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
    let (epochs, train_rows) = (meter.epochs(), split.train.len());
    Ok(Figures {
        job: kind.name.to_string(),
        data: file,
        train_rows,
        seconds,
        cpu_seconds: cpu_seconds()?,
        loading,
        training,
        ratings_per_second: (epochs.len() * train_rows) as f64 / training,
        slowest_later: slowest_later(&epochs),
        valid_rmse,
        peak_megabytes: peak_megabytes()?,
        epochs,
    })
}

/// Opens a file and does nothing else: what `benches/peers/loading.py` holds against other readers.
pub fn open_alone(options: &Options) -> anyhow::Result<Value> {
    let file = match &options.file {
        Some(file) => file.clone(),
        None => file()?,
    };
    let start = Instant::now();
    let dataset = open(&file.display().to_string(), &Open::default())?;
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
