//! `recburn data`.

use crate::commands::opening::{Opening, with_repeats};
use crate::output::Output;
use anyhow::Result;
use clap::{Args, Subcommand};
use recburn::data::{Dataset, Filter, Repeats};
use std::path::PathBuf;

mod bar;
mod crosstab;
mod describe;
mod fetch;
mod list;
mod split;
mod synth;

pub use synth::shape_of;

/// Data sets: list, fetch, describe, crosstab, split, synth
#[derive(Subcommand)]
pub enum Data {
    /// List the public data sets, and which of them are here
    List(list::List),
    /// Fetch public data sets by name
    Fetch(fetch::Fetch),
    /// Show counts, density, scale, quartiles, histogram and time span, as text and as a picture
    Describe(describe::Describe),
    /// Cross-tabulate the most active users and the most rated items
    Crosstab(crosstab::Crosstab),
    /// Write the parts of a split as CSV
    Split(split::Split),
    /// Generate synthetic ratings of any size
    Synth(synth::Synth),
}

impl Data {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        match self {
            Self::List(command) => command.run(output),
            Self::Fetch(command) => command.run(output),
            Self::Describe(command) => command.run(output),
            Self::Crosstab(command) => command.run(output),
            Self::Split(command) => command.run(output),
            Self::Synth(command) => command.run(output),
        }
    }
}

/// Where data sets are kept.
#[derive(Args)]
struct Folder {
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Folder {
    fn path(&self) -> PathBuf {
        let variable = || std::env::var_os("RECBURN_DATA").map(PathBuf::from);
        let folder = self.data_dir.clone().or_else(variable);
        folder.unwrap_or_else(|| PathBuf::from("datasets"))
    }
}

/// Which data set, and which of its ratings.
#[derive(Args)]
struct Source {
    /// A data set's name or path
    #[arg(value_name = "NAME|PATH", default_value = "sample")]
    data: String,
    /// Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]
    #[arg(long, value_name = "POLICY")]
    repeats: Option<Repeats>,
    /// How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)
    #[arg(long, value_name = "ORDER", default_value = "first_sight")]
    ids: String,
    #[command(flatten)]
    opening: Opening,
}

impl Source {
    fn open(&self, output: &Output) -> Result<Dataset> {
        self.opening.check(Some(&self.data))?;
        let dataset = self.opening.how(&self.ids)?.open(&self.data)?;
        output.warn(&dataset.warnings)?;
        let Some(filter) = with_repeats(self.repeats, self.filter.as_deref()) else {
            return Ok(dataset);
        };
        let (dataset, filtered) = filter.parse::<Filter>()?.apply(&dataset)?;
        output.say(format_args!("{filtered}\n"))?;
        Ok(dataset)
    }
}
