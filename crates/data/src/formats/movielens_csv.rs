//! `ratings.csv` and `movies.csv`, as MovieLens has shipped them since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).
//!
//! Columns are found by the header's names, in any order; further columns are passed over, and `timestamp` may lack.

use std::path::Path;

use super::header::{RATING, layout, need, position};
use super::{Format, byte, next, records, title_table};
use crate::builder::{Builder, line_at};
use crate::error::{DataError, Place, excerpt};
use crate::moment::Clock;
use crate::titles::Titles;

pub(crate) struct MovielensCsv;

impl Format for MovielensCsv {
    fn name(&self) -> &'static str {
        "CSV with a header (userId,movieId,rating,timestamp)"
    }

    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "ratings.csv")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("movies.csv".to_string())
    }

    fn claims(&self, file_name: &str) -> bool {
        // `rating.csv` is Kaggle's, which calls the file beside it otherwise, too.
        file_name.to_ascii_lowercase().ends_with(".csv") && file_name != "rating.csv"
    }

    fn fits(&self, first_line: &[u8]) -> bool {
        let mut names = first_line.split(|&byte| byte == b',');
        names.any(|name| position(&[name], &RATING).is_some())
    }

    fn read_ratings(&self, path: &Path, into: &mut Builder) -> Result<(), DataError> {
        read_ratings(path, into)
    }

    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool {
        title_table::fits(first_line, id)
    }

    fn read_items(
        &self,
        path: &Path,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), DataError> {
        title_table::read(path, id, into)
    }
}

/// Ratings below a header that names their columns.
pub(super) fn read_ratings(path: &Path, into: &mut Builder) -> Result<(), DataError> {
    let mut reader = records(path, b',', true)?;
    let mut header = csv::ByteRecord::new();
    if !next(&mut reader, &mut header, path)? {
        return Err(DataError::EmptyFile {
            path: path.to_path_buf(),
        });
    }
    let line = line_at(path, byte(&header));
    let columns: Vec<&[u8]> = header.iter().collect();
    if let [only] = columns.as_slice() {
        return Err(DataError::WrongDelimiter {
            at: Place::new(path, line, ""),
            expected: "commas",
            seen: excerpt(only),
        });
    }
    let (layout, names) = layout(&columns, path, line)?;
    need(&columns, &RATING, path, line)?;
    into.begin(path, names, Clock::Exact);
    layout.send_all(reader, path, into)
}
