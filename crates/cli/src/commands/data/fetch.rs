//! `recburn data fetch`.

use super::Folder;
use super::bar::Bar;
use crate::output::{Output, bold};
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use recburn_fetch::{Entry, Options, fetch, find};
use serde::Serialize;
use std::path::PathBuf;

const FETCH_HELP: &str = "\
Examples:
  recburn data fetch ml-latest-small
  recburn data fetch ml-100k ml-1m --data-dir ~/movielens

Size and published checksum are verified. An interrupted download is resumed; a data set appears
whole or not at all.";

/// Fetch public data sets by name
#[derive(Args)]
#[command(after_help = FETCH_HELP)]
pub struct Fetch {
    /// Names of data sets: see `recburn data list`
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
    pub fn run(&self, output: &Output) -> Result<()> {
        // An unknown name is reported before anything is fetched.
        let entries = self.names.iter().map(|name| find(name));
        let entries: Vec<&Entry> = entries.collect::<Result<_, _>>()?;
        let folder = self.folder.path();
        let mut fetched = Vec::new();
        for entry in entries {
            let (name, megabytes) = (bold(entry.name), entry.bytes as f64 / 1e6);
            output.say(format_args!(
                "{name}: {} ratings, {megabytes:.1} MB\nlicence: {}\nplease cite: {}",
                thousands(entry.ratings as usize),
                entry.licence,
                entry.citation
            ))?;
            let mut bar = Bar::new(*output);
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
