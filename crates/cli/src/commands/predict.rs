//! `recburn predict`.

use crate::commands::lists::untrained;
use crate::commands::opening::Opening;
use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::{Output, place};
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use recburn::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn predict out/biased_mf/model --user 1 --item 318
  recburn predict out/biased_mf/model --data ratings.csv --out predictions.csv

The CSV has one row per row of the data, in the same order: user, item, rating, predicted, clipped.
The data need no ratings: the column is then empty. If the model does not know the user or the
item, the last two are empty. Ids may begin with a dash.";

/// Predict the rating of a pair, or of every pair in a file
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Predict {
    #[command(flatten)]
    saved: Saved,
    /// A user's id, as in the data
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    user: Option<String>,
    /// An item's id, as in the data
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    item: Option<String>,
    /// Predict every pair of this data set or file
    #[arg(
        long,
        value_name = "NAME|PATH",
        conflicts_with = "user",
        requires = "out"
    )]
    data: Option<String>,
    /// The CSV to write; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    opening: Opening,
}

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    rows: usize,
    unknown_rows: usize,
    /// Rows whose user or item the model knows, but has learnt nothing about.
    untrained_rows: usize,
}

impl Predict {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        self.opening.check(self.data.as_deref())?;
        match (&self.user, &self.item, &self.data, &self.out) {
            (Some(user), Some(item), None, None) => self.pair(user, item, output),
            (None, None, Some(data), Some(out)) => self.all(data, out, output),
            _ => Err(wrong("give --user and --item, or --data and --out")),
        }
    }

    fn pair(&self, user: &str, item: &str, output: &Output) -> Result<()> {
        let recommender = self.saved.load_for(&[user.to_string()])?;
        let prediction = recommender.predict(user, item)?;
        let note = |what, id, ratings| untrained(what, id, ratings, "");
        output.note(note("user", user, prediction.user_ratings))?;
        output.note(note("item", item, prediction.item_ratings))?;
        let text = match prediction.rating == prediction.clipped {
            true => format!("{:.4}", prediction.rating),
            false => format!(
                "{:.4} (clipped to the scale: {:.4})",
                prediction.rating, prediction.clipped
            ),
        };
        output.answer(&prediction, text)
    }

    fn all(&self, data: &str, out: &Path, output: &Output) -> Result<()> {
        let output = &output.next_to(out);
        let recommender = self.saved.load()?;
        if self.opening.items.is_some() {
            return Err(wrong("--items has no effect: predictions have no titles"));
        }
        let experiment: Option<Experiment> =
            serde_json::from_value(recommender.training().clone()).ok();
        let trained = experiment.as_ref().map(|experiment| &experiment.training);
        // The test file of a contest has no ratings.
        let dataset = self.opening.open_like(data, trained, true)?;
        output.warn(&dataset.warnings)?;
        let predicted = recommender.predict_all(&dataset, &dataset.ratings);
        let unknown = predicted.iter().filter(|stars| stars.is_none()).count();
        let untrained = recommender.untrained(&dataset, &dataset.ratings);
        recburn::files::write_with(out, |file| {
            let mut csv = csv::Writer::from_writer(file);
            csv.write_record(["user", "item", "rating", "predicted", "clipped"])?;
            let ratings = &dataset.ratings;
            for (row, stars) in predicted.iter().enumerate() {
                let text =
                    |stars: Option<f32>| stars.map(|stars| stars.to_string()).unwrap_or_default();
                csv.write_record([
                    &*dataset.users.id(ratings.users[row]).unwrap_or_default(),
                    &*dataset.items.id(ratings.items[row]).unwrap_or_default(),
                    &match dataset.unrated {
                        true => String::new(),
                        false => ratings.ratings[row].to_string(),
                    },
                    &text(*stars),
                    &text(stars.map(|stars| recommender.clip(stars))),
                ])?;
            }
            csv.flush()
        })?;
        let written = Written {
            file: out,
            rows: predicted.len(),
            unknown_rows: unknown,
            untrained_rows: untrained,
        };
        let mut text = format!(
            "{} predictions in {}",
            thousands(predicted.len() - unknown),
            place(out)
        );
        if unknown > 0 {
            text += &format!(
                "; {} rows have a user or an item that the model does not know",
                thousands(unknown)
            );
        }
        if untrained > 0 {
            text += &format!(
                "; {} rows have a user or an item without a training rating: nothing was learnt about it",
                thousands(untrained)
            );
        }
        output.answer(&written, text)
    }
}
