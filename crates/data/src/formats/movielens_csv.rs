//! `ratings.csv` and `movies.csv`, as MovieLens has shipped them since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).
//!
//! Columns are found by the header's names, in any order; further columns are passed over, and `timestamp` may lack.

use std::path::Path;

use serde::Deserialize;

use super::header::{GENRES, RATING, TITLE, item_names, layout, need, position};
use super::{Format, byte, check_length, head, next, reader, records};
use crate::builder::{Builder, line_at, text};
use crate::columns::Delimiter;
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

    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool {
        fits_items(first_line, id)
    }

    fn read_items(
        &self,
        path: &Path,
        id: Option<&str>,
        found: &mut dyn FnMut(&str, Item),
    ) -> Result<(), DataError> {
        read_items(path, id, found)
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

/// What may part the fields of a file of items.
const PARTING: [Delimiter; 3] = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon];

/// Whether this is the header of a file of items, whatever of these parts it.
pub(super) fn fits_items(first_line: &[u8], id: Option<&str>) -> bool {
    item_columns(first_line, id).is_some()
}

/// What parts the header of a file of items into columns of which one is the id's and one the title's.
fn item_columns(first_line: &[u8], id: Option<&str>) -> Option<Delimiter> {
    PARTING.into_iter().find(|delimiter| {
        let sign = delimiter.byte().unwrap_or(b',');
        let header = reader(first_line, sign, delimiter.quoting())
            .byte_records()
            .next();
        let Some(Ok(header)) = header else {
            return false;
        };
        let columns: Vec<&[u8]> = header.iter().collect();
        position(&columns, &item_names(id)).is_some() && position(&columns, &TITLE).is_some()
    })
}

/// Titles and genres below a header that names their columns.
pub(super) fn read_items(
    path: &Path,
    id: Option<&str>,
    found: &mut dyn FnMut(&str, Item),
) -> Result<(), DataError> {
    /// A line of `movies.csv`. Titles are quoted where they hold commas or quotes.
    #[derive(Deserialize)]
    struct Movie<'a> {
        id: &'a [u8],
        title: &'a [u8],
        #[serde(default)]
        genres: &'a [u8],
    }
    let first_lines = head(path, 4096)?;
    let first_line = first_lines.split(|&byte| byte == b'\n').next();
    // Where none fits the header is one of commas that lacks something, which is told below.
    let delimiter = item_columns(first_line.unwrap_or_default(), id).unwrap_or(Delimiter::Comma);
    let mut reader = records(path, delimiter.byte().unwrap_or(b','), delimiter.quoting())?;
    let mut header = csv::ByteRecord::new();
    if !next(&mut reader, &mut header, path)? {
        return Err(DataError::EmptyFile {
            path: path.to_path_buf(),
        });
    }
    let header = plain_header(&header, path, id)?;
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
fn plain_header(
    header: &csv::ByteRecord,
    path: &Path,
    id: Option<&str>,
) -> Result<csv::ByteRecord, DataError> {
    let line = line_at(path, byte(header));
    let columns: Vec<&[u8]> = header.iter().collect();
    let (id, _) = need(&columns, &item_names(id), path, line)?;
    let (title, _) = need(&columns, &TITLE, path, line)?;
    let genres = position(&columns, &GENRES);
    let names = (0..header.len()).map(|column| match column {
        column if column == id => "id",
        column if column == title => "title",
        column if Some(column) == genres.map(|(found, _)| found) => "genres",
        _ => "",
    });
    Ok(names.collect::<Vec<_>>().into())
}
