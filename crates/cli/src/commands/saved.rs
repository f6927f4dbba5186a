//! The flags of commands that ask a saved model.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::recommender::Recommender;
use recburn::{device, device_name};
use std::path::PathBuf;

/// Which saved model, and on what it runs.
#[derive(Args)]
pub struct Saved {
    /// The folder of a saved model, such as out/biased_mf/model
    #[arg(value_name = "MODEL")]
    pub folder: PathBuf,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
}

impl Saved {
    /// Reads it.
    pub fn load(&self) -> Result<Recommender> {
        let device = device(self.device.as_deref())?;
        Ok(Recommender::load(&self.folder, &device)?)
    }

    /// Reads it, and says what runs.
    pub fn load_aloud(&self, output: &Output) -> Result<Recommender> {
        let device = device(self.device.as_deref())?;
        output.say(format_args!("device: {}", device_name(&device)))?;
        Ok(Recommender::load(&self.folder, &device)?)
    }
}

/// A list's entry as a row of a table: its number, its score, its title, its id, its genres.
pub fn row(number: usize, score: f32, title: &str, id: &str, genres: &[String]) -> Vec<String> {
    vec![
        number.to_string(),
        format!("{score:.3}"),
        title.to_string(),
        id.to_string(),
        genres.join(", "),
    ]
}
