//! Conversion of rows of any format to columns; the only place that parses fields and numbers ids.

use std::sync::Arc;

use crate::bad_lines::{BadLines, LeftOut};
use crate::error::{Place, ReadError};
use crate::events::Events;
use crate::features::FeatureColumn;
use crate::field::{Fault, decimal_point, float};
use crate::moment;
use crate::numbering::Numbering;
use crate::row::{Names, Row};
use crate::source::Head;
use crate::text::{Encoding, latin_1};
use recburn_data::internals::excerpt;
use recburn_data::{IdMap, IdOrder, Ratings, Untimed, thousands};
use recburn_schema::{ItemIx, UserIx};

/// The number of rows after which the total is estimated.
const ESTIMATE_AFTER: usize = 10_000;

/// Columns under construction.
pub(crate) struct Builder {
    order: IdOrder,
    /// The file at hand.
    head: Arc<Head>,
    names: Names,
    /// Whether positions are given by row, since the file has no lines.
    by_row: bool,
    /// Whether 4,5 is a number, which is possible if commas do not separate fields.
    decimal_commas: bool,
    /// The numbers of rows and of skipped lines before the current file.
    before: usize,
    left_out_before: usize,
    left_out: LeftOut,
    /// The number of JSON lines that were not UTF-8, and the first of them.
    foreign_lines: Option<(usize, String)>,
    /// Whether a file without ratings has been read, whose rows count as ratings of 1.
    pub(crate) unrated: bool,
    users: Numbering,
    items: Numbering,
    columns: Ratings,
    timestamps: Vec<i64>,
    events: Events,
    untimed: Option<Untimed>,
}

impl Builder {
    pub(crate) fn new(order: IdOrder) -> Self {
        Self {
            order,
            head: Arc::default(),
            decimal_commas: false,
            before: 0,
            left_out_before: 0,
            left_out: LeftOut::default(),
            foreign_lines: None,
            unrated: false,
            names: Names::PLAIN,
            by_row: false,
            users: Numbering::default(),
            items: Numbering::default(),
            columns: Ratings::default(),
            timestamps: Vec::new(),
            events: Events::default(),
            untimed: None,
        }
    }

    /// Sets the policy for bad lines and the encoding of ids; `None` for UTF-8 with a fallback to Latin-1.
    pub(crate) fn lenient(mut self, way: BadLines, encoding: Option<Encoding>) -> Self {
        self.left_out.way = way;
        self.users.encoding = encoding;
        self.items.encoding = encoding;
        self
    }

    /// Begins a file. It has no ratings if their column has no name.
    pub(crate) fn begin(&mut self, head: &Arc<Head>, names: Names) {
        self.head = head.clone();
        self.unrated |= names.rating.is_empty();
        self.names = names;
        self.by_row = false;
        self.decimal_commas = false;
        self.before = self.len();
        self.left_out_before = self.left_out.lines();
    }

    /// Sets whether 4,5 is a number in the current file.
    pub(crate) fn decimal_commas(&mut self, are_there: bool) {
        self.decimal_commas = are_there;
    }

    /// Ends the current file, which must have had a row.
    pub(crate) fn end(&self, header: bool) -> Result<(), ReadError> {
        let path = self.head.path().to_path_buf();
        let lines = self.left_out.lines() - self.left_out_before;
        match (self.len() > self.before, header) {
            (true, _) => Ok(()),
            (false, _) if lines > 0 => Err(ReadError::NothingRead {
                path,
                lines,
                first: self.left_out.first().unwrap_or_default().to_string(),
            }),
            (false, true) => Err(ReadError::NoRows { path }),
            (false, false) => Err(ReadError::EmptyFile { path }),
        }
    }

    /// Skips a record that cannot be read, if the policy allows it.
    pub(crate) fn forgive(
        &mut self,
        row: Result<(), ReadError>,
        record: &[u8],
    ) -> Result<(), ReadError> {
        match row {
            Err(fault) if self.left_out.skips(&fault) => {
                self.left_out.add(&fault, record);
                Ok(())
            }
            row => row,
        }
    }

