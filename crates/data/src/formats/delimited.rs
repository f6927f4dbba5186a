//! Files of lines whose fields are parted by any of the usual signs, with columns that whoever opens them has named.

use std::path::Path;

use csv::{ByteRecord, Reader};

use super::header::missing;
use super::layout::Layout;
use super::pipe::for_each;
use super::{byte, first_line, head, parquet, reader, records};
use crate::builder::{Builder, Names, line_at};
use crate::columns::{Columns, Delimiter};
use crate::error::{DataError, Place, excerpt};
use crate::field::float;
use crate::moment::Clock;
use crate::source::Stream;

/// So much of a file is looked at for its delimiter.
const HEAD: u64 = 1 << 16;

/// Lines of a file, each a record of one field, and what `::` parts them into: the csv reader knows delimiters of one
/// letter only.
pub(super) struct Lines;

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Reader<Stream>, DataError> {
        // Text has no NUL bytes, so that nothing is parted.
        records(path, 0, false)
    }

    /// The line that a record is.
    pub(super) fn of<'a>(record: &'a ByteRecord, path: &Path) -> Result<&'a [u8], DataError> {
        match record.len() {
            1 => Ok(&record[0]),
            _ => Err(DataError::Binary {
                at: Place::new(path, line_at(path, byte(record)), ""),
            }),
        }
    }

    pub(super) fn fields(line: &[u8]) -> Vec<&[u8]> {
        let mut ends = Vec::new();
        Self::part(line, &mut ends);
        (0..ends.len())
            .map(|place| Self::field(line, &ends, place))
            .collect()
    }

    /// Where each field ends.
    fn part(line: &[u8], ends: &mut Vec<usize>) {
        ends.clear();
        let mut at = 0;
        while at < line.len() {
            match line[at..].starts_with(b"::") {
                true => {
                    ends.push(at);
                    at += 2;
                }
                false => at += 1,
            }
        }
        ends.push(line.len());
    }

    fn field<'a>(line: &'a [u8], ends: &[usize], place: usize) -> &'a [u8] {
        let start = if place == 0 { 0 } else { ends[place - 1] + 2 };
        &line[start..ends[place]]
    }
}

/// Sends every line to the builder, but the first one where it is a header. The first line that is sent decides on the
/// layout, by its number of fields, where it begins, and its text as far as it is in one piece.
pub(super) fn read(
    path: &Path,
    delimiter: Delimiter,
    header: bool,
    into: &mut Builder,
    decide: impl Fn(usize, u64, &[u8]) -> Result<Layout, DataError>,
) -> Result<(), DataError> {
    let before = into.len();
    let mut header_ahead = header;
    let mut decided = None;
    let mut layout = |count, byte, line: &[u8]| match decided {
        Some(layout) => Ok(layout),
        None => decide(count, byte, line).map(|layout| *decided.insert(layout)),
    };
    match delimiter.byte() {
        Some(sign) => for_each(records(path, sign, delimiter.quoting())?, path, |record| {
            if std::mem::take(&mut header_ahead) {
                return Ok(());
            }
            layout(record.len(), byte(record), record.as_slice())?.send(
                byte(record),
                record.len(),
                |field| &record[field],
                path,
                into,
            )
        }),
        None => {
            let mut ends: Vec<usize> = Vec::new();
            for_each(Lines::open(path)?, path, |record| {
                if std::mem::take(&mut header_ahead) {
                    return Ok(());
                }
                let line = Lines::of(record, path)?;
                Lines::part(line, &mut ends);
                layout(ends.len(), byte(record), line)?.send(
                    byte(record),
                    ends.len(),
                    |field| Lines::field(line, &ends, field),
                    path,
                    into,
                )
            })
        }
    }?;
    let path = path.to_path_buf();
    match (into.len() > before, header) {
        (true, _) => Ok(()),
        (false, true) => Err(DataError::NoRows { path }),
        (false, false) => Err(DataError::EmptyFile { path }),
    }
}

/// Reads a file whose columns are named.
pub(crate) fn read_columns(
    path: &Path,
    columns: &Columns,
    into: &mut Builder,
) -> Result<(), DataError> {
    let head = head(path, HEAD)?;
    if parquet::is_parquet(&head) {
        return parquet::read(path, Some(columns), into);
    }
    let first_line = first_line(&head, path)?;
    let (delimiter, found) = guess(&head, first_line, columns, path)?;
    let name = |column: Option<&crate::columns::ColumnName>| match column {
        Some(column) => column.shown(),
        None => "".into(),
    };
    let names = Names {
        user: columns.user.shown(),
        item: columns.item.shown(),
        rating: name(columns.rating.as_ref()),
        timestamp: name(columns.timestamp.as_ref()),
    };
    into.begin(path, names, Clock::Loose);
    read(
        path,
        delimiter,
        columns.has_header(),
        into,
        |count, byte, _| match found.count == count {
            true => Ok(found),
            // The header's length is that of all lines; the file may have changed since it was looked at.
            false => super::check_count(count, found.count, byte, path).map(|()| found),
        },
    )
}

