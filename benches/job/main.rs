//! Whole jobs, each in a process of its own: from a file on disk to a model that has been evaluated, with peak memory.
//!
//!     cargo bench --bench job
//!     cargo bench --bench job -- --jobs ml-20m-shaped
//!     cargo bench --bench job -- --time-to 0.92 --file u.data
//!
//! `benches/README.md` says what each job is.

use anyhow::{Context, bail};
use clap::Parser;
use recburn::data::{Synthetic, open};
use recburn::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whole jobs: from a file to an evaluated model.
#[derive(Parser)]
struct Options {
    /// Jobs to run; those whose data are there if left out.
    #[arg(long, value_delimiter = ',')]
    jobs: Vec<String>,
    /// Runs of each; figures are medians.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Where ml-100k is, and where the large file is made.
    #[arg(long, env = "RECBURN_DATA")]
    data: Option<PathBuf>,
    /// Instead, train on --file until the validation error (RMSE) is at most this.
    #[arg(long, requires = "file")]
    time_to: Option<f64>,
    /// Ratings; for --time-to, `user item rating timestamp` lines, as in ml-100k's u.data.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Instead, open --file, or the large file where none is named, and print a line of JSON on it.
    #[arg(long)]
    open: bool,
    /// Factors of the model of --time-to.
    #[arg(long, default_value_t = 8)]
    factors: usize,
    /// Its learning rate.
    #[arg(long, default_value_t = 0.15)]
    rate: f64,
    /// Its batch.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Its penalty on factors.
    #[arg(long, default_value_t = 0.0016)]
    l2: f64,
    /// The penalty on its biases.
    #[arg(long, default_value_t = 0.0005)]
    bias_l2: f64,
    /// Seed of the split and of the start.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Run one job here.
    #[arg(long, hide = true)]
    here: Option<String>,
    /// What cargo passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a job took.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Figures {
    job: String,
    /// From opening the file to the last figure.
    seconds: f64,
    /// Opening and splitting.
    loading: f64,
    /// All epochs, without evaluation.
    training: f64,
    epochs: usize,
    ratings_per_second: f64,
    valid_rmse: f64,
    peak_megabytes: f64,
}

const LARGE: &str = "ml-20m-shaped";

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let (Some(target), Some(file)) = (options.time_to, &options.file) {
        return time_to(target, file, &options);
    }
    if options.open {
        return open_alone(&options);
    }
    if let Some(job) = &options.here {
        let figures = run(job, &options)?;
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    let jobs = if options.jobs.is_empty() {
        let real = options
            .data
            .as_ref()
            .is_some_and(|data| data.join("ml-100k").exists());
        let jobs = ["sample", "ml-100k", LARGE];
        jobs.into_iter()
            .filter(|job| *job != "ml-100k" || real)
            .map(String::from)
            .collect()
    } else {
        options.jobs.clone()
    };
    println!(
        "{:<14} {:>8} {:>8} {:>9} {:>7} {:>14} {:>8} {:>8}",
        "job", "seconds", "loading", "training", "epochs", "ratings per s", "rmse", "peak MB"
    );
    let mut all = Vec::new();
    for job in &jobs {
        let mut runs = (0..options.runs)
            .map(|_| apart(job, &options))
            .collect::<Result<Vec<_>, _>>()?;
        runs.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
        let figures = runs[runs.len() / 2].clone();
        println!(
            "{:<14} {:>8.2} {:>8.2} {:>9.2} {:>7} {:>14.0} {:>8.4} {:>8.0}",
            figures.job,
            figures.seconds,
            figures.loading,
            figures.training,
            figures.epochs,
            figures.ratings_per_second,
            figures.valid_rmse,
            figures.peak_megabytes
        );
        all.push(figures);
    }
    write_json(&options, &all)
}

fn write_json(options: &Options, figures: &impl Serialize) -> anyhow::Result<()> {
    if let Some(file) = &options.json {
        recburn::files::write_whole(file, &serde_json::to_vec_pretty(figures)?)?;
    }
    Ok(())
}

