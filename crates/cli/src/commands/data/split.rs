//! `recburn data split`.

use super::Source;
use crate::commands::opening::seed_of;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::data::{SplitKind, thousands};
use serde::Serialize;
use std::path::PathBuf;

const SPLIT_HELP: &str = "\
Example:
  recburn data split ml-100k --split by-user:0.8 --out out/split

train.csv and valid.csv (and test.csv, for a split such as fraction:0.8/0.1/0.1) hold the raw ids
and the rows that recburn assigns to them, so that another library can be run on exactly the same
parts.";

/// Write the parts of a split as CSV
#[derive(Args)]
#[command(after_help = SPLIT_HELP)]
pub struct Split {
    #[command(flatten)]
    source: Source,
    /// fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1 or fold:1/5;
    /// by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 and so on for a
    /// test part
    #[arg(long, value_name = "SPLIT", default_value = "fraction:0.8")]
    split: String,
    /// Seed of a random split [default: 42]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The folder for the files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Parted<'a> {
    files: Vec<PathBuf>,
    train_rows: usize,
    valid_rows: usize,
    test_rows: usize,
    split: &'a str,
    seed: u64,
}

impl Split {
    pub fn run(&self, output: &Output) -> Result<()> {
        let kind: SplitKind = self.split.parse()?;
        if kind == SplitKind::None {
            return Err(wrong(
                "--split none leaves nothing to split: use, for example, fraction:0.8",
            ));
        }
        let seed = seed_of(&kind, self.seed)?;
        let dataset = self.source.open(output)?;
        let split = dataset.split(&kind, seed)?;
        let mut files = dataset.save_split(&split, &self.out)?.to_vec();
        let mut rows = vec![split.train.len(), split.valid.len()];
        if !split.test.is_empty() {
            files.push(self.out.join("test.csv"));
            rows.push(split.test.len());
        }
        let parts: Vec<String> = rows
            .iter()
            .zip(&files)
            .map(|(rows, file)| format!("{} ratings in {}", thousands(*rows), file.display()))
            .collect();
        let parted = Parted {
            train_rows: split.train.len(),
            valid_rows: split.valid.len(),
            test_rows: split.test.len(),
            split: &self.split,
            seed,
            files,
        };
        output.answer(&parted, parts.join(", "))
    }
}
