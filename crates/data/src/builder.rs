//! Rows of any format become columns here: the one place where fields are understood and ids are numbered.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::dataset::Untimed;
use crate::error::{DataError, Place, excerpt};
use crate::field::{Fault, float};
use crate::ids::{IdMap, IdOrder, ItemIx, UserIx};
use crate::moment::Clock;
use crate::numbering::Numbering;
use crate::ratings::Ratings;
use crate::source;

/// What the fields are called in the file being read, for error messages.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) user: Cow<'static, str>,
    pub(crate) item: Cow<'static, str>,
    pub(crate) rating: Cow<'static, str>,
    pub(crate) timestamp: Cow<'static, str>,
}

impl Names {
    /// For files that name no columns.
    pub(crate) const PLAIN: Self = Self {
        user: Cow::Borrowed("user"),
        item: Cow::Borrowed("item"),
        rating: Cow::Borrowed("rating"),
        timestamp: Cow::Borrowed("timestamp"),
    };
}

/// One row as it stands in the file.
pub(crate) struct Row<'a> {
    /// Where it begins; lines are counted only when one is to be named. In a file counted by rows: how many came before.
    pub(crate) byte: u64,
    pub(crate) user: &'a [u8],
    pub(crate) item: &'a [u8],
    pub(crate) rating: &'a [u8],
    pub(crate) timestamp: Option<&'a [u8]>,
}

/// After so many rows of a file it is estimated how many there are.
const ESTIMATE_AFTER: usize = 10_000;

/// Columns in the making.
pub(crate) struct Builder {
    order: IdOrder,
    path: PathBuf,
    names: Names,
    clock: Clock,
    /// Whether places are told by rows, since the file has no lines.
    by_row: bool,
    /// How many rows there were before those of the file at hand.
    before: usize,
    users: Numbering,
    items: Numbering,
    columns: Ratings,
    timestamps: Vec<i64>,
    untimed: Option<Untimed>,
}

impl Builder {
    pub(crate) fn new(order: IdOrder) -> Self {
        Self {
            order,
            path: PathBuf::new(),
            before: 0,
            names: Names::PLAIN,
            clock: Clock::Exact,
            by_row: false,
            users: Numbering::default(),
            items: Numbering::default(),
            columns: Ratings::default(),
            timestamps: Vec::new(),
            untimed: None,
        }
    }

    /// The rows that follow come from this file.
    pub(crate) fn begin(&mut self, path: &Path, names: Names, clock: Clock) {
        self.path = path.to_path_buf();
        self.names = names;
        self.clock = clock;
        self.by_row = false;
        self.before = self.len();
    }

    /// The rows of the file at hand are counted, and there are so many of them.
    #[cfg(feature = "parquet")]
    pub(crate) fn count_rows(&mut self, rows: usize) {
        self.by_row = true;
        self.reserve(rows);
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Makes room for so many rows more. Where there is none, the columns grow as they must.
    pub(crate) fn reserve(&mut self, rows: usize) {
        let _ = self.columns.users.try_reserve_exact(rows);
        let _ = self.columns.items.try_reserve_exact(rows);
        let _ = self.columns.ratings.try_reserve_exact(rows);
        let _ = self.timestamps.try_reserve_exact(rows);
    }

    /// Makes room for the rest of the file, by its size and that of the rows so far, which end about at this byte.
    ///
    /// Columns that double as they grow are copied each time, and hold twice the memory meanwhile. An estimate too
    /// high does no harm: what is never written to is no more than addresses, and goes in the end.
    fn reserve_rest(&mut self, byte: u64) {
        if let Some(about) = source::size(&self.path) {
            let rows = ESTIMATE_AFTER as u128 * u128::from(about) / u128::from(byte.max(1));
            self.reserve(usize::try_from(rows).unwrap_or(0));
        }
    }

    /// Reads one row's fields.
    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), DataError> {
        let user = self
            .users
            .number(row.user, self.order)
            .map_err(|fault| self.fault(row.byte, &self.names.user, row.user, fault))?;
        let item = self
            .items
            .number(row.item, self.order)
            .map_err(|fault| self.fault(row.byte, &self.names.item, row.item, fault))?;
        let rating = float(row.rating)
            .map_err(|fault| self.fault(row.byte, &self.names.rating, row.rating, fault))?;
        if let Some(field) = row.timestamp {
            let seconds = self.clock.seconds(field);
            let seconds = seconds.unwrap_or_else(|_| self.no_time(row.byte, field));
            self.timestamps.push(seconds);
        }
        if self.len() >= u32::MAX as usize {
            return Err(self.fault(row.byte, "", b"", Fault::TooMany));
        }
        self.columns.users.push(UserIx(user));
        self.columns.items.push(ItemIx(item));
        self.columns.ratings.push(rating);
        if self.len() - self.before == ESTIMATE_AFTER && !self.by_row {
            self.reserve_rest(row.byte);
        }
        Ok(())
    }