/// The delimiter that parts the first lines into the columns asked for, and where those stand.
fn guess(
    head: &[u8],
    first_line: &[u8],
    columns: &Columns,
    path: &Path,
) -> Result<(Delimiter, Layout), DataError> {
    let given = columns.delimiter.map(|given| vec![given]);
    let candidates = given.unwrap_or_else(|| Delimiter::ALL.to_vec());
    let mut likely: Option<(Delimiter, usize)> = None;
    let mut found: Option<(Delimiter, Layout)> = None;
    for delimiter in candidates {
        let lines = first_lines(head, delimiter);
        let Some(first) = lines.first() else { continue };
        let fields: Vec<&[u8]> = first.iter().map(Vec::as_slice).collect();
        if likely.is_none_or(|(_, most)| fields.len() > most) {
            likely = Some((delimiter, fields.len()));
        }
        let Some(layout) = layout(&fields, columns) else {
            continue;
        };
        let row = lines.get(usize::from(columns.has_header()));
        let sensible =
            columns.delimiter.is_some() || row.is_none_or(|row| makes_sense(row, &layout));
        if sensible {
            return Ok((delimiter, layout));
        }
        // If no delimiter makes sense of the first row it is the row that is wrong, and reading it will tell.
        found.get_or_insert((delimiter, layout));
    }
    if let Some(found) = found {
        return Ok(found);
    }
    let line = line_at(path, 0);
    match likely {
        Some((delimiter, count)) if count > 1 => {
            let lines = first_lines(head, delimiter);
            let header: Vec<&[u8]> = lines.iter().take(1).flatten().map(Vec::as_slice).collect();
            let lacks = columns
                .columns()
                .find(|column| column.find(&header).is_none());
            let name = lacks.map(crate::columns::ColumnName::shown);
            Err(missing(
                &header,
                Place::new(path, line, name.unwrap_or_default()),
            ))
        }
        _ => Err(DataError::WrongDelimiter {
            at: Place::new(path, line, ""),
            expected: columns.delimiter.map_or(
                "tabs, '::', semicolons, commas, pipes or spaces",
                Delimiter::plural,
            ),
            seen: excerpt(first_line),
        }),
    }
}

/// The first two records.
fn first_lines(head: &[u8], delimiter: Delimiter) -> Vec<Vec<Vec<u8>>> {
    let owned = |fields: Vec<&[u8]>| fields.into_iter().map(<[u8]>::to_vec).collect();
    let sign = delimiter.byte().unwrap_or(0);
    let mut lines = reader(head, sign, delimiter.quoting());
    let records = lines.byte_records().map_while(Result::ok).take(2);
    records
        .map(|record| match delimiter {
            Delimiter::Colons => owned(record.iter().take(1).flat_map(Lines::fields).collect()),
            _ => owned(record.iter().collect()),
        })
        .collect()
}

/// Where the columns stand; `None` where one of them lacks.
fn layout(fields: &[&[u8]], columns: &Columns) -> Option<Layout> {
    let optional = |column: &Option<crate::columns::ColumnName>| match column {
        Some(column) => column.find(fields).map(Some),
        None => Some(None),
    };
    Some(Layout {
        count: fields.len(),
        user: columns.user.find(fields)?,
        item: columns.item.find(fields)?,
        rating: optional(&columns.rating)?,
        timestamp: optional(&columns.timestamp)?,
    })
}

/// Whether a row has ids, a rating and a timestamp where they should be.
fn makes_sense(row: &[Vec<u8>], layout: &Layout) -> bool {
    let id = |place: usize| row.get(place).is_some_and(|id| !id.trim_ascii().is_empty());
    let rating = layout
        .rating
        .is_none_or(|place| row.get(place).is_some_and(|field| float(field).is_ok()));
    let timestamp = layout.timestamp.is_none_or(|place| {
        row.get(place)
            .is_some_and(|field| Clock::Loose.seconds(field).is_ok())
    });
    row.len() >= layout.least() && id(layout.user) && id(layout.item) && rating && timestamp
}
