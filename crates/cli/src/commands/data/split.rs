//! `recburn data split`.

use super::Source;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use serde::Serialize;
use std::path::PathBuf;

const SPLIT_HELP: &str = "\
Example:
  recburn data split ml-100k --split by-user:0.8 --out out/split

train.csv and valid.csv have the raw ids and the rows that recburn gives them, so that another library can be run on
the very same parts.";

/// Write the two parts of a split as CSV
#[derive(Args)]
#[command(after_help = SPLIT_HELP)]
pub struct Split {
    #[command(flatten)]
    source: Source,
    /// fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1 or fold:1/5
    #[arg(long, value_name = "SPLIT", default_value = "fraction:0.8")]
    split: String,
    /// Of the split
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// The folder for both files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Parted<'a> {
    files: [PathBuf; 2],
    train_rows: usize,
    valid_rows: usize,
    split: &'a str,
    seed: u64,
}

impl Split {
    pub fn run(&self, output: &Output) -> Result<()> {
        let dataset = self.source.open(output)?;
        let split = dataset.split(&self.split.parse()?, self.seed)?;
        let files = dataset.save_split(&split, &self.out)?;
        let parted = Parted {
            train_rows: split.train.len(),
            valid_rows: split.valid.len(),
            split: &self.split,
            seed: self.seed,
            files,
        };
        let text = format!(
            "{} ratings in {}, {} in {}",
            thousands(parted.train_rows),
            parted.files[0].display(),
            thousands(parted.valid_rows),
            parted.files[1].display()
        );
        output.answer(&parted, text)
    }
}
