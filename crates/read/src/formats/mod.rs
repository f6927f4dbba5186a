//! Formats of rating files, and families of data sets that use them.
//!
//! The format of a rating file is detected from its first bytes: Parquet, JSON lines, a matrix, the typed table of
//! RecBole, or any other [table](table) of lines. Accompanying files, such as a file of titles with a certain name, are
//! described by a [`Format`]: a new one is a new file next to this one and a line in [`FORMATS`].

use std::io::Read;

use crate::builder::Builder;
use crate::column::Delimiter;
use crate::columns::Columns;
use crate::error::ReadError;
use crate::how::OpenOptions;
use crate::source::{Head, Source, Stream};
use crate::titles::Titles;
use recburn_data::internals::excerpt;

mod atomic;
mod dat;
mod delimited;
mod header;
mod hint;
mod json;
mod json_lines;
mod layout;
mod lines;
mod matrix_market;
mod movielens_100k;
mod movielens_csv;
mod named;
mod parquet;
mod pipe;
mod roles;
mod sample;
mod table;
mod title_table;
mod unknown;

/// All formats, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn Format; 6] = [
    &movielens_csv::MOVIELENS,
    &movielens_csv::KAGGLE,
    &atomic::Atomic,
    &movielens_100k::Movielens100k,
    &dat::Dat,
    &parquet::Parquet,
];

/// The file names of a family of data sets, and the reading of their titles.
///
/// File names are given without `.gz`.
pub(crate) trait Format: Sync {
    /// The file with ratings of this format in a folder with this name.
    fn find<'a>(&self, folder: &str, files: &[&'a str]) -> Option<&'a str>;

    /// Whether all data sets of this format use this name for their ratings.
    fn is_usual(&self, file_name: &str) -> bool {
        self.find("", &[file_name]).is_some()
    }

    /// The name of the item file next to this rating file; `None` if this format has none.
    fn items_file(&self, ratings_file: &str) -> Option<String>;

    /// What the file of users next to the ratings is called, and what is where in it; `None` where this format has none.
    fn users_file(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Whether a file with this first line contains items in this format. `id` is a possible name of the id column
    /// besides the common ones.
    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool;

    /// Sends the id, title and genres of every item, and every line that is not an item. A problem with the whole file
    /// is an error.
    fn read_items(
        &self,
        source: Source,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError>;
}

/// The interpretation of a rating file.
#[derive(Clone, Default)]
pub(crate) struct Understood {
    /// Its family; `None` if a file of titles next to it may be of any.
    pub(crate) format: Option<&'static dyn Format>,
    /// The name of the item column.
    pub(crate) item: Option<String>,
    /// The interpretation as text, unless it follows from a known format.
    pub(crate) said: Option<String>,
}

/// Sends every row of a rating file to the builder, by the given columns or as detected.
pub(crate) fn read_ratings(
    source: Source,
    how: &OpenOptions,
    into: &mut Builder,
) -> Result<Understood, ReadError> {
    let head = source.head().clone();
    let columns = how.columns.as_ref();
    let named = columns.and_then(Columns::item_name).map(str::to_string);
    let by_name = Understood {
        item: named,
        ..Understood::default()
    };
    let refuse_others = || {
        match columns.is_some_and(|columns| !columns.others.is_empty()) {
        true => Err(ReadError::FeatureFile {
            path: head.path().to_path_buf(),
            wrong: "columns other than user, item, rating and timestamp are read from tables of lines alone".to_string(),
        }),
        false => Ok(()),
    }
    };
    if parquet::is_parquet(&head.bytes) {
        refuse_others()?;
        let said = parquet::read(source, columns, how.pairs, into)?;
        return Ok(match (columns, said) {
            (Some(_), _) => by_name,
            (None, said) => Understood {
                said,
                ..Understood::default()
            },
        });
    }
    head.check()?;
    if json_lines::is_json(&head) {
        refuse_others()?;
        let understood = json_lines::read(source, columns, how.pairs, into)?;
        return Ok(match understood {
            Some((said, item)) => Understood {
                item: Some(item),
                said: Some(said),
                format: None,
            },
            None => by_name,
        });
    }
    if let Some(columns) = columns {
        let table = named::understand(&head, columns)?;
        delimited::read(source, &table, into)?;
        return Ok(by_name);
    }
    if atomic::is_one(&head.file_name(), head.first_line()) {
        atomic::read(source, into)?;
        return Ok(Understood {
            format: Some(&atomic::Atomic),
            ..Understood::default()
        });
    }
    if matrix_market::is_one(&head) {
        let matrix = matrix_market::Matrix::of(&head)?;
        let table = matrix.table();
        let before = into.len();
        delimited::read(source, &table, into)?;
        matrix.check(into.len() - before, how, &head)?;
        return Ok(Understood {
            said: table.said,
            ..Understood::default()
        });
    }
    let table = table::understand(&head, how.pairs)?;
    delimited::read(source, &table, into)?;
    let format = family(&table, &head.file_name());
    let item = Some(table.names.item.to_string()).filter(|_| table.header && format.is_none());
    Ok(Understood {
        format,
        item,
        said: table.said,
    })
}

/// Whether a file is a table of lines, which can be read from any line on.
pub(crate) fn is_table(head: &Head, how: &OpenOptions) -> bool {
    let typed =
        || atomic::is_one(&head.file_name(), head.first_line()) || matrix_market::is_one(head);
    let other = parquet::is_parquet(&head.bytes) || json_lines::is_json(head);
    !other && (how.columns.is_some() || !typed())
}

/// The family of a table.
fn family(table: &table::Table, file_name: &str) -> Option<&'static dyn Format> {
    if table.said.is_some() {
        return None;
    }
    match (table.delimiter, table.header) {
        (Delimiter::Comma, true) if file_name == "rating.csv" => Some(&movielens_csv::KAGGLE),
        (Delimiter::Comma, true) => Some(&movielens_csv::MOVIELENS),
        (Delimiter::Tab, false) => Some(&movielens_100k::Movielens100k),
        (Delimiter::Colons, false) => Some(&dat::Dat),
        _ => None,
    }
}

/// The format of an item file, by its first line.
pub(crate) fn recognise_items(
    head: &Head,
    id: Option<&str>,
) -> Result<&'static dyn Format, ReadError> {
    head.check()?;
    let first_line = head.first_line();
    let found = FORMATS
        .into_iter()
        .find(|format| format.fits_items(first_line, id));
    found.ok_or_else(|| ReadError::UnknownItems {
        path: head.path().to_path_buf(),
        id: id.unwrap_or(header::ITEM[0]).to_string(),
        seen: excerpt(first_line),
    })
}

/// A reader of records from a given byte on, without checking their lengths, which is left to the format.
fn records(
    source: Source,
    delimiter: u8,
    quoting: bool,
    start: u64,
) -> Result<csv::Reader<Stream>, ReadError> {
    Ok(reader(source.stream(start)?, delimiter, quoting))
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

/// Reads the next record; `false` at the end. No bytes are malformed for this reader, so only I/O can fail.
fn next(
    reader: &mut csv::Reader<Stream>,
    record: &mut csv::ByteRecord,
    head: &Head,
) -> Result<bool, ReadError> {
    let more = reader.read_byte_record(record);
    more.map_err(|error| head.fault(error.into()))
}

/// The byte at which the record begins.
fn byte(record: &csv::ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}
