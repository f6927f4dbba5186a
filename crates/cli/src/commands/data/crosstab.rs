//! `recburn data crosstab`.

use super::Source;
use crate::output::Output;
use anyhow::Result;
use clap::Args;

const CROSSTAB_HELP: &str = "\
Example:
  recburn data crosstab ml-latest-small --count 15";

/// Cross-tabulate the most active users and the most rated items
#[derive(Args)]
#[command(after_help = CROSSTAB_HELP)]
pub struct Crosstab {
    #[command(flatten)]
    source: Source,
    /// Number of users and of items
    #[arg(long, short = 'n', value_name = "N", default_value_t = 15)]
    count: usize,
}

impl Crosstab {
    pub fn run(&self, output: &Output) -> Result<()> {
        let crosstab = self.source.open(output)?.crosstab(self.count);
        output.answer(&crosstab, &crosstab)
    }
}
