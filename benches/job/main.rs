//! Whole jobs, each in its own process: from a file on disk to an evaluated model, with the speed of every epoch and
//! peak memory.
//!
//!     cargo bench --bench job
//!     cargo bench --bench job -- --jobs biased_mf/small18 --data-dir ~/movielens
//!     cargo bench --bench job -- --jobs ml-20m-shaped
//!     cargo bench --bench job -- --time-to 0.92 --file u.data
//!
//! `benches/README.md` describes the jobs.

mod figures;
mod job;
mod large;
mod machine;
#[path = "../common/processor.rs"]
mod processor;
mod time_to;

use anyhow::{Context, bail};
use clap::Parser;
use figures::Figures;
use job::Job;
use serde::Serialize;
use std::path::PathBuf;
use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whole jobs: from a file to an evaluated model.
#[derive(Parser)]
struct Options {
    /// Jobs to run [default: all except the recipes of MovieLens 20M].
    #[arg(long, value_delimiter = ',')]
    jobs: Vec<String>,
    /// Runs of each job; the figures are those of the median run.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Epochs instead of a job's own number.
    #[arg(long)]
    epochs: Option<usize>,
    /// The folder that holds the MovieLens sets' folders.
    #[arg(long, env = "RECBURN_DATA")]
    data_dir: Option<PathBuf>,
    /// Instead, train on --file until the validation error (RMSE) is at most this.
    #[arg(long, requires = "file")]
    time_to: Option<f64>,
    /// Ratings; for --time-to, `user item rating timestamp` lines, as in ml-100k's u.data.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Instead, open --file, or the large file by default, and print a line of JSON about it.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    settings: time_to::Settings,
    /// Seed of the split and of the initial weights.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Run one job in this process.
    #[arg(long, hide = true)]
    here: Option<String>,
    /// Passed by cargo to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let (Some(target), Some(file)) = (options.time_to, &options.file) {
        let figures = time_to::time_to(target, file, &options)?;
        return write_json(&options, &figures);
    }
    if options.open {
        println!("{}", large::open_alone(&options)?);
        return Ok(());
    }
    if let Some(name) = &options.here {
        let figures = Job::find(name)?.run(&options)?;
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    let jobs = match options.jobs.as_slice() {
        [] => Job::all()?.into_iter().filter(Job::by_default).collect(),
        named => named
            .iter()
            .map(|name| Job::find(name))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let processor = processor::processor()?;
    println!("{processor}; medians of {}", options.runs);
    let mut all = Vec::new();
    for job in &jobs {
        let mut runs = (0..options.runs)
            .map(|_| apart(job, &options))
            .collect::<Result<Vec<_>, _>>()?;
        runs.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
        let figures = runs.swap_remove(runs.len() / 2);
        print!("\n{figures}");
        all.push(figures);
    }
    println!("\n{}", figures::table(&all));
    write_json(&options, &(processor, all))
}

fn write_json(options: &Options, figures: &impl Serialize) -> anyhow::Result<()> {
    if let Some(file) = &options.json {
        recburn::files::write_whole(file, &serde_json::to_vec_pretty(figures)?)?;
    }
    Ok(())
}

/// Runs a job in its own process, whose peak memory is that of the job.
fn apart(job: &Job, options: &Options) -> anyhow::Result<Figures> {
    if job.is_large() {
        large::file()?;
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--here", job.name(), "--seed", &options.seed.to_string()]);
    if let Some(epochs) = options.epochs {
        command.args(["--epochs", &epochs.to_string()]);
    }
    if let Some(folder) = &options.data_dir {
        command.arg("--data-dir").arg(folder);
    }
    let output = command.output().context("cannot start the job")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {said}", job.name());
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("the job printed nothing")?;
    Ok(serde_json::from_str(line)?)
}