/// Runs a job in a process of its own, whose peak memory is the job's.
fn apart(job: &str, options: &Options) -> anyhow::Result<Figures> {
    if job == LARGE {
        large_file(options)?;
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--here", job, "--seed", &options.seed.to_string()]);
    if let Some(data) = &options.data {
        command.arg("--data").arg(data);
    }
    let output = command.output().context("cannot start the job")?;
    if !output.status.success() {
        bail!("{job} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("the job printed nothing")?;
    Ok(serde_json::from_str(line)?)
}

/// A made-up file of MovieLens 20M's shape, written once.
fn large_file(options: &Options) -> anyhow::Result<PathBuf> {
    let temporary = std::env::temp_dir();
    let folder = options
        .data
        .as_deref()
        .filter(|data| data.is_dir())
        .unwrap_or(&temporary);
    let file = folder.join("recburn-ml-20m-shaped").join("ratings.csv");
    if !file.exists() {
        eprintln!("writing 20 million ratings to {}", file.display());
        std::fs::create_dir_all(folder.join("recburn-ml-20m-shaped"))?;
        Synthetic::ml_20m().write_csv(&file)?;
    }
    Ok(file)
}

fn run(job: &str, options: &Options) -> anyhow::Result<Figures> {
    // What is opened, how it is split, and the notebook's model and training for it.
    let (data, preset, epochs) = match job {
        "sample" => ("sample".to_string(), "default", None),
        "ml-100k" => (job.to_string(), "100k", None),
        LARGE => (large_file(options)?.display().to_string(), "ml20m", Some(1)),
        other => bail!("no job `{other}`; there are sample, ml-100k, {LARGE}"),
    };
    let mut experiment = Experiment::preset("biased_mf", preset)?;
    experiment.training.data = data;
    experiment.seed = options.seed;
    if let Some(epochs) = epochs {
        experiment.training.phases.truncate(1);
        experiment.training.phases[0].epochs = epochs;
    }
    let start = Instant::now();
    let how = Open {
        data_dir: options.data.clone(),
        order: experiment.training.ids.parse()?,
        ..Open::default()
    };
    let dataset = open(&experiment.training.data, &how)?;
    let dims = (dataset.users.rows(), dataset.items.rows(), dataset.scale);
    let (_, mut split) =
        dataset.into_split(&experiment.training.split.parse()?, experiment.seed)?;
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
    let mut trainer = experiment.trainer();
    for phase in &experiment.training.phases {
        trainer.set_learning_rate(phase.learning_rate);
        trainer.fit(&mut model, &split.train, None, phase.epochs)?;
    }
    let scores = evaluate(&model, &split.valid, Loss::Mse);
    let seconds = start.elapsed().as_secs_f64();
    let epochs = &trainer.history().epochs;
    let training: f64 = epochs.iter().map(|epoch| epoch.seconds).sum();
    Ok(Figures {
        job: job.to_string(),
        seconds,
        loading,
        training,
        epochs: epochs.len(),
        ratings_per_second: (epochs.len() * split.train.len()) as f64 / training,
        valid_rmse: scores.rmse,
        peak_megabytes: peak_megabytes()?,
    })
}

/// Opens a file and does nothing else: what `benches/peers/loading.py` holds against other readers.
fn open_alone(options: &Options) -> anyhow::Result<()> {
    let file = match &options.file {
        Some(file) => file.clone(),
        None => large_file(options)?,
    };
    let start = Instant::now();
    let dataset = open(&file.display().to_string(), &Open::default())?;
    let seconds = start.elapsed().as_secs_f64();
    let figures = serde_json::json!({
        "file": file,
        "bytes": std::fs::metadata(&file)?.len(),
        "seconds": seconds,
        "rows": dataset.ratings.len(),
        "users": dataset.users.len(),
        "items": dataset.items.len(),
        "peak_megabytes": peak_megabytes()?,
    });
    println!("{figures}");
    Ok(())
}

/// The most memory that this process has held.
fn peak_megabytes() -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("peak memory is read from /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: f64 = line
        .context("no VmHWM")?
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()?;
    Ok(kilobytes / 1024.0)
}

/// From a file to a model of this validation error, with settings that were looked for on ml-100k.
fn time_to(target: f64, file: &Path, options: &Options) -> anyhow::Result<()> {
    let start = Instant::now();
    let dataset = open(&file.display().to_string(), &Open::default())?;
    let dims = Dims {
        users: dataset.users.rows(),
        items: dataset.items.rows(),
        scale: (dataset.scale.min, dataset.scale.max),
    };
    let (_, mut split) = dataset.into_split(&"fraction:0.8".parse()?, options.seed)?;
    let centre = Centre::of(&split.train);
    for part in [&mut split.train, &mut split.valid] {
        centre.apply(part);
    }
    let device = recburn::device(Some("flex"))?;
    let model = recburn::models::biased_mf::BiasedMf {
        factors: options.factors,
        l2: options.l2,
        bias_l2: options.bias_l2,
        initializer: Initializer::EMBEDDING,
    };
    let mut model = Network::new(model.graph(dims)?, options.seed, &device);
    // As LIBMF has it, whose sums start from the square of one example's gradient; ours is the mean of a batch.
    let rule = Rule::AdaGrad {
        initial_accumulator_value: (2.0 / options.batch as f64).powi(2),
        epsilon: 1e-12,
    };
    let mut trainer = Trainer::new(rule, options.rate)
        .batch(options.batch)
        .seed(options.seed)
        .mode(Mode::Touched);
    let mut rmse = f64::INFINITY;
    let (mut epochs, mut best) = (0, f64::INFINITY);
    while rmse > target && epochs < 30 {
        trainer.fit(&mut model, &split.train, None, 1)?;
        rmse = evaluate(&model, &split.valid, Loss::Mse).rmse;
        best = rmse.min(best);
        epochs += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let epoch_seconds: f64 = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.seconds)
        .sum();
    println!("of it epochs {epoch_seconds:.4} s, lowest error {best:.4}");
    println!(
        "{} after {epochs} epochs: validation rmse {rmse:.4} in {seconds:.4} s",
        file.display()
    );
    let figures = serde_json::json!({
        "seconds": (rmse <= target).then_some(seconds), "rmse": rmse, "epochs": epochs,
    });
    write_json(options, &figures)
}
