//! The first lines of a file, split by each delimiter.

use csv::ByteRecord;

use super::lines::{begins_with_quote, line_of, quoted};
use super::reader;
use crate::column::Delimiter;
use crate::error::ReadError;
use crate::source::Head;

/// So much of the head must be text.
const BEGIN: usize = 1 << 12;
/// The number of lines inspected.
const LINES: usize = 100;

impl Head {
    /// Checks that the file is not empty and is text.
    pub(super) fn check(&self) -> Result<(), ReadError> {
        if self.bytes.trim_ascii().is_empty() && self.whole {
            return Err(ReadError::EmptyFile {
                path: self.path().to_path_buf(),
            });
        }
        // Later in the file it is a single bad line.
        let begin = &self.bytes[..self.bytes.len().min(BEGIN)];
        match begin.iter().position(|&byte| byte == 0) {
            Some(byte) => Err(ReadError::Binary {
                at: self.place(byte as u64, ""),
            }),
            None => Ok(()),
        }
    }

    /// The first line.
    pub(super) fn first_line(&self) -> &[u8] {
        let mut lines = self.bytes.split(|&byte| byte == b'\n' || byte == b'\r');
        lines.next().unwrap_or_default()
    }

    /// The byte after the leading comments: lines that begin with `%`, or with `#` and a blank or another `#`, as in
    /// published graphs and matrices.
    pub(super) fn behind_comments(&self) -> usize {
        let comment = |line: &[u8]| match line.trim_ascii_start() {
            [b'%', ..] => true,
            [b'#', next, ..] => matches!(next, b' ' | b'\t' | b'#'),
            _ => false,
        };
        let mut start = 0;
        for line in self.bytes.split_inclusive(|&byte| byte == b'\n') {
            if !comment(line) {
                break;
            }
            start += line.len();
        }
        start
    }

    /// The lines from this byte on, split into fields.
    pub(super) fn sample(&self, start: usize, delimiter: Delimiter) -> Sample {
        let body = &self.bytes[start..];
        let sign = delimiter.byte().filter(|_| delimiter.spans_lines());
        let mut lines = reader(body, sign.unwrap_or(0), delimiter.spans_lines());
        let mut rows = Vec::new();
        let mut fields = ByteRecord::new();
        for record in lines.byte_records().map_while(Result::ok).take(LINES + 1) {
            let at = record.position().map_or(0, csv::Position::byte);
            let cut = match sign {
                Some(_)
                    if !record
                        .iter()
                        .any(|field| begins_with_quote(field, delimiter)) =>
                {
                    &record
                }
                Some(_) => {
                    quoted(&line_of(&record, delimiter), delimiter, &mut fields);
                    &fields
                }
                None => {
                    quoted(record.get(0).unwrap_or_default(), delimiter, &mut fields);
                    &fields
                }
            };
            // A blank line is ignored.
            if cut.iter().any(|field| !field.trim_ascii().is_empty()) {
                rows.push(Sampled {
                    at: start as u64 + at,
                    fields: cut.iter().map(<[u8]>::to_vec).collect(),
                });
            }
        }
        // The last line may be incomplete.
        if rows.len() > LINES || (!self.whole && rows.len() > 1) {
            rows.pop();
        }
        Sample {
            delimiter,
            rows,
            end: self.bytes.len() as u64,
        }
    }
}

/// A line of a sample.
pub(super) struct Sampled {
    /// The byte at which it begins.
    pub(super) at: u64,
    pub(super) fields: Vec<Vec<u8>>,
}

impl Sampled {
    pub(super) fn field(&self, place: usize) -> &[u8] {
        self.fields.get(place).map_or(b"", Vec::as_slice)
    }
}

/// The first lines of a file, split by a delimiter.
pub(super) struct Sample {
    pub(super) delimiter: Delimiter,
    pub(super) rows: Vec<Sampled>,
    /// The end of the inspected part of the file.
    end: u64,
}

impl Sample {
    /// The fields of the first line as column names.
    ///
    /// If every following line has one field more than the header, the first field has no name: R writes row names this
    /// way. If the last field is empty in every line, it is a trailing delimiter and not a column.
    pub(super) fn names(&self) -> Vec<&[u8]> {
        let Some((header, rows)) = self.rows.split_first() else {
            return Vec::new();
        };
        let names = header.fields.iter().map(Vec::as_slice);
        let longer = |row: &Sampled| row.fields.len() == header.fields.len() + 1;
        match !rows.is_empty() && rows.iter().all(longer) {
            true if rows
                .iter()
                .all(|row| row.fields.last().is_some_and(Vec::is_empty)) =>
            {
                names.chain([&b""[..]]).collect()
            }
            true => [&b""[..]].into_iter().chain(names).collect(),
            false => names.collect(),
        }
    }

    /// The byte at which the lines after the header begin.
    pub(super) fn start(&self, header: bool) -> u64 {
        self.rows
            .get(usize::from(header))
            .map_or(self.end, |row| row.at)
    }

    /// The number of fields in the first line.
    pub(super) fn width(&self) -> usize {
        self.rows.first().map_or(0, |row| row.fields.len())
    }

    /// Whether all lines have the same number of fields.
    pub(super) fn is_even(&self) -> bool {
        let width = self.width();
        self.rows.iter().all(|row| row.fields.len() == width)
    }
}
