//! Parquet files with columns for users, items and ratings, if the crate is built with the feature `parquet`.

use super::Format;
#[cfg(not(feature = "parquet"))]
use crate::builder::Builder;
use crate::error::ReadError;
use crate::source::Source;
use crate::titles::Titles;

#[cfg(feature = "parquet")]
mod cells;
#[cfg(feature = "parquet")]
mod rows;

#[cfg(feature = "parquet")]
pub(super) use rows::read;

/// Reports that the feature is missing.
#[cfg(not(feature = "parquet"))]
pub(super) fn read(
    source: Source,
    _columns: Option<&crate::columns::Columns>,
    _pairs: bool,
    _into: &mut Builder,
) -> Result<Option<String>, ReadError> {
    Err(ReadError::Parquet {
        at: source.head().at(""),
        wrong: "a Parquet file, which this program cannot read: recburn-read was built without its feature 'parquet'"
            .to_string(),
    })
}

/// Whether a file with this beginning is one.
pub(super) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(b"PAR1")
}

pub(crate) struct Parquet;

impl Format for Parquet {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files
            .iter()
            .copied()
            .find(|file| *file == "ratings.parquet")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        None
    }

    fn fits_items(&self, _first_line: &[u8], _id: Option<&str>) -> bool {
        false
    }

    fn read_items(
        &self,
        _source: Source,
        _id: Option<&str>,
        _into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        Ok(())
    }
}
