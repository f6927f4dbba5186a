//! Columns found by the names that data sets give them.

use std::borrow::Cow;
use std::path::Path;

use super::layout::Layout;
use crate::builder::Names;
use crate::error::{DataError, Place, excerpt};

/// The names a column may go by; the first one is MovieLens' own.
pub(super) const USER: [&str; 3] = ["userId", "user_id", "user"];
pub(super) const ITEM: [&str; 5] = ["movieId", "movie_id", "itemId", "item_id", "item"];
pub(super) const RATING: [&str; 1] = ["rating"];
pub(super) const TIMESTAMP: [&str; 1] = ["timestamp"];
pub(super) const TITLE: [&str; 4] = ["title", "movie_title", "item_name", "name"];
pub(super) const GENRES: [&str; 5] = ["genres", "genre", "class", "categories", "category"];

/// Where the header puts each column, and what it calls it. Rating and timestamp may lack.
pub(super) fn layout(
    header: &[&[u8]],
    path: &Path,
    line: Option<u64>,
) -> Result<(Layout, Names), DataError> {
    let (user, user_name) = need(header, &USER, path, line)?;
    let (item, item_name) = need(header, &ITEM, path, line)?;
    let place = |found: Option<(usize, &str)>| found.map(|(place, _)| place);
    let layout = Layout {
        count: header.len(),
        user,
        item,
        rating: place(position(header, &RATING)),
        timestamp: place(position(header, &TIMESTAMP)),
    };
    let names = Names {
        user: Cow::Borrowed(user_name),
        item: Cow::Borrowed(item_name),
        rating: Cow::Borrowed(RATING[0]),
        timestamp: Cow::Borrowed(TIMESTAMP[0]),
    };
    Ok((layout, names))
}

/// The first of the column's names that the header has, and where.
pub(super) fn position<'a>(header: &[&[u8]], names: &[&'a str]) -> Option<(usize, &'a str)> {
    names.iter().find_map(|&name| {
        let found = header.iter().position(|seen| {
            let seen = seen.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(seen);
            seen.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
        });
        found.map(|position| (position, name))
    })
}

/// As [`position`], of a column that must be there.
pub(super) fn need<'a>(
    header: &[&[u8]],
    names: &[&'a str],
    path: &Path,
    line: Option<u64>,
) -> Result<(usize, &'a str), DataError> {
    position(header, names)
        .ok_or_else(|| missing(header, Place::new(path, line, names[0].to_string())))
}

/// What the column of ids may be called in a file of items, the name given first.
pub(super) fn item_names(id: Option<&str>) -> Vec<&str> {
    id.into_iter().chain(ITEM).collect()
}

/// The column that the place names is not among these.
pub(super) fn missing(header: &[&[u8]], at: Place) -> DataError {
    DataError::MissingColumn {
        at,
        seen: excerpt(&header.join(&b", "[..])),
    }
}
