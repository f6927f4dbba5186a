//! `recburn data`.

use crate::commands::opening::Opening;
use crate::exit::wrong;
use crate::output::{Output, bold, table, thousands};
use anyhow::Result;
use clap::{Args, Subcommand};
use recburn::data::{DatasetDescription, Synthetic};
use recburn::prelude::*;
use recburn_fetch::{Entry, Options, catalogue, fetch, find};
use serde::Serialize;
use std::path::{Path, PathBuf};

mod bar;

/// Data sets: list, fetch, describe, crosstab, split, synth
#[derive(Subcommand)]
pub enum Data {
    /// List the public data sets, and which of them are here
    List(List),
    /// Fetch public data sets by name
    Fetch(Fetch),
    /// Counts, density, scale, quartiles, histogram, time span; as text and as a picture
    Describe(Describe),
    /// The most active users against the most rated items
    Crosstab(Cross),
    /// Write the two parts of a split as CSV
    Split(SplitFiles),
    /// Make up ratings of any size
    Synth(Synth),
}

impl Data {
    /// Does it.
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

/// Where data sets are put.
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

/// Which data set, and what of it.
#[derive(Args)]
struct Source {
    /// A data set's name or path
    #[arg(value_name = "NAME|PATH", default_value = "sample")]
    data: String,
    /// Which ratings take part: rating>=4,users>=5,items>=5[,repeat]
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// How raw ids become rows: first_sight, sorted or raw
    #[arg(long, value_name = "ORDER", default_value = "first_sight")]
    ids: String,
    #[command(flatten)]
    opening: Opening,
}

impl Source {
    fn open(&self, output: &Output) -> Result<Dataset> {
        let dataset = open(&self.data, &self.opening.how(&self.ids)?)?;
        let Some(filter) = &self.filter else {
            return Ok(dataset);
        };
        let (dataset, filtered) = filter.parse::<recburn::data::Filter>()?.apply(&dataset)?;
        output.say(format_args!("{filtered}\n"))?;
        Ok(dataset)
    }
}

/// List the public data sets, and which of them are here
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    folder: Folder,
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    ratings: u64,
    users: u64,
    items: u64,
    bytes: u64,
    url: &'static str,
    licence: &'static str,
    citation: &'static str,
    here: bool,
}

impl List {
    fn run(&self, output: &Output) -> Result<()> {
        let folder = self.folder.path();
        let listed = catalogue().iter().map(|entry| Listed {
            name: entry.name,
            ratings: entry.ratings,
            users: entry.users,
            items: entry.items,
            bytes: entry.bytes,
            url: entry.url,
            licence: entry.licence,
            citation: entry.citation,
            here: folder.join(entry.folder).is_dir(),
        });
        let listed: Vec<Listed> = listed.collect();
        let heading = ["name", "ratings", "users", "items", "download", "here"];
        let mut rows = vec![heading.map(str::to_string).to_vec()];
        for set in &listed {
            rows.push(vec![
                set.name.to_string(),
                thousands(set.ratings),
                thousands(set.users),
                thousands(set.items),
                format!("{:.1} MB", set.bytes as f64 / 1e6),
                if set.here { "yes" } else { "" }.to_string(),
            ]);
        }
        let text = format!(
            "{}\n`sample` is built in. `recburn data fetch NAME` puts a set into {}; `--json` has licences and citations.",
            table(&rows),
            folder.display()
        );
        output.answer(&listed, text)
    }
}

const FETCH_HELP: &str = "\
Examples:
  recburn data fetch ml-latest-small
  recburn data fetch ml-100k ml-1m --data-dir ~/movielens

Size and published checksum are verified. What was cut off is gone on with; a data set appears whole or not at all.";

/// Fetch public data sets by name
#[derive(Args)]
#[command(after_help = FETCH_HELP)]
pub struct Fetch {
    /// Their names: see `recburn data list`
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    folder: Folder,
}

#[derive(Serialize)]
struct Fetched<'a> {
    name: &'a str,
    folder: PathBuf,
}

impl Fetch {
    fn run(&self, output: &Output) -> Result<()> {
        // A wrong name is told before anything is fetched.
        let entries = self.names.iter().map(|name| find(name));
        let entries: Vec<&Entry> = entries.collect::<Result<_, _>>()?;
        let folder = self.folder.path();
        let mut fetched = Vec::new();
        for entry in entries {
            let (name, megabytes) = (bold(entry.name), entry.bytes as f64 / 1e6);
            output.say(format_args!(
                "{name}: {} ratings, {megabytes:.1} MB\nlicence: {}\nplease cite: {}",
                thousands(entry.ratings),
                entry.licence,
                entry.citation
            ))?;
            let mut bar = bar::Bar::default();
            let there = fetch(entry, &folder, &Options::default(), &mut |progress| {
                bar.show(progress)
            });
            bar.finish();
            let there = there?;
            output.say(format_args!("{} is in {}\n", entry.name, there.display()))?;
            fetched.push(Fetched {
                name: entry.name,
                folder: there,
            });
        }
        match output.is_json() {
            true => output.answer(&fetched, ""),
            false => Ok(()),
        }
    }
}

const DESCRIBE_HELP: &str = "\
Examples:
  recburn data describe ml-latest-small
  recburn data describe ratings.csv --filter 'users>=20' --picture out/ratings    writes out/ratings.svg and .png";

/// Counts, density, scale, quartiles, histogram, time span; as text and as a picture
#[derive(Args)]
#[command(after_help = DESCRIBE_HELP)]
pub struct Describe {
    #[command(flatten)]
    source: Source,
    /// Draw it, as PATH.svg and PATH.png
    #[arg(long, value_name = "PATH")]
    picture: Option<PathBuf>,
}

impl Describe {
    fn run(&self, output: &Output) -> Result<()> {
        let description: DatasetDescription = self.source.open(output)?.describe();
        let mut text = description.to_string();
        if let Some(path) = &self.picture {
            let folder = path.parent().unwrap_or(Path::new(""));
            let name = path.file_name().unwrap_or(path.as_os_str());
            data_picture(&description)?.save(folder, &name.to_string_lossy())?;
            text += &format!("\nthe picture is in {0}.svg and {0}.png\n", path.display());
        }
        output.answer(&description, text)
    }
}

const CROSSTAB_HELP: &str = "\
Example:
  recburn data crosstab ml-latest-small --count 15";

/// The most active users against the most rated items
#[derive(Args)]
#[command(after_help = CROSSTAB_HELP)]
pub struct Cross {
    #[command(flatten)]
    source: Source,
    /// How many of each
    #[arg(long, short = 'n', value_name = "N", default_value_t = 15)]
    count: usize,
}

impl Cross {
    fn run(&self, output: &Output) -> Result<()> {
        let crosstab = self.source.open(output)?.crosstab(self.count);
        output.answer(&crosstab, &crosstab)
    }
}

const SPLIT_HELP: &str = "\
Example:
  recburn data split ml-100k --split by-user:0.8 --out out/split

train.csv and valid.csv have the raw ids and the rows that recburn gives them, so that another library can be run on
the very same parts.";

/// Write the two parts of a split as CSV
#[derive(Args)]
#[command(after_help = SPLIT_HELP)]
pub struct SplitFiles {
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

impl SplitFiles {
    fn run(&self, output: &Output) -> Result<()> {
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
            thousands(parted.train_rows as u64),
            parted.files[0].display(),
            thousands(parted.valid_rows as u64),
            parted.files[1].display()
        );
        output.answer(&parted, text)
    }
}

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
    fn run(&self, output: &Output) -> Result<()> {
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
