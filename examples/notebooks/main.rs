//! The five Keras notebooks that recburn began with, cell by cell: docs/notebooks.md has the cells of Keras beside these.
//!
//!     cargo run --example notebooks                           all five on the embedded sample, at most three epochs a fit
//!     cargo run --example notebooks -- n001 --epochs 10 --data ml-latest-small
//!
//! Nothing here goes through presets: layers, optimizer and epochs are written out, as in the notebooks. The same runs as
//! recipes, compared with the notebooks' figures, are `recburn run biased_mf/small16` and so on.

mod n000;
mod n001;
mod n002;
mod n003;
mod n004;

use anyhow::Context;
use clap::Parser;
use recburn::files::write_whole;
use recburn::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Five Keras notebooks, cell by cell.
#[derive(Parser)]
struct Flags {
    /// Notebooks to run, of n000, n001, n002, n003 and n004 [default: all]
    #[arg(value_name = "NOTEBOOK")]
    notebooks: Vec<String>,
    /// A data set's name or a path
    #[arg(long, value_name = "NAME|PATH", default_value = "sample")]
    data: String,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// At most N epochs in each fit; the notebooks' own numbers go up to 250
    #[arg(long, value_name = "N", default_value_t = 3)]
    epochs: usize,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Folder for the report and the pictures
    #[arg(long, value_name = "DIR", default_value = "out/notebooks")]
    out: PathBuf,
}

/// What one model of a notebook came to.
#[derive(Serialize)]
struct Line {
    model: String,
    parameters: usize,
    epochs: usize,
    valid_loss: f64,
    rmse: f64,
    mae: f64,
}

/// What the notebooks share: where they run, and what they leave.
struct Run {
    flags: Flags,
    device: Device,
    lines: Vec<Line>,
}

impl Run {
    /// The data, with ids numbered in this order.
    fn open(&self, ids: IdOrder) -> anyhow::Result<Dataset> {
        let how = OpenOptions {
            order: ids,
            data_dir: self.flags.data_dir.clone(),
            ..OpenOptions::default()
        };
        Ok(how.open(&self.flags.data)?)
    }

    /// The notebook's number of epochs, or less with `--epochs`.
    fn epochs(&self, notebook: usize) -> usize {
        notebook.min(self.flags.epochs)
    }

    /// Keeps a picture of the curves and a line of the report; the metrics are in stars.
    fn keep(
        &mut self,
        name: &str,
        model: &Network,
        trainer: &Trainer,
        metrics: &RatingMetrics,
    ) -> anyhow::Result<()> {
        let history = trainer.history();
        let last = history.last().context("no epoch was trained")?;
        curves(history)?.save(&self.flags.out, name)?;
        let line = Line {
            model: name.to_string(),
            parameters: model.num_params(),
            epochs: last.epoch,
            valid_loss: last.valid_total().context("there is no validation part")?,
            rmse: metrics.rmse,
            mae: metrics.mae,
        };
        println!(
            "{name}: epochs {}, valid loss {:.4}, rmse {:.4}, mae {:.4}\n",
            line.epochs, line.valid_loss, line.rmse, line.mae
        );
        self.lines.push(line);
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    type Notebook = fn(&mut Run) -> anyhow::Result<()>;
    let all: [(&str, Notebook); 5] = [
        ("n000", n000::run),
        ("n001", n001::run),
        ("n002", n002::run),
        ("n003", n003::run),
        ("n004", n004::run),
    ];
    let flags = Flags::parse();
    let device = pick_device(flags.device.as_deref())?;
    println!("device: {}", device_name(&device));
    let asked = flags.notebooks.clone();
    let unknown = asked
        .iter()
        .find(|asked| !all.iter().any(|(name, _)| name == asked));
    if let Some(unknown) = unknown {
        anyhow::bail!("there is no notebook `{unknown}`: they are n000, n001, n002, n003, n004");
    }
    let mut run = Run {
        flags,
        device,
        lines: Vec::new(),
    };
    for (name, notebook) in all {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            println!("--- {name}");
            notebook(&mut run)?;
        }
    }
    let report = run.flags.out.join("report.json");
    write_whole(&report, &serde_json::to_vec_pretty(&run.lines)?)?;
    println!("report.json and pictures: {}", run.flags.out.display());
    Ok(())
}
