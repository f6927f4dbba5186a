//! Rows of any format become columns here: the one place where fields are understood and ids are numbered.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Place, excerpt};
use crate::ids::{IdMap, IdOrder, ItemIx, UserIx, canonical, raw_number};
use crate::intern::Interner;
use crate::ratings::Ratings;

/// What the fields are called in the file being read, for error messages.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    pub(crate) user: &'static str,
    pub(crate) item: &'static str,
    pub(crate) rating: &'static str,
    pub(crate) timestamp: &'static str,
}

/// One row as it stands in the file.
pub(crate) struct Row<'a> {
    /// Where it begins; lines are counted only when one is to be named.
    pub(crate) byte: u64,
    pub(crate) user: &'a [u8],
    pub(crate) item: &'a [u8],
    pub(crate) rating: &'a [u8],
    pub(crate) timestamp: Option<&'a [u8]>,
}

/// Columns in the making.
pub(crate) struct Builder {
    order: IdOrder,
    path: PathBuf,
    names: Names,
    users: Interner,
    items: Interner,
    columns: Ratings,
    timestamps: Vec<i64>,
}

impl Builder {
    pub(crate) fn new(order: IdOrder) -> Self {
        Self {
            order,
            path: PathBuf::new(),
            names: Names {
                user: "user",
                item: "item",
                rating: "rating",
                timestamp: "timestamp",
            },
            users: Interner::default(),
            items: Interner::default(),
            columns: Ratings::default(),
            timestamps: Vec::new(),
        }
    }

    /// The rows that follow come from this file.
    pub(crate) fn begin(&mut self, path: &Path, names: Names) {
        self.path = path.to_path_buf();
        self.names = names;
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Reads one row's fields.
    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), DataError> {
        let user = number(&mut self.users, row.user, self.order)
            .map_err(|fault| self.fault(row.byte, self.names.user, row.user, fault))?;
        let item = number(&mut self.items, row.item, self.order)
            .map_err(|fault| self.fault(row.byte, self.names.item, row.item, fault))?;
        let rating = float(row.rating)
            .map_err(|fault| self.fault(row.byte, self.names.rating, row.rating, fault))?;
        if let Some(field) = row.timestamp {
            let seconds = whole(field)
                .map_err(|fault| self.fault(row.byte, self.names.timestamp, field, fault))?;
            self.timestamps.push(seconds);
        }
        if self.len() >= u32::MAX as usize {
            return Err(self.fault(row.byte, "", b"", Fault::TooMany));
        }
        self.columns.users.push(UserIx(user));
        self.columns.items.push(ItemIx(item));
        self.columns.ratings.push(rating);
        Ok(())
    }

    /// Adds a row that was never text; its ids are plain numbers.
    pub(crate) fn push_values(
        &mut self,
        user: &str,
        item: &str,
        rating: f32,
        timestamp: i64,
    ) -> Result<(), DataError> {
        let too_many = |_| DataError::TooMany {
            at: Place::new(&self.path, None, ""),
        };
        let user = self.users.intern(user).map_err(too_many)?;
        let item = self.items.intern(item).map_err(too_many)?;
        self.timestamps.push(timestamp);
        self.columns.users.push(UserIx(user));
        self.columns.items.push(ItemIx(item));
        self.columns.ratings.push(rating);
        Ok(())
    }

    /// Indices in the order asked for.
    pub(crate) fn finish(mut self) -> (IdMap, IdMap, Ratings) {
        let (users, new_users) = IdMap::numbered(self.users, self.order);
        let (items, new_items) = IdMap::numbered(self.items, self.order);
        if let Some(index) = new_users {
            self.columns
                .users
                .iter_mut()
                .for_each(|user| user.0 = index[user.index()]);
        }
        if let Some(index) = new_items {
            self.columns
                .items
                .iter_mut()
                .for_each(|item| item.0 = index[item.index()]);
        }
        // Of two files one may have no timestamps: half a column is none.
        let complete = !self.timestamps.is_empty() && self.timestamps.len() == self.columns.len();
        self.columns.timestamps = complete.then_some(self.timestamps);
        (users, items, self.columns)
    }

    fn fault(&self, byte: u64, column: &'static str, field: &[u8], fault: Fault) -> DataError {
        let at = Place::new(&self.path, line_at(&self.path, byte), column);
        if field.contains(&0) {
            return DataError::Binary { at };
        }
        let seen = excerpt(field);
        match fault {
            Fault::Empty => DataError::EmptyId { at },
            Fault::Broken => DataError::BrokenText { at, seen },
            Fault::NotRaw => DataError::RawId { at, seen },
            Fault::TooMany => DataError::TooMany { at },
            Fault::NotANumber => DataError::NotANumber { at, seen },
            Fault::NotFinite => DataError::NotFinite { at, seen },
            Fault::NotWhole => DataError::Timestamp { at, seen },
        }
    }
}

/// What is wrong with a field, before its place is worked out.
enum Fault {
    Empty,
    Broken,
    NotRaw,
    TooMany,
    NotANumber,
    NotFinite,
    NotWhole,
}

/// The number of an id. Only an id not seen before is looked at closely.
fn number(ids: &mut Interner, field: &[u8], order: IdOrder) -> Result<u32, Fault> {
    let field = field.trim_ascii();
    if let Some(number) = ids.find(field) {
        return Ok(number);
    }
    if field.is_empty() {
        return Err(Fault::Empty);
    }
    let id = std::str::from_utf8(field).map_err(|_| Fault::Broken)?;
    if field.contains(&0) {
        return Err(Fault::Broken);
    }
    match order {
        IdOrder::Raw => {
            raw_number(id).ok_or(Fault::NotRaw)?;
            ids.intern(canonical(id))
        }
        IdOrder::FirstSight | IdOrder::Sorted => ids.add(id),
    }
    .map_err(|_| Fault::TooMany)
}

fn float(field: &[u8]) -> Result<f32, Fault> {
    let text = std::str::from_utf8(field.trim_ascii()).map_err(|_| Fault::NotANumber)?;
    let value: f32 = text.parse().map_err(|_| Fault::NotANumber)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Fault::NotFinite)
    }
}

fn whole(field: &[u8]) -> Result<i64, Fault> {
    let text = std::str::from_utf8(field.trim_ascii()).map_err(|_| Fault::NotWhole)?;
    text.parse().map_err(|_| Fault::NotWhole)
}

/// The line, counted from one, of the record that begins at or a few line ends behind this byte.
///
/// The csv reader counts lines up to where it begins to look for a record, which is before blank lines and, with
/// Windows line ends, one line early. So the file is read again: it happens once, on the way out with an error.
pub(crate) fn line_at(path: &Path, byte: u64) -> Option<u64> {
    let mut file = File::open(path).ok()?;
    let mut before = 0;
    let mut lines = 1;
    let mut buffer = [0; 1 << 16];
    loop {
        let filled = match file.read(&mut buffer).ok()? {
            0 => return Some(lines),
            filled => filled,
        };
        for &seen in &buffer[..filled] {
            if before >= byte && seen != b'\n' && seen != b'\r' {
                return Some(lines);
            }
            lines += u64::from(seen == b'\n');
            before += 1;
        }
    }
}

/// A field as text; a broken byte is a fault of the file.
pub(crate) fn text<'a>(
    field: &'a [u8],
    path: &Path,
    byte: u64,
    column: &'static str,
) -> Result<&'a str, DataError> {
    match std::str::from_utf8(field) {
        Ok(text) => Ok(text),
        Err(_) => Err(DataError::BrokenText {
            at: Place::new(path, line_at(path, byte), column),
            seen: excerpt(field),
        }),
    }
}
