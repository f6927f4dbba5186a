//! Reading the lines of a table.

use csv::ByteRecord;

use super::layout::Layout;
use super::lines::{Lines, Parts, begins_with_quote, line_of, quoted};
use super::pipe::for_each;
use super::table::Table;
use super::{byte, reader};
use crate::builder::Builder;
use crate::column::Delimiter;
use crate::error::ReadError;
use crate::source::Source;

/// Sends every line except the header to the builder; there must be at least one.
pub(super) fn read(source: Source, table: &Table, into: &mut Builder) -> Result<(), ReadError> {
    let head = source.head().clone();
    into.begin(&head, table.names.clone());
    into.decimal_commas(table.delimiter != Delimiter::Comma);
    into.others(&table.others);
    let delimiter = table.delimiter;
    let mut fields = ByteRecord::new();
    match delimiter.byte().filter(|_| delimiter != Delimiter::Space) {
        Some(sign) => {
            let (lines, start) = source.lines(table.start)?;
            let reader = reader(lines, sign, delimiter.spans_lines());
            for_each(reader, &head, |record| {
                let at = start + byte(record);
                let row = match is_odd(record, table) {
                    false => table
                        .layout
                        .send(at, record.len(), |field| &record[field], into),
                    true => {
                        quoted(&line_of(record, delimiter), delimiter, &mut fields);
                        table
                            .layout
                            .send(at, fields.len(), |field| &fields[field], into)
                    }
                };
                into.forgive(row, record.as_slice())
            })
        }
        None => {
            let mut parts = Parts::default();
            let (lines, start) = source.lines(table.start)?;
            // Text contains no NUL bytes, so nothing is split.
            for_each(reader(lines, 0, false), &head, |record| {
                let at = start + byte(record);
                let line = match Lines::of(record, &head, start) {
                    Ok(line) => line,
                    Err(fault) => return into.forgive(Err(fault), record.as_slice()),
                };
                parts.find(line, delimiter);
                let layout = &table.layout;
                let is_quoted = line.contains(&b'"');
                let row = match is_quoted {
                    false if parts.len() == 0 => Ok(()),
                    false => layout.send(at, parts.len(), |field| parts.field(line, field), into),
                    true => {
                        quoted(line, delimiter, &mut fields);
                        layout.send(at, fields.len(), |field| &fields[field], into)
                    }
                };
                into.forgive(row, line)
            })
        }
    }?;
    into.end(table.header)
}

/// Whether a record contains quotes that the csv reader did not interpret: all quotes in tab-separated lines, and those
/// after a blank.
fn is_odd(record: &ByteRecord, table: &Table) -> bool {
    let Layout {
        count,
        user,
        item,
        rating,
        timestamp,
    } = table.layout;
    let delimiter = table.delimiter;
    if record.len() != count {
        return record
            .iter()
            .any(|field| begins_with_quote(field, delimiter));
    }
    let odd = |field: &[u8]| {
        let quoted = begins_with_quote(field, delimiter);
        quoted && (field.first() != Some(&b' ') || field.trim_ascii_end().ends_with(b"\""))
    };
    let places = [Some(user), Some(item), rating, timestamp];
    places
        .into_iter()
        .flatten()
        .any(|place| odd(&record[place]))
}
