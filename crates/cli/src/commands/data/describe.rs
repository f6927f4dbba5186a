//! `recburn data describe`.

use super::Source;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::data::DatasetDescription;
use recburn::prelude::data_picture;
use std::path::{Path, PathBuf};

const DESCRIBE_HELP: &str = "\
Examples:
  recburn data describe ml-latest-small
  recburn data describe ratings.csv --filter 'users>=20' --picture out/ratings";

/// Show counts, density, scale, quartiles, histogram and time span, as text and as a picture
#[derive(Args)]
#[command(after_help = DESCRIBE_HELP)]
pub struct Describe {
    #[command(flatten)]
    source: Source,
    /// Draw it as PATH.svg and PATH.png
    #[arg(long, value_name = "PATH")]
    picture: Option<PathBuf>,
}

impl Describe {
    pub fn run(&self, output: &Output) -> Result<()> {
        let description: DatasetDescription = self.source.open(output)?.describe();
        let mut text = description.to_string();
        if let Some(path) = &self.picture {
            let folder = path.parent().unwrap_or(Path::new(""));
            let name = path.file_name().unwrap_or(path.as_os_str());
            data_picture(&description)?.save(folder, &name.to_string_lossy())?;
            text += &format!("\npicture: {0}.svg and {0}.png\n", path.display());
        }
        output.answer(&description, text)
    }
}
