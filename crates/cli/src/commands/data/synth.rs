//! `recburn data synth`.

use crate::exit::wrong;
use crate::output::{Output, thousands};
use anyhow::Result;
use clap::Args;
use recburn::data::Synthetic;
use recburn_fetch::catalogue;
use serde::Serialize;
use std::path::{Path, PathBuf};

const SYNTH_HELP: &str = "\
Examples:
  recburn data synth --like ml-20m --out synthetic.csv
  recburn data synth --users 1000 --items 500 --ratings 50000 --seed 7 --out small.csv";

/// Make up ratings of any size
#[derive(Args)]
#[command(after_help = SYNTH_HELP)]
pub struct Synth {
    /// In the shape of this data set
    #[arg(long, value_name = "NAME", conflicts_with_all = ["users", "items", "ratings"])]
    like: Option<String>,
    /// How many users
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    users: usize,
    /// How many items
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    items: usize,
    /// How many ratings
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    ratings: usize,
    /// Of everything random
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// The CSV to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Made<'a> {
    file: &'a Path,
    users: usize,
    items: usize,
    ratings: usize,
    seed: u64,
}

impl Synth {
    pub fn run(&self, output: &Output) -> Result<()> {
        let shape = match self.like.as_deref() {
            None => Synthetic::of(self.users, self.items, self.ratings),
            Some("ml-20m") => Synthetic::ml_20m(),
            Some(name) => {
                let entry = catalogue().iter().find(|entry| entry.name == name);
                let entry = entry.ok_or_else(|| {
                    let names: Vec<_> = catalogue().iter().map(|entry| entry.name).collect();
                    wrong(format!(
                        "no data set `{name}` is known; there are {}",
                        names.join(", ")
                    ))
                })?;
                Synthetic::of(
                    entry.users as usize,
                    entry.items as usize,
                    entry.ratings as usize,
                )
            }
        };
        let shape = Synthetic {
            seed: self.seed,
            ..shape
        };
        shape.write_csv(&self.out)?;
        let made = Made {
            file: &self.out,
            users: shape.users,
            items: shape.items,
            ratings: shape.ratings,
            seed: shape.seed,
        };
        let text = format!(
            "{} made-up ratings of {} items by {} users, in {}",
            thousands(shape.ratings as u64),
            thousands(shape.items as u64),
            thousands(shape.users as u64),
            self.out.display()
        );
        output.answer(&made, text)
    }
}
