//! The atomic files of RecBole: `.inter` and `.item`, tab-separated, with a header of `name:type`.

use csv::ByteRecord;

use super::header::{GENRES, TITLE, item_names, need, position};
use super::pipe::for_each;
use super::table::columns;
use super::{Format, byte, next, records};
use crate::builder::Builder;
use crate::error::ReadError;
use crate::source::{Head, Source, Stream};
use crate::text::utf_8_or_latin_1;
use crate::titles::{Places, Titles};
use recburn_data::internals::excerpt;

pub(crate) struct Atomic;

/// The possible types of a column.
const TYPES: [&str; 4] = ["token", "token_seq", "float", "float_seq"];

impl Format for Atomic {
    /// The file named after its folder, or else the only one. Among several others there is no preference.
    fn find<'a>(&self, folder: &str, files: &[&'a str]) -> Option<&'a str> {
        let mut found = files
            .iter()
            .copied()
            .filter(|file| file.ends_with(".inter"));
        let named = found
            .clone()
            .find(|file| file.strip_suffix(".inter") == Some(folder));
        named.or_else(|| found.next().filter(|_| found.next().is_none()))
    }

    fn is_usual(&self, _file_name: &str) -> bool {
        // Each data set uses its own file name.
        false
    }

    fn items_file(&self, ratings_file: &str) -> Option<String> {
        let name = ratings_file.strip_suffix(".inter").unwrap_or(ratings_file);
        Some(format!("{name}.item"))
    }

    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool {
        let fields = first_line.split(|&byte| byte == b'\t').map(typed);
        let names: Option<Vec<&[u8]>> = fields.collect();
        names.is_some_and(|names| {
            position(&names, &item_names(id)).is_some() && position(&names, &TITLE).is_some()
        })
    }

    /// Sequences are separated by spaces; titles are kept as they are, genres are split.
    fn read_items(
        &self,
        source: Source,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        let head = source.head().clone();
        let (mut reader, header) = open(source)?;
        let at = byte(&header);
        let columns = plain(&header, &head, at)?;
        let (id, _) = need(&columns, &item_names(id), &head, at)?;
        let (title, _) = need(&columns, &TITLE, &head, at)?;
        let genres = position(&columns, &GENRES);
        let places = Places {
            count: columns.len(),
            id,
            title,
        };
        let mut record = ByteRecord::new();
        while next(&mut reader, &mut record, &head)? {
            let fields: Vec<&[u8]> = record.iter().collect();
            let Some(row) = into.row(byte(&record), &fields, places, b"\t") else {
                continue;
            };
            let genres = genres.map_or_else(String::new, |(place, _)| {
                utf_8_or_latin_1(fields[row.place(place)]).into_owned()
            });
            into.put(
                &row,
                genres
                    .split_ascii_whitespace()
                    .map(str::to_string)
                    .collect(),
            );
        }
        Ok(())
    }
}

/// Whether a file with this name and first line contains ratings.
pub(super) fn is_one(file_name: &str, first_line: &[u8]) -> bool {
    let fields: Vec<&[u8]> = first_line.split(|&byte| byte == b'\t').collect();
    let typed = fields.len() > 1 && fields.iter().all(|field| typed(field).is_some());
    typed || file_name.ends_with(".inter")
}

/// Sends every row to the builder. Without ratings every row is a rating of 1.
pub(super) fn read(source: Source, into: &mut Builder) -> Result<(), ReadError> {
    let head = source.head().clone();
    let (reader, header) = open(source)?;
    let at = byte(&header);
    let names = plain(&header, &head, at)?;
    let is_time = |_| true;
    let known = columns(&names, None, &is_time, head.place(at, ""), true, false)?;
    into.begin(&head, known.names);
    for_each(reader, &head, |record| {
        let fields = |field: usize| &record[field];
        let row = known.layout.send(byte(record), record.len(), fields, into);
        into.forgive(row, record.as_slice())
    })?;
    into.end(true)
}

/// The records below the header, and the header.
fn open(source: Source) -> Result<(csv::Reader<Stream>, ByteRecord), ReadError> {
    let head = source.head().clone();
    let mut reader = records(source, b'\t', false, 0)?;
    let mut header = ByteRecord::new();
    match next(&mut reader, &mut header, &head)? {
        true => Ok((reader, header)),
        false => Err(ReadError::EmptyFile {
            path: head.path().to_path_buf(),
        }),
    }
}

/// The header's names without their types.
fn plain<'a>(header: &'a ByteRecord, head: &Head, byte: u64) -> Result<Vec<&'a [u8]>, ReadError> {
    let names = header.iter().map(|field| {
        typed(field).ok_or_else(|| ReadError::Header {
            at: head.place(byte, ""),
            seen: excerpt(field),
        })
    });
    names.collect()
}

/// The name before the type.
fn typed(field: &[u8]) -> Option<&[u8]> {
    let colon = field.iter().rposition(|&byte| byte == b':')?;
    let (name, kind) = (&field[..colon], field[colon + 1..].trim_ascii());
    TYPES
        .iter()
        .any(|known| known.as_bytes() == kind)
        .then_some(name)
}