    /// Notes a row whose time is missing or cannot be read. Most of what is done with ratings needs no times, so this
    /// stops nothing; what needs them refuses.
    #[cold]
    fn no_time(&mut self, byte: u64, field: &[u8]) -> i64 {
        match &mut self.untimed {
            Some(untimed) => untimed.rows += 1,
            None => {
                self.untimed = Some(Untimed {
                    rows: 1,
                    first: self.place(byte, &self.names.timestamp),
                    seen: excerpt(field.trim_ascii()),
                });
            }
        }
        Ratings::NO_TIME
    }

    /// Adds a row that was never text; its ids are plain numbers.
    pub(crate) fn push_values(
        &mut self,
        user: &str,
        item: &str,
        rating: f32,
        timestamp: i64,
    ) -> Result<(), DataError> {
        let (user, item) = (self.user(user)?, self.item(item)?);
        self.push_numbers(user, item, rating, timestamp);
        Ok(())
    }

    /// The number of a user's id that was never text in a file.
    pub(crate) fn user(&mut self, id: &str) -> Result<u32, DataError> {
        self.users.intern(id).map_err(|_| self.too_many())
    }

    /// The number of an item's id that was never text in a file.
    pub(crate) fn item(&mut self, id: &str) -> Result<u32, DataError> {
        self.items.intern(id).map_err(|_| self.too_many())
    }

    /// Adds a row by the numbers of its ids.
    pub(crate) fn push_numbers(&mut self, user: u32, item: u32, rating: f32, timestamp: i64) {
        self.timestamps.push(timestamp);
        self.columns.users.push(UserIx(user));
        self.columns.items.push(ItemIx(item));
        self.columns.ratings.push(rating);
    }

    fn too_many(&self) -> DataError {
        DataError::TooMany {
            at: Place::new(&self.path, None, ""),
        }
    }

    /// The rows so far whose time is missing or cannot be read.
    pub(crate) fn untimed(&mut self) -> Option<Untimed> {
        self.untimed.take()
    }

    /// Indices in the order asked for.
    pub(crate) fn finish(mut self) -> (IdMap, IdMap, Ratings) {
        let (users, new_users) = IdMap::numbered(self.users.into_texts(), self.order);
        let (items, new_items) = IdMap::numbered(self.items.into_texts(), self.order);
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
        let complete = self.timestamps.len() == self.columns.len()
            && self.timestamps.iter().any(|&time| time != Ratings::NO_TIME);
        self.columns.users.shrink_to_fit();
        self.columns.items.shrink_to_fit();
        self.columns.ratings.shrink_to_fit();
        self.columns.timestamps = complete.then(|| {
            self.timestamps.shrink_to_fit();
            self.timestamps
        });
        (users, items, self.columns)
    }

    /// The place of a field of the row that begins at this byte.
    fn place(&self, byte: u64, column: &str) -> Place {
        match self.by_row {
            true => Place::in_row(&self.path, Some(byte + 1), column.to_string()),
            false => Place::new(&self.path, line_at(&self.path, byte), column.to_string()),
        }
    }

    fn fault(&self, byte: u64, column: &str, field: &[u8], fault: Fault) -> DataError {
        let at = self.place(byte, column);
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
            Fault::NotWhole => DataError::NotANumber { at, seen },
        }
    }
}

/// The line, counted from one, of the record that begins at or a few line ends behind this byte.
///
/// The csv reader counts lines up to where it begins to look for a record, which is before blank lines and, with
/// Windows line ends, one line early. So the file is read again: it happens once, on the way out with an error.
pub(crate) fn line_at(path: &Path, byte: u64) -> Option<u64> {
    let mut file = source::open(path).ok()?;
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
