//! `recburn export`.

use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::{Args, ValueEnum};
use recburn::recommender::{EmbeddingTable, RecommenderError};
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn export out/biased_mf/model            every table as CSV, in out/biased_mf/model-tables
  recburn export out/biased_mf/model --table item_factors --format safetensors --out vectors";

/// Write embedding tables as CSV, safetensors or Parquet
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Export {
    #[command(flatten)]
    saved: Saved,
    /// Name of an embedding, may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    table: Vec<String>,
    /// Format of the files
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// The folder for the files, each named after its table [default: MODEL-tables]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// columns id, 0, 1, ...: one row per id
    Csv,
    /// one tensor [ids, width], the ids as JSON in the metadata
    Safetensors,
    /// like CSV; in programs built with the feature parquet
    Parquet,
}

impl Export {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        if self.format == Format::Parquet && !cfg!(feature = "parquet") {
            return Err(wrong(
                "this program was built without `parquet`: rebuild it with `--features parquet`",
            ));
        }
        let saved = self.saved.load()?;
        let recommender = saved.network()?;
        let names = match self.table.is_empty() {
            true => recommender.embedding_names(),
            false => self.table.clone(),
        };
        let tables = names.iter().map(|name| recommender.embedding(name));
        let tables: Vec<EmbeddingTable> = tables.collect::<Result<_, _>>()?;
        let out = match &self.out {
            Some(out) => out.clone(),
            None => {
                let mut name = self.saved.folder()?.into_os_string();
                name.push("-tables");
                name.into()
            }
        };
        let mut files = Vec::new();
        for table in &tables {
            let path = out.join(format!("{}.{}", table.name, self.ending()));
            self.write(table, &path)?;
            files.push(path);
        }
        let said = tables.iter().zip(&files).map(|(table, file)| {
            format!(
                "{}: {} ids x {}, in {}",
                table.name,
                table.ids.len(),
                table.width,
                file.display()
            )
        });
        output.answer(&files, said.collect::<Vec<_>>().join("\n"))
    }

    fn ending(&self) -> &'static str {
        match self.format {
            Format::Csv => "csv",
            Format::Safetensors => "safetensors",
            Format::Parquet => "parquet",
        }
    }

    fn write(&self, table: &EmbeddingTable, path: &Path) -> Result<(), RecommenderError> {
        match self.format {
            Format::Csv => table.save_csv(path),
            Format::Safetensors => table.save_safetensors(path),
            #[cfg(feature = "parquet")]
            Format::Parquet => table.save_parquet(path),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Ok(()), // refused before
        }
    }
}
