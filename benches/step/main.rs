//! Time per step in whole training runs: recburn, the same model in plain Burn, and the floor.
//!
//!     cargo bench --bench step
//!     cargo bench --bench step -- --cases A,C --threads 1 --json step.json
//!
//! `benches/README.md` explains the columns.

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

/// Time per step in whole training runs.
#[derive(Parser, Clone)]
pub struct Options {
    /// Cases to time, by name [default: all].
    #[arg(long, value_delimiter = ',')]
    cases: Vec<String>,
    /// Implementations to time.
    #[arg(long, value_delimiter = ',', default_values = ["recburn", "autodiff", "floor", "dense"])]
    only: Vec<String>,
    /// Thread counts to time with.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
    threads: Vec<usize>,
    /// Seconds per implementation and case.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Write the table as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write the ratings of every case to this folder, for other programs, and stop.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Read the ratings from this folder.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Draw ratings per second as a function of table size, batch and factors, into this folder, and stop.
    #[arg(long)]
    growth: Option<PathBuf>,
    /// Time in this process instead of one process per thread count.
    #[arg(long, hide = true)]
    here: bool,
    /// Passed by cargo to every benchmark.
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
        bail!("no case `{name}`; the cases are {}", known.join(", "));
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

/// Times a case in its own process, with this many threads and fresh memory.
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
