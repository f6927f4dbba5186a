//! Columns of item files, found by common names.

use crate::error::{Place, ReadError};
use crate::source::Head;
use recburn_data::internals::excerpt;

/// The possible names of a column; the first is MovieLens's own.
pub(super) const ITEM: [&str; 5] = ["movieId", "movie_id", "itemId", "item_id", "item"];
pub(super) const TITLE: [&str; 4] = ["title", "movie_title", "item_name", "name"];
pub(super) const GENRES: [&str; 5] = ["genres", "genre", "class", "categories", "category"];

/// The first of the column's names that occurs in the header, with its position.
pub(super) fn position<'a>(header: &[&[u8]], names: &[&'a str]) -> Option<(usize, &'a str)> {
    names.iter().find_map(|&name| {
        let found = header
            .iter()
            .position(|seen| seen.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        found.map(|position| (position, name))
    })
}

/// As [`position`], for a column that must exist.
pub(super) fn need<'a>(
    header: &[&[u8]],
    names: &[&'a str],
    head: &Head,
    byte: u64,
) -> Result<(usize, &'a str), ReadError> {
    position(header, names).ok_or_else(|| missing(header, head.place(byte, names[0].to_string())))
}

/// The possible names of the id column in an item file, the given name first.
pub(super) fn item_names(id: Option<&str>) -> Vec<&str> {
    id.into_iter().chain(ITEM).collect()
}

/// The error for a column that is not in the header.
pub(super) fn missing(header: &[&[u8]], at: Place) -> ReadError {
    ReadError::MissingColumn {
        at: Box::new(at),
        seen: excerpt(&header.join(&b", "[..])),
        advice: String::new(),
    }
}
