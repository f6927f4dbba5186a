//! `recburn evaluate --protocol`.

use crate::commands::experiment::set_options;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::protocol::{Card, Classical, Contestant, find};
use recburn::recipe::Recipe;
use recburn::{Experiment, Trained, pick_device};
use std::path::{Path, PathBuf};

/// A model under a protocol.
#[derive(Args)]
pub struct ByProtocol {
    /// Train and score a model by this protocol: see `recburn protocols`
    #[arg(long, value_name = "NAME")]
    pub protocol: Option<String>,
    /// The model: see `recburn models list`
    #[arg(
        long,
        value_name = "NAME",
        requires = "protocol",
        conflicts_with = "recipe"
    )]
    model: Option<String>,
    /// Named hyper-parameters of the model [default: default]
    #[arg(long, value_name = "NAME", requires = "model")]
    preset: Option<String>,
    /// A recipe, such as the winner of `recburn tune`, whose data and split are replaced by the protocol's
    #[arg(long, value_name = "FILE", requires = "protocol")]
    recipe: Option<PathBuf>,
    /// An option of the model, may be repeated; the value is JSON or a word
    #[arg(long, short = 'o', value_name = "NAME=VALUE", requires = "protocol")]
    option: Vec<String>,
    /// The seeds of the model, separated by commas; the split has its own
    #[arg(
        long,
        value_name = "N,N",
        value_delimiter = ',',
        default_value = "42",
        requires = "protocol"
    )]
    seeds: Vec<u64>,
    /// Write card.json and card.md into this folder
    #[arg(long, value_name = "DIR", requires = "protocol")]
    out: Option<PathBuf>,
}

impl ByProtocol {
    /// Trains and scores the model.
    pub fn run(
        &self,
        data_dir: Option<&Path>,
        device: Option<&str>,
        output: &Output,
    ) -> Result<()> {
        let mut experiment = match (&self.recipe, &self.model) {
            (Some(recipe), _) => Recipe::load(recipe)?.experiment(42),
            (None, Some(model)) => {
                Experiment::preset(model, self.preset.as_deref().unwrap_or("default"))?
            }
            (None, None) => return Err(wrong("--protocol requires --model or --recipe")),
        };
        set_options(&experiment.model, &mut experiment.options, &self.option)?;
        let contestant = contestant(experiment, device)?;
        let opened = find(self.protocol.as_deref().unwrap_or_default())?.open(data_dir)?;
        output.say(opened.protocol())?;
        let card = opened.run(&*contestant, &self.seeds, 0)?;
        if let Some(out) = &self.out {
            save(&card, out)?;
        }
        output.answer(&card, card.to_markdown())
    }
}

/// The contestant of an experiment.
pub fn contestant(experiment: Experiment, device: Option<&str>) -> Result<Box<dyn Contestant>> {
    Ok(match experiment.method()? {
        Some(method) => Box::new(Classical::new(method.name(), experiment.options)?),
        None => Box::new(Trained::new(experiment, pick_device(device)?)),
    })
}

/// Writes a card as JSON and as Markdown.
pub fn save(card: &Card, folder: &Path) -> Result<()> {
    card.save(folder.join("card.json"))?;
    Ok(recburn::files::write_whole(
        folder.join("card.md"),
        card.to_markdown().as_bytes(),
    )?)
}
