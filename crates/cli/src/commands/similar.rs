//! `recburn similar`.

use crate::commands::lists::{Length, left_out, untrained};
use crate::commands::saved::{Saved, row};
use crate::output::{Output, table};
use anyhow::Result;
use clap::Args;
use recburn::recommender::SimilarOptions;

const HELP: &str = "\
Examples:
  recburn similar out/biased_mf/model --item 318
  recburn similar out/biased_mf/model --item 318 --count 5 --table item_factors --json

The column `ratings` holds the number of training ratings of an item. Ids may begin with a dash.";

/// List items similar to an item
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Similar {
    #[command(flatten)]
    saved: Saved,
    /// An item's id, as in the data
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    item: String,
    #[command(flatten)]
    length: Length,
    /// The embedding whose directions are compared [default: the widest item embedding]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

impl Similar {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let recommender = self.saved.load_for(&[])?;
        let options = SimilarOptions {
            count: self.length.count,
            table: self.table.clone(),
            min_ratings: self.length.min_ratings,
        };
        let list = recommender.network()?.similar_list(&self.item, &options)?;
        let chance = ", and its neighbours are chance";
        output.note(untrained("item", &list.item, list.item_ratings, chance))?;
        output.note(left_out(
            list.left_out,
            list.min_ratings,
            options.min_ratings,
        ))?;
        let heading = ["", "cosine", "ratings", "title", "id", "genres"];
        let mut rows = vec![heading.map(str::to_string).to_vec()];
        for (at, line) in list.items.iter().enumerate() {
            rows.push(row(
                at + 1,
                line.cosine,
                line.ratings,
                &line.title,
                &line.item,
                &line.genres,
            ));
        }
        output.answer(&list.items, table(&rows))
    }
}
