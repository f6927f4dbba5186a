//! Splitting of single lines into fields, without quotes here and with quotes in `quotes`.

mod quotes;

pub(super) use quotes::{begins_with_quote, line_of, quoted};

use csv::{ByteRecord, Reader};

use super::{byte, records};
use crate::column::Delimiter;
use crate::error::ReadError;
use crate::source::{Head, Source, Stream};

/// Lines of a file as records of one field, for formats that the csv reader cannot split.
pub(super) struct Lines;

impl Lines {
    pub(super) fn open(source: Source, start: u64) -> Result<Reader<Stream>, ReadError> {
        // Text contains no NUL bytes, so nothing is split.
        records(source, 0, false, start)
    }

    /// The line of a record.
    pub(super) fn of<'a>(
        record: &'a ByteRecord,
        head: &Head,
        start: u64,
    ) -> Result<&'a [u8], ReadError> {
        match record.len() {
            1 => Ok(&record[0]),
            _ => Err(ReadError::Binary {
                at: head.place(start + byte(record), ""),
            }),
        }
    }

    /// The fields between `::`.
    pub(super) fn fields(line: &[u8]) -> Vec<&[u8]> {
        let mut parts = Parts::default();
        parts.find(line, Delimiter::Colons);
        (0..parts.len())
            .map(|place| parts.field(line, place))
            .collect()
    }
}

/// The positions of the fields in a line, with quotes as ordinary characters.
#[derive(Default)]
pub(super) struct Parts(Vec<(usize, usize)>);

impl Parts {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn field<'a>(&self, line: &'a [u8], place: usize) -> &'a [u8] {
        let (start, end) = self.0[place];
        &line[start..end]
    }

    /// Finds the fields between `::`, or between runs of blanks.
    pub(super) fn find(&mut self, line: &[u8], delimiter: Delimiter) {
        self.0.clear();
        let mut start = 0;
        if delimiter == Delimiter::Space {
            while start < line.len() {
                let blanks = |blank: bool, from: usize| {
                    let mut rest = line[from..].iter();
                    let until = rest.position(|byte| byte.is_ascii_whitespace() != blank);
                    until.map_or(line.len(), |until| from + until)
                };
                start = blanks(true, start);
                let end = blanks(false, start);
                if start < end {
                    self.0.push((start, end));
                }
                start = end;
            }
            return;
        }
        let mut at = 0;
        while at < line.len() {
            match line[at..].starts_with(b"::") {
                true => {
                    self.0.push((start, at));
                    at += 2;
                    start = at;
                }
                false => at += 1,
            }
        }
        self.0.push((start, line.len()));
    }
}
