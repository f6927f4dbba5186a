//! The flags that say how files of ratings are opened.

use anyhow::Result;
use clap::Args;
use recburn::data::{BadLines, Open, Repeats};
use std::path::PathBuf;

/// How files are opened.
#[derive(Args)]
pub struct Opening {
    /// Which column holds what, where the file does not tell: user=who,item=what,rating=stars (names, or numbers from 1);
    /// timestamp=, delimiter=, header= and encoding= may be added
    #[arg(long, value_name = "COLUMNS")]
    pub columns: Option<String>,
    /// A file with titles and genres, where it is not next to the ratings
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// What becomes of lines that cannot be read: stop, or skip them, with a count and the first few shown
    #[arg(long, value_name = "stop|skip", default_value_t)]
    pub bad_lines: BadLines,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Opening {
    /// With ids in this order.
    pub fn how(&self, ids: &str) -> Result<Open> {
        let columns = self.columns.as_deref().map(str::parse).transpose()?;
        Ok(Open {
            order: ids.parse()?,
            data_dir: self.data_dir.clone(),
            columns,
            items: self.items.clone(),
            bad_lines: self.bad_lines,
            ..Open::default()
        })
    }
}

/// The filter with what becomes of repeated pairs ahead of it.
pub fn with_repeats(repeats: Option<Repeats>, filter: Option<&str>) -> Option<String> {
    let repeats = repeats.filter(|repeats| *repeats != Repeats::Keep);
    match (repeats, filter) {
        (Some(repeats), Some(filter)) => Some(format!("repeats={repeats},{filter}")),
        (Some(repeats), None) => Some(format!("repeats={repeats}")),
        (None, filter) => filter.map(str::to_string),
    }
}
