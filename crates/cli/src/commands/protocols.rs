//! `recburn protocols`.

use crate::output::{Output, table};
use anyhow::Result;
use clap::Args;
use recburn::protocol::{all, find};

const HELP: &str = "\
Examples:
  recburn protocols             the names
  recburn protocols p1          one protocol in words; --json has all of it";

/// List the evaluation protocols, or show one
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Protocols {
    /// The name of a protocol
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Protocols {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        if let Some(name) = &self.name {
            let protocol = find(name)?;
            return output.answer(&protocol, protocol.describe());
        }
        let protocols = all();
        let mut rows = vec![
            ["protocol", "what it measures"]
                .map(str::to_string)
                .to_vec(),
        ];
        rows.extend(
            protocols
                .iter()
                .map(|protocol| vec![protocol.name.clone(), protocol.about.clone()]),
        );
        output.answer(&protocols, table(&rows))
    }
}
