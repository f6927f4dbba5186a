//! The roles of the fields in a line.

use super::roles::Role;
use crate::builder::Builder;
use crate::error::ReadError;
use crate::row::Row;

/// The positions of the fields in a line, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// The number of fields in every line.
    pub(super) count: usize,
    pub(super) user: usize,
    pub(super) item: usize,
    /// Without it every row is a rating of 1.
    pub(super) rating: Option<usize>,
    pub(super) timestamp: Option<usize>,
}

impl Layout {
    /// The minimum number of fields so that all requested ones exist.
    pub(super) fn least(&self) -> usize {
        let optional = [self.rating, self.timestamp].into_iter().flatten();
        1 + optional.fold(self.user.max(self.item), usize::max)
    }

    /// Two roles that are read from the same column, if any.
    pub(super) fn twice(&self) -> Option<[Role; 2]> {
        let places = [
            (Role::User, Some(self.user)),
            (Role::Item, Some(self.item)),
            (Role::Rating, self.rating),
            (Role::Timestamp, self.timestamp),
        ];
        places
            .iter()
            .enumerate()
            .find_map(|(count, (role, place))| {
                let before = &places[..count];
                let same = before
                    .iter()
                    .find(|(_, other)| place.is_some() && other == place);
                same.map(|(other, _)| [*other, *role])
            })
    }

    /// Sends the line that begins at this byte, with this many fields, to the builder.
    pub(super) fn send<'a>(
        &self,
        byte: u64,
        count: usize,
        field: impl Fn(usize) -> &'a [u8],
        into: &mut Builder,
    ) -> Result<(), ReadError> {
        if count != self.count {
            // A blank line is ignored.
            let blank = count == 1 && field(0).trim_ascii().is_empty();
            return if blank {
                Ok(())
            } else {
                Err(into.wrong_count(byte, self.count, count))
            };
        }
        if into.has_others() {
            into.stage(byte, &field)?;
        }
        into.push(&Row {
            byte,
            user: field(self.user),
            item: field(self.item),
            rating: self.rating.map_or(b"1", &field),
            timestamp: self.timestamp.map(field),
        })
    }
}
