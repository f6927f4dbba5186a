//! Which field of a line is what.

use std::path::Path;

use csv::Reader;

use super::pipe::for_each;
use super::{byte, check_count};
use crate::builder::{Builder, Row};
use crate::error::DataError;
use crate::source::Stream;

/// The places of the fields in a line, counted from zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// How many fields every line has.
    pub(super) count: usize,
    pub(super) user: usize,
    pub(super) item: usize,
    /// Where there is none every row is a rating of 1.
    pub(super) rating: Option<usize>,
    pub(super) timestamp: Option<usize>,
}

impl Layout {
    /// As many fields as must be there, for every one asked for to be there.
    pub(super) fn least(&self) -> usize {
        let optional = [self.rating, self.timestamp].into_iter().flatten();
        1 + optional.fold(self.user.max(self.item), usize::max)
    }

    /// Sends every record that is left to the builder; a file without one is refused.
    pub(super) fn send_all(
        &self,
        reader: Reader<Stream>,
        path: &Path,
        into: &mut Builder,
    ) -> Result<(), DataError> {
        let before = into.len();
        for_each(reader, path, |record| {
            self.send(
                byte(record),
                record.len(),
                |field| &record[field],
                path,
                into,
            )
        })?;
        match into.len() > before {
            true => Ok(()),
            false => Err(DataError::NoRows {
                path: path.to_path_buf(),
            }),
        }
    }

    /// Sends the line that begins at this byte, of so many fields, to the builder.
    pub(super) fn send<'a>(
        &self,
        byte: u64,
        count: usize,
        field: impl Fn(usize) -> &'a [u8],
        path: &Path,
        into: &mut Builder,
    ) -> Result<(), DataError> {
        check_count(count, self.count, byte, path)?;
        into.push(&Row {
            byte,
            user: field(self.user),
            item: field(self.item),
            rating: self.rating.map_or(b"1", &field),
            timestamp: self.timestamp.map(field),
        })
    }
}
