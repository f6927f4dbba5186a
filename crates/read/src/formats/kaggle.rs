//! `rating.csv` and `movie.csv`: MovieLens 20M as distributed by Kaggle, with quoted dates instead of timestamps.
//!
//! Otherwise, and except for their names, the files are like those of MovieLens itself.

use super::Format;
use super::title_table;
use crate::error::ReadError;
use crate::source::Source;
use crate::titles::Titles;

pub(crate) struct Kaggle;

impl Format for Kaggle {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "rating.csv")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("movie.csv".to_string())
    }

    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool {
        title_table::fits(first_line, id)
    }

    fn read_items(
        &self,
        source: Source,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        title_table::read(source, id, into)
    }
}
