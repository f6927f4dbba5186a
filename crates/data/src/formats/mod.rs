//! The formats of rating files, one file each and one table of them all.
//!
//! A new format is a new file beside this one, with a [`Format`] in it, and a line in [`FORMATS`].

use std::io::Read;
use std::path::Path;

use crate::builder::{Builder, line_at};
use crate::error::{DataError, Place, excerpt};
use crate::source::{self, Stream};
use crate::titles::Titles;

mod atomic;
mod dat;
mod delimited;
mod header;
mod kaggle;
mod layout;
mod movielens_100k;
mod movielens_csv;
mod parquet;
mod pipe;
mod title_table;

/// Every format, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn Format; 6] = [
    &movielens_csv::MovielensCsv,
    &kaggle::Kaggle,
    &atomic::Atomic,
    &movielens_100k::Movielens100k,
    &dat::Dat,
    &parquet::Parquet,
];

pub(crate) use delimited::read_columns;

/// How the ratings of one family of files are read.
///
/// Names of files are those that they have unpacked, without `.gz`.
pub(crate) trait Format: Sync {
    /// A few words for people.
    fn name(&self) -> &'static str;

    /// Which of the files in a folder of this name holds ratings of this format.
    fn find<'a>(&self, folder: &str, files: &[&'a str]) -> Option<&'a str>;

    /// Whether every data set of this format calls its ratings so.
    fn is_usual(&self, file_name: &str) -> bool {
        self.find("", &[file_name]).is_some()
    }

    /// What the file of items is called beside this file of ratings; `None` where this format has none.
    fn items_file(&self, ratings_file: &str) -> Option<String>;

    /// Whether a file of this name is this format's, whatever its content.
    fn claims(&self, file_name: &str) -> bool;

    /// Whether a file of any other name looks like it, by its first line.
    fn fits(&self, first_line: &[u8]) -> bool;

    /// Sends every row to the builder.
    fn read_ratings(&self, path: &Path, into: &mut Builder) -> Result<(), DataError>;

    /// Whether a file whose first line this is holds items as this format has them. `id` is a name that the column of
    /// ids may have beside its usual ones.
    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool;

    /// Sends every item's id, title and genres, and every line that is none of an item. What is wrong with the file as a
    /// whole is an error.
    fn read_items(
        &self,
        path: &Path,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), DataError>;
}

/// The format of a file of ratings, by its name, else by its first line.
pub(crate) fn recognise(path: &Path) -> Result<&'static dyn Format, DataError> {
    let head = head(path, 4096)?;
    if parquet::is_parquet(&head) {
        return Ok(&parquet::Parquet);
    }
    let first_line = first_line(&head, path)?;
    let file_name = source::file_name(path);
    let by_name = FORMATS.iter().find(|format| format.claims(&file_name));
    let found = by_name.or_else(|| FORMATS.iter().find(|format| format.fits(first_line)));
    found.copied().ok_or_else(|| DataError::UnknownFormat {
        path: path.to_path_buf(),
        known: FORMATS.map(|format| format.name()).join("; ")
            + "; any file of lines whose columns are named",
        seen: excerpt(first_line),
    })
}

/// The format of a file of items, by its first line.
pub(crate) fn recognise_items(
    path: &Path,
    id: Option<&str>,
) -> Result<&'static dyn Format, DataError> {
    let head = head(path, 4096)?;
    let first_line = first_line(&head, path)?;
    let found = FORMATS
        .into_iter()
        .find(|format| format.fits_items(first_line, id));
    found.ok_or_else(|| DataError::UnknownItems {
        path: path.to_path_buf(),
        id: id.unwrap_or(header::ITEM[0]).to_string(),
        seen: excerpt(first_line),
    })
}

/// The first line of a file that begins so; there must be something, and it must be text.
fn first_line<'a>(head: &'a [u8], path: &Path) -> Result<&'a [u8], DataError> {
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
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    Ok(first_line.trim_ascii_end())
}

/// The first so many bytes.
fn head(path: &Path, bytes: u64) -> Result<Vec<u8>, DataError> {
    let mut head = Vec::new();
    source::open(path)?
        .take(bytes)
        .read_to_end(&mut head)
        .map_err(|source| DataError::Io {
            path: path.to_path_buf(),
            source,
        })?;
    Ok(head)
}

/// A reader of records as bytes, that leaves it to the format to look at their lengths.
fn records(path: &Path, delimiter: u8, quoting: bool) -> Result<csv::Reader<Stream>, DataError> {
    Ok(reader(source::open(path)?, delimiter, quoting))
}

fn reader<R: Read>(bytes: R, delimiter: u8, quoting: bool) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 17)
        .from_reader(bytes)
}

/// The next record; `false` at the end. Bytes cannot be malformed to this reader, so that only reading fails.
fn next(
    reader: &mut csv::Reader<Stream>,
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
    check_count(record.len(), expected, byte(record), path)
}

fn check_count(seen: usize, expected: usize, byte: u64, path: &Path) -> Result<(), DataError> {
    match seen == expected {
        true => Ok(()),
        false => Err(DataError::LineLength {
            at: Place::new(path, line_at(path, byte), ""),
            expected,
            seen,
        }),
    }
}

/// Text in UTF-8; where that it is not, in Latin-1, in which every byte is the Unicode letter of the same number.
pub(crate) fn utf_8_or_latin_1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
