//! `recburn export`.

use crate::commands::saved::Saved;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::{Args, ValueEnum};
use recburn::recommender::{EmbeddingTable, RecommenderError};
use std::path::{Path, PathBuf};

#[cfg(feature = "serve")]
mod html;
mod keras;

const HELP: &str = "\
Examples:
  recburn export out/biased_mf/model            every table as CSV, in out/biased_mf/model-tables
  recburn export out/biased_mf/model --table item_factors --format safetensors --out vectors
  recburn export out/biased_mf/model --format keras --out films.safetensors     for Keras
  recburn export out/biased_mf/model --format html --out films.html             for browsers

The page is that of `recburn serve` with the model in it: item vectors, titles, and the settings of
the training by which a visitor's ratings become a row, but no user's ratings or row. It is for
models whose scores are linear in the row of a user: biased_mf, dot_mf, scaled_mf, bpr_mf, gmf and
non_negative_mf.";

/// Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server
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
    /// The folder for the files, each named after its table, or the one file of weights or of the page [default: MODEL-tables, MODEL.safetensors or MODEL.html]
    #[arg(long, value_name = "PATH")]
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
    /// all weights in one safetensors file under the paths of a Keras 3 model, with rows by id and the mean in the metadata
    Keras,
    /// one page for browsers; in programs built with the feature serve
    Html,
}

impl Export {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        match self.format {
            Format::Parquet if !cfg!(feature = "parquet") => Err(not_built_with("parquet")),
            Format::Html => self.page(output),
            Format::Keras => self.keras(output),
            _ => self.tables(output),
        }
    }

    #[cfg(feature = "serve")]
    fn page(&self, output: &Output) -> Result<()> {
        if !self.table.is_empty() {
            return Err(wrong(
                "--table chooses files of tables: a page needs all of the model",
            ));
        }
        let out = self.out_or(".html")?;
        html::write(&self.saved, &out, output)
    }

    #[cfg(not(feature = "serve"))]
    fn page(&self, _: &Output) -> Result<()> {
        Err(not_built_with("serve"))
    }

    fn keras(&self, output: &Output) -> Result<()> {
        if !self.table.is_empty() {
            return Err(wrong(
                "--table chooses files of tables: a model of Keras needs all weights",
            ));
        }
        keras::write(&self.saved, &self.out_or(".safetensors")?, output)
    }

    fn tables(&self, output: &Output) -> Result<()> {
        let saved = self.saved.load()?;
        let recommender = saved.network()?;
        let names = match self.table.is_empty() {
            true => recommender.embedding_names(),
            false => self.table.clone(),
        };
        let tables = names.iter().map(|name| recommender.embedding(name));
        let tables: Vec<EmbeddingTable> = tables.collect::<Result<_, _>>()?;
        let out = self.out_or("-tables")?;
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

    /// `--out`, or the model's folder with another ending.
    fn out_or(&self, ending: &str) -> Result<PathBuf> {
        if let Some(out) = &self.out {
            return Ok(out.clone());
        }
        let mut name = self.saved.folder()?.into_os_string();
        name.push(ending);
        Ok(name.into())
    }

    fn ending(&self) -> &'static str {
        match self.format {
            Format::Csv => "csv",
            Format::Safetensors => "safetensors",
            Format::Parquet => "parquet",
            Format::Keras => "safetensors",
            Format::Html => "html",
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
            Format::Html | Format::Keras => Ok(()), // no file of a table
        }
    }
}

fn not_built_with(feature: &str) -> anyhow::Error {
    wrong(format!(
        "this program was built without `{feature}`: rebuild it with `--features {feature}`"
    ))
}