    /// Records that a line of JSON was not UTF-8 and was read as Latin-1.
    #[cold]
    pub(crate) fn read_as_latin_1(&mut self, line: &[u8]) {
        let first = || (0, excerpt(latin_1(line).as_bytes()));
        self.foreign_lines.get_or_insert_with(first).0 += 1;
    }

    /// Warnings collected while reading.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let foreign = [self.users.warning("user"), self.items.warning("item")];
        let lines = self.foreign_lines.as_ref().map(|(count, first)| {
            let are = if *count == 1 { "line is" } else { "lines are" };
            format!(
                "{} {are} not UTF-8 and read as Latin-1, such as '{first}'",
                thousands(*count)
            )
        });
        self.left_out
            .report()
            .into_iter()
            .chain(foreign.into_iter().flatten())
            .chain(lines)
            .collect()
    }

    /// Tells the builder that the current file has this many rows.
    #[cfg(feature = "parquet")]
    pub(crate) fn count_rows(&mut self, rows: usize) {
        self.by_row = true;
        self.reserve(rows);
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Reserves room for this many more rows. Without enough memory the columns grow as needed.
    pub(crate) fn reserve(&mut self, rows: usize) {
        let _ = self.columns.users.try_reserve_exact(rows);
        let _ = self.columns.items.try_reserve_exact(rows);
        let _ = self.columns.ratings.try_reserve_exact(rows);
        let _ = self.timestamps.try_reserve_exact(rows);
    }

    /// Reserves room for the rest of the file, estimated from its size and that of the rows so far, which end at about
    /// this byte.
    ///
    /// Columns that grow by doubling are copied each time and temporarily need twice the memory. An estimate that is
    /// too high is harmless, since memory that is never written to is only reserved addresses and is released at the
    /// end.
    fn reserve_rest(&mut self, byte: u64) {
        if let Some(about) = self.head.size() {
            let rows = ESTIMATE_AFTER as u128 * u128::from(about) / u128::from(byte.max(1));
            self.reserve(usize::try_from(rows).unwrap_or(0));
        }
    }

    /// Sets the other columns of the following rows.
    pub(crate) fn others(&mut self, others: &[(FeatureColumn, usize)]) {
        self.events.begin(others);
    }

    /// Reads the other columns of a row, before the row itself.
    pub(crate) fn stage<'a>(
        &mut self,
        byte: u64,
        field: impl Fn(usize) -> &'a [u8],
    ) -> Result<(), ReadError> {
        let staged = self.events.stage(field);
        staged.map_err(|(column, seen)| ReadError::NotANumber {
            at: self.place(byte, &column),
            seen,
        })
    }

    /// Whether rows have other columns.
    pub(crate) fn has_others(&self) -> bool {
        !self.events.is_empty()
    }

    /// Reads the fields of one row.
    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), ReadError> {
        let rating = match float(row.rating) {
            Ok(rating) => rating,
            Err(fault) => self.unusual_rating(row, fault)?,
        };
        let seconds = row.timestamp.map(|field| match moment::seconds(field) {
            Ok(seconds) => seconds,
            Err(_) => self.no_time(row.byte, field),
        });
        if self.left_out.way == BadLines::Skip {
            // The user of a skipped line does not count.
            self.items
                .check(row.item, self.order)
                .map_err(|fault| self.fault(row.byte, &self.names.item, row.item, fault))?;
        }
        let user = self
            .users
            .number(row.user, self.order)
            .map_err(|fault| self.fault(row.byte, &self.names.user, row.user, fault))?;
        let item = self
            .items
            .number(row.item, self.order)
            .map_err(|fault| self.fault(row.byte, &self.names.item, row.item, fault))?;
        if self.len() >= u32::MAX as usize {
            return Err(self.fault(row.byte, "", b"", Fault::TooMany));
        }
        self.timestamps.extend(seconds);
        self.columns.users.push(UserIx(user));
        self.columns.items.push(ItemIx(item));
        self.columns.ratings.push(rating);
        self.events.commit();
        if self.len() - self.before == ESTIMATE_AFTER && !self.by_row {
            self.reserve_rest(row.byte);
        }
        Ok(())
    }

    /// Records a row whose time is missing or unreadable. Most uses of ratings need no times, so this is not an error;
    /// operations that need them refuse.
    #[cold]
    fn no_time(&mut self, byte: u64, field: &[u8]) -> i64 {
        match &mut self.untimed {
            Some(untimed) => untimed.rows += 1,
            None => {
                let place = self.place(byte, &self.names.timestamp);
                let seen = excerpt(field.trim_ascii());
                let first = match seen.is_empty() {
                    true => format!("{place}: there is no time"),
                    false => format!(
                        "{place}: '{seen}' is not a time (seconds since 1970, or a date such as 2005-04-02 23:53:47)"
                    ),
                };
                self.untimed = Some(Untimed { rows: 1, first });
            }
        }
        Ratings::NO_TIME
    }

    /// A rating with a decimal comma, if commas do not separate fields.
    #[cold]
    fn unusual_rating(&self, row: &Row<'_>, fault: Fault) -> Result<f32, ReadError> {
        let rating = match float(&decimal_point(row.rating)) {
            Ok(rating) if self.decimal_commas => Ok(rating),
            Ok(_) => Err(Fault::DecimalComma),
            Err(_) => Err(fault),
        };
        rating.map_err(|fault| self.fault(row.byte, &self.names.rating, row.rating, fault))
    }

    /// The rows so far whose time is missing or unreadable.
    pub(crate) fn untimed(&mut self) -> Option<Untimed> {
        self.untimed.take()
    }

    /// Whether only some of the files have times, which are then ignored.
    pub(crate) fn is_half_timed(&self) -> bool {
        !self.timestamps.is_empty() && self.timestamps.len() != self.len()
    }

    /// Finishes, with indices in the requested order.
    pub(crate) fn finish(mut self) -> (IdMap<UserIx>, IdMap<ItemIx>, Ratings) {
        let Ratings { users, items, .. } = &mut self.columns;
        let users = IdMap::of_column(self.users.into_texts(), self.order, users);
        let items = IdMap::of_column(self.items.into_texts(), self.order, items);
        // One of two files may have no timestamps; a partial column is dropped.
        let complete = self.timestamps.len() == self.columns.len()
            && self.timestamps.iter().any(|&time| time != Ratings::NO_TIME);
        self.columns.others = self.events.finish();
        self.columns.users.shrink_to_fit();
        self.columns.items.shrink_to_fit();
        self.columns.ratings.shrink_to_fit();
        self.columns.timestamps = complete.then(|| {
            self.timestamps.shrink_to_fit();
            self.timestamps
        });
        (users, items, self.columns)
    }

    /// A position in the record that begins at this byte.
    pub(crate) fn place(&self, byte: u64, column: &str) -> Place {
        match self.by_row {
            true => Place::in_row(self.head.path(), Some(byte + 1), column.to_string()),
            // Counting lines reads from the beginning, so only for errors that are shown.
            false if !self.left_out.is_shown() => self.head.at(column.to_string()),
            false => self.head.place(byte, column.to_string()),
        }
    }

    /// The error for a record whose length differs from the file's.
    #[cold]
    pub(crate) fn wrong_count(&self, byte: u64, expected: usize, seen: usize) -> ReadError {
        let at = self.place(byte, "");
        match seen > expected && !self.decimal_commas {
            true => ReadError::MoreFields { at, expected, seen },
            false => ReadError::LineLength { at, expected, seen },
        }
    }

    fn fault(&self, byte: u64, column: &str, field: &[u8], fault: Fault) -> ReadError {
        fault.at(self.place(byte, column), field)
    }
}
