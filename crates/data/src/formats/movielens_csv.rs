//! `ratings.csv` and `movies.csv`, as MovieLens has shipped them since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).
//!
//! Columns are found by the header's names, in any order; further columns are passed over, and `timestamp` may lack.

use std::path::Path;

use serde::Deserialize;

use super::header::{ITEM, RATING, layout, need, position};
use super::{Format, byte, check_length, next, records};
use crate::builder::{Builder, line_at, text};
use crate::dataset::Item;
use crate::error::{DataError, Place, excerpt};
use crate::moment::Clock;

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

    fn read_items(&self, path: &Path, found: &mut dyn FnMut(&str, Item)) -> Result<(), DataError> {
        read_items(path, found)
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

/// Titles and genres below a header that names their columns.
pub(super) fn read_items(path: &Path, found: &mut dyn FnMut(&str, Item)) -> Result<(), DataError> {
    /// A line of `movies.csv`. Titles are quoted where they hold commas or quotes.
    #[derive(Deserialize)]
    struct Movie<'a> {
        id: &'a [u8],
        title: &'a [u8],
        #[serde(default)]
        genres: &'a [u8],
    }
    let mut reader = records(path, b',', true)?;
    let mut header = csv::ByteRecord::new();
    if !next(&mut reader, &mut header, path)? {
        return Err(DataError::EmptyFile {
            path: path.to_path_buf(),
        });
    }
    let header = plain_header(&header, path)?;
    let mut record = csv::ByteRecord::new();
    while next(&mut reader, &mut record, path)? {
        check_length(&record, header.len(), path)?;
        let at = byte(&record);
        let movie: Movie<'_> =
            record
                .deserialize(Some(&header))
                .map_err(|error| DataError::Io {
                    path: path.to_path_buf(),
                    source: error.into(),
                })?;
        let id = text(movie.id.trim_ascii(), path, at, "movieId")?;
        let genres = text(movie.genres, path, at, "genres")?
            .split('|')
            .map(str::trim);
        let listed = genres.filter(|&genre| !genre.is_empty() && genre != "(no genres listed)");
        let item = Item {
            title: text(movie.title, path, at, "title")?.trim().to_string(),
            genres: listed.map(str::to_string).collect(),
        };
        found(id, item);
    }
    Ok(())
}

/// The header of an item file with its columns called `id`, `title` and `genres`, whatever they go by there.
fn plain_header(header: &csv::ByteRecord, path: &Path) -> Result<csv::ByteRecord, DataError> {
    let line = line_at(path, byte(header));
    let columns: Vec<&[u8]> = header.iter().collect();
    let (id, _) = need(&columns, &ITEM, path, line)?;
    let (title, _) = need(&columns, &["title"], path, line)?;
    let genres = position(&columns, &["genres"]);
    let names = (0..header.len()).map(|column| match column {
        column if column == id => "id",
        column if column == title => "title",
        column if Some(column) == genres.map(|(found, _)| found) => "genres",
        _ => "",
    });
    Ok(names.collect::<Vec<_>>().into())
}
