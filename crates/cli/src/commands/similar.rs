//! `recburn similar`.

use crate::commands::saved::{Saved, row};
use crate::output::{Output, table};
use anyhow::Result;
use clap::Args;

const HELP: &str = "\
Examples:
  recburn similar out/biased_mf/model --item 318
  recburn similar out/biased_mf/model --item 318 --count 5 --table item_factors --json";

/// Items like another
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Similar {
    #[command(flatten)]
    saved: Saved,
    /// An item's id, as the data have it
    #[arg(long, value_name = "ID")]
    item: String,
    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    count: usize,
    /// The embedding whose directions are compared [default: the widest one of items]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

impl Similar {
    /// Compares.
    pub fn run(&self, output: &Output) -> Result<()> {
        let recommender = self.saved.load()?;
        let list = recommender.similar(&self.item, self.count, self.table.as_deref())?;
        let mut rows = vec![
            ["", "cosine", "title", "id", "genres"]
                .map(str::to_string)
                .to_vec(),
        ];
        for (at, line) in list.iter().enumerate() {
            rows.push(row(
                at + 1,
                line.cosine,
                &line.title,
                &line.item,
                &line.genres,
            ));
        }
        output.answer(&list, table(&rows))
    }
}
