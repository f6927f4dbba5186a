//! Which field of a line is what.

use std::path::Path;

use super::check_count;
use crate::builder::{Builder, Row};
use crate::error::DataError;

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
