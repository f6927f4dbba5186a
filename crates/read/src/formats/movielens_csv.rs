//! `ratings.csv` and `movies.csv`, as published by MovieLens since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).

use super::{Format, title_table};
use crate::error::ReadError;
use crate::source::Source;
use crate::titles::Titles;

pub(crate) struct MovielensCsv;

impl Format for MovielensCsv {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "ratings.csv")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("movies.csv".to_string())
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
