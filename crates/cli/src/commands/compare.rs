//! `recburn compare`.

use crate::commands::evaluate::contestant;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::protocol::{Card, Opened, compare, find};
use recburn::{Experiment, comparison_picture};
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn compare cards/ease cards/slim cards/bpr_mf --out cards/all
  recburn compare --protocol p1 ease slim popularity       models are trained and scored first
  recburn compare --protocol ml-100k-u svdpp/100k cards/bias.json

A card is a file, or a folder with card.json, as `recburn evaluate --protocol` writes it; a model
is MODEL or MODEL/PRESET. All must be of one protocol. The best model of each measure is tested
against each other one on the same users or folds, by the paired t test, the bootstrap and the sign
test; probabilities are corrected for the number of comparisons.";

/// Compare models under one protocol, and say which differences are noise
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Compare {
    /// Cards, and models if --protocol is given
    #[arg(value_name = "CARD|MODEL", required = true, num_args = 2..)]
    what: Vec<String>,
    /// The protocol by which models are trained and scored
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// The seeds of the models, separated by commas
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "42")]
    seeds: Vec<u64>,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Write comparison.json, comparison.md and a picture into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Compare {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let mut opened: Option<Opened> = None;
        let mut cards = Vec::new();
        for what in &self.what {
            cards.push(match card_file(what) {
                Some(file) => Card::load(file)?,
                None => self.scored(what, &mut opened, output)?,
            });
        }
        let comparison = compare(&cards)?;
        if let Some(out) = &self.out {
            let json = serde_json::to_vec_pretty(&comparison)?;
            recburn::files::write_whole(out.join("comparison.json"), &json)?;
            let text = comparison.to_markdown();
            recburn::files::write_whole(out.join("comparison.md"), text.as_bytes())?;
            comparison_picture(&comparison)?.save(out, "comparison")?;
        }
        output.answer(&comparison, comparison.to_markdown())
    }

    /// The card of a model, which is trained for it.
    fn scored(&self, model: &str, opened: &mut Option<Opened>, output: &Output) -> Result<Card> {
        let Some(protocol) = &self.protocol else {
            return Err(wrong(format!(
                "`{model}` is not a card; to train and score a model, give --protocol"
            )));
        };
        let (name, preset) = model.split_once('/').unwrap_or((model, "default"));
        let contestant = contestant(Experiment::preset(name, preset)?, self.device.as_deref())?;
        let opened = match opened {
            Some(opened) => opened,
            None => opened.insert(find(protocol)?.open(self.data_dir.as_deref())?),
        };
        let card = opened.run(&*contestant, &self.seeds, 0)?;
        output.say(format_args!(
            "{model}: fitted in {:.2} s",
            card.fit_seconds()
        ))?;
        Ok(card)
    }
}

/// The file of a card that is named directly or by its folder.
fn card_file(what: &str) -> Option<PathBuf> {
    let path = Path::new(what);
    let inside = path.join("card.json");
    match (inside.is_file(), path.is_file()) {
        (true, _) => Some(inside),
        (_, true) => Some(path.to_path_buf()),
        _ if path.extension().is_some() => Some(path.to_path_buf()), // the error names it
        _ => None,
    }
}
