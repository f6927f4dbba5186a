//! `recburn recommend`.

use crate::commands::saved::{Saved, row};
use crate::output::{Output, table};
use anyhow::Result;
use clap::Args;

const HELP: &str = "\
Examples:
  recburn recommend out/biased_mf/model --user 1
  recburn recommend out/biased_mf/model --user 1 --count 20 --json
  recburn recommend out/biased_mf/model --user 1 --seen    with what the user has rated";

/// The best items for a user
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Recommend {
    #[command(flatten)]
    saved: Saved,
    /// A user's id, as the data have it
    #[arg(long, value_name = "ID")]
    user: String,
    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    count: usize,
    /// Also items that the user has rated
    #[arg(long)]
    seen: bool,
}

impl Recommend {
    /// Recommends.
    pub fn run(&self, output: &Output) -> Result<()> {
        let recommender = self.saved.load()?;
        let list = match self.seen {
            true => recommender.rank(&self.user, self.count)?,
            false => recommender.recommend(&self.user, self.count)?,
        };
        let mut rows = vec![
            ["", "rating", "title", "id", "genres"]
                .map(str::to_string)
                .to_vec(),
        ];
        for (at, line) in list.iter().enumerate() {
            rows.push(row(
                at + 1,
                line.rating,
                &line.title,
                &line.item,
                &line.genres,
            ));
        }
        output.answer(&list, table(&rows))
    }
}
