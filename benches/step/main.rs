//! Time per step of whole trainings: recburn, the same model in plain Burn, and the floor.
//!
//!     cargo bench --bench step
//!     cargo bench --bench step -- --cases A,C --threads 1 --json step.json
//!
//! `benches/README.md` says what the columns mean.

mod cases;
mod dense_burn;
mod exchange;
mod floor;
mod growth;
mod matmuls;
mod measure;
#[path = "../common/processor.rs"]
mod processor;
mod table;

use anyhow::{Context, bail};
use clap::Parser;
use measure::{Row, measure};
use std::path::PathBuf;
use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Time per step of whole trainings.
#[derive(Parser, Clone)]
pub struct Options {
    /// Cases to time, by name; all of them if left out.
    #[arg(long, value_delimiter = ',')]
    cases: Vec<String>,
    /// Implementations to time.
    #[arg(long, value_delimiter = ',', default_values = ["recburn", "autodiff", "floor", "dense"])]
    only: Vec<String>,
    /// Numbers of threads to time with.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
    threads: Vec<usize>,
    /// Seconds for each implementation of each case.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Write the table as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write the ratings of every case into this folder, for other programs, and stop.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Read them from there.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Draw how ratings per second change with table size, batch and factors, into this folder, and stop.
    #[arg(long)]
    growth: Option<PathBuf>,
    /// Time here instead of in a process for each number of threads.
    #[arg(long, hide = true)]
    here: bool,
    /// What cargo passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let known = cases::CASES.map(|case| case.name);
    if let Some(name) = options
        .cases
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        bail!("no case `{name}`; there are {}", known.join(", "));
    }
    let wanted =
        |name: &str| options.cases.is_empty() || options.cases.iter().any(|own| own == name);
    let cases: Vec<_> = cases::CASES
        .into_iter()
        .filter(|case| wanted(case.name))
        .collect();
    if let Some(folder) = &options.export {
        return cases
            .iter()
            .try_for_each(|case| exchange::write(case, folder));
    }
    if let Some(folder) = &options.growth {
        return growth::draw(folder, options.seconds);
    }
    let mut rows = Vec::new();
    for case in &cases {
        if options.here {
            rows.extend(measure(case, &options)?);
            continue;
        }
        for &threads in &options.threads {
            rows.extend(apart(case.name, threads, &options)?);
        }
    }
    if !options.here {
        println!("{}; microseconds per step", processor::processor()?);
        println!("{}", table::print(&rows));
    }
    if let Some(file) = &options.json {
        let text = serde_json::to_vec_pretty(&rows)?;
        recburn::files::write_whole(file, &text)?;
    }
    Ok(())
}

/// Times a case in a process of its own, which has so many threads and whatever memory it has from nobody else.
fn apart(case: &str, threads: usize, options: &Options) -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let json = folder.path().join("rows.json");
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--here", "--cases", case]);
    command.args(["--only", &options.only.join(",")]);
    command.args(["--seconds", &options.seconds.to_string()]);
    command.arg("--json").arg(&json);
    if let Some(data) = &options.data {
        command.arg("--data").arg(data);
    }
    command.env("RAYON_NUM_THREADS", threads.to_string());
    let status = command
        .status()
        .context("cannot start the timing process")?;
    if !status.success() {
        bail!("case {case} with {threads} threads failed: {status}");
    }
    Ok(serde_json::from_slice(&std::fs::read(json)?)?)
}
