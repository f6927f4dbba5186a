//! `recburn data synth`.

use crate::output::{Output, place};
use anyhow::Result;
use clap::Args;
use recburn::data::{Synthetic, thousands};
use recburn_fetch::{FetchError, find};
use serde::Serialize;
use std::path::{Path, PathBuf};

const SYNTH_HELP: &str = "\
Examples:
  recburn data synth --like ml-20m --out synthetic.csv
  recburn data synth --users 1000 --items 500 --ratings 50000 --seed 7 --out small.csv";

/// Generate synthetic ratings of any size
#[derive(Args)]
#[command(after_help = SYNTH_HELP)]
pub struct Synth {
    /// In the shape of this data set
    #[arg(long, value_name = "NAME", conflicts_with_all = ["users", "items", "ratings"])]
    like: Option<String>,
    /// Number of users
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    users: usize,
    /// Number of items
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    items: usize,
    /// Number of ratings
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    ratings: usize,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// The CSV to write; `-` is standard output
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
            Some(name) => shape_of(name)?,
        };
        let shape = Synthetic {
            seed: self.seed,
            ..shape
        };
        let output = output.next_to(&self.out);
        shape.write_csv(&self.out)?;
        let made = Made {
            file: &self.out,
            users: shape.users,
            items: shape.items,
            ratings: shape.ratings,
            seed: shape.seed,
        };
        let text = format!(
            "{} synthetic ratings of {} items by {} users, in {}",
            thousands(shape.ratings),
            thousands(shape.items),
            thousands(shape.users),
            place(&self.out)
        );
        output.answer(&made, text)
    }
}

/// Synthetic ratings in the shape of a public data set.
pub fn shape_of(name: &str) -> Result<Synthetic, FetchError> {
    let entry = find(name)?;
    let count = |count: u64| count as usize;
    Ok(match entry.name {
        "ml-20m" => Synthetic::ml_20m(), // with the gaps that its item ids have
        _ => Synthetic::of(count(entry.users), count(entry.items), count(entry.ratings)),
    })
}
