//! `recburn data list`.

use super::Folder;
use crate::output::{Output, table};
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use recburn_fetch::catalogue;
use serde::Serialize;

/// List the public data sets, and which of them are here
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    folder: Folder,
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    ratings: u64,
    users: u64,
    items: u64,
    bytes: u64,
    url: &'static str,
    licence: &'static str,
    citation: &'static str,
    here: bool,
}

impl List {
    pub fn run(&self, output: &Output) -> Result<()> {
        let folder = self.folder.path();
        let listed = catalogue().iter().map(|entry| Listed {
            name: entry.name,
            ratings: entry.ratings,
            users: entry.users,
            items: entry.items,
            bytes: entry.bytes,
            url: entry.url,
            licence: entry.licence,
            citation: entry.citation,
            here: folder.join(entry.folder).is_dir(),
        });
        let listed: Vec<Listed> = listed.collect();
        let heading = ["name", "ratings", "users", "items", "download", "here"];
        let mut rows = vec![heading.map(str::to_string).to_vec()];
        for set in &listed {
            rows.push(vec![
                set.name.to_string(),
                thousands(set.ratings as usize),
                thousands(set.users as usize),
                thousands(set.items as usize),
                format!("{:.1} MB", set.bytes as f64 / 1e6),
                if set.here { "yes" } else { "" }.to_string(),
            ]);
        }
        let text = format!(
            "{}\n`sample` is built in. `recburn data fetch NAME` puts a set into {}; `--json` has licences and citations.",
            table(&rows),
            folder.display()
        );
        output.answer(&listed, text)
    }
}
