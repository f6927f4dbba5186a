//! The formats of rating files, one file each and one table of them all.
//!
//! A new format is a new file beside this one, with a [`Format`] in it, and a line in [`FORMATS`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::builder::{Builder, line_at};
use crate::dataset::Item;
use crate::error::{DataError, Place, excerpt};

mod movielens_100k;
mod movielens_csv;
mod pipe;

/// Every format, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn Format; 2] =
    [&movielens_csv::MovielensCsv, &movielens_100k::Movielens100k];

/// How the ratings of one family of files are read.
pub(crate) trait Format: Sync {
    /// A few words for people.
    fn name(&self) -> &'static str;

    /// What the file of ratings is called in a folder of this format.
    fn ratings_file(&self) -> &'static str;

    /// What the file of items is called beside it.
    fn items_file(&self) -> &'static str;

    /// Whether a file of this name is this format's, whatever its content.
    fn claims(&self, file_name: &str) -> bool;

    /// Whether a file of any other name looks like it, by its first line.
    fn fits(&self, first_line: &[u8]) -> bool;

    /// Sends every row to the builder.
    fn read_ratings(&self, path: &Path, into: &mut Builder) -> Result<(), DataError>;

    /// Sends every item's id and description to `found`.
    fn read_items(&self, path: &Path, found: &mut dyn FnMut(&str, Item)) -> Result<(), DataError>;
}

/// The format of a file of ratings, by its name, else by its first line.
pub(crate) fn recognise(path: &Path) -> Result<&'static dyn Format, DataError> {
    let head = head(path)?;
    if head.trim_ascii().is_empty() {
        return Err(DataError::EmptyFile {
            path: path.to_path_buf(),
        });
    }
    if let Some(byte) = head.iter().position(|&byte| byte == 0) {
        let line = line_at(path, byte as u64);
        return Err(DataError::Binary {
            at: Place::new(path, line, ""),
        });
    }
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let first_line = first_line.trim_ascii_end();
    let by_name = FORMATS.iter().find(|format| format.claims(&file_name));
    let found = by_name.or_else(|| FORMATS.iter().find(|format| format.fits(first_line)));
    found.copied().ok_or_else(|| DataError::UnknownFormat {
        path: path.to_path_buf(),
        known: FORMATS.map(|format| format.name()).join("; "),
        seen: excerpt(first_line),
    })
}

/// The first few thousand bytes.
fn head(path: &Path) -> Result<Vec<u8>, DataError> {
    let mut head = Vec::new();
    open_file(path)?
        .take(4096)
        .read_to_end(&mut head)
        .map_err(|source| DataError::Io {
            path: path.to_path_buf(),
            source,
        })?;
    Ok(head)
}

pub(crate) fn open_file(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|source| DataError::Io {
        path: path.to_path_buf(),
        source,
    })
}

/// A reader of records as bytes, that leaves it to the format to look at their lengths.
fn records(path: &Path, delimiter: u8, quoting: bool) -> Result<csv::Reader<File>, DataError> {
    Ok(csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 17)
        .from_reader(open_file(path)?))
}

/// The next record; `false` at the end. Bytes cannot be malformed to this reader, so that only reading fails.
fn next(
    reader: &mut csv::Reader<File>,
    record: &mut csv::ByteRecord,
    path: &Path,
) -> Result<bool, DataError> {
    reader
        .read_byte_record(record)
        .map_err(|error| DataError::Io {
            path: path.to_path_buf(),
            source: error.into(),
        })
}

/// Where the record begins.
fn byte(record: &csv::ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}

/// Refuses a line with fewer or more fields than the first one.
fn check_length(record: &csv::ByteRecord, expected: usize, path: &Path) -> Result<(), DataError> {
    match record.len() == expected {
        true => Ok(()),
        false => Err(DataError::LineLength {
            at: Place::new(path, line_at(path, byte(record)), ""),
            expected,
            seen: record.len(),
        }),
    }
}
