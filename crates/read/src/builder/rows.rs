//! The rows of a file: fields become numbers, ids become indices, and faults get their place.

use super::Builder;
use crate::bad_lines::BadLines;
use crate::error::{Place, ReadError};
use crate::field::{Fault, decimal_point, float};
use crate::moment;
use crate::row::Row;
use recburn_data::internals::excerpt;
use recburn_data::{Ratings, Untimed};
use recburn_schema::{ItemIx, UserIx};

/// The number of rows after which the total is estimated.
const ESTIMATE_AFTER: usize = 10_000;

impl Builder {
    /// Tells the builder that the current file has this many rows.
    #[cfg(feature = "parquet")]
    pub(crate) fn count_rows(&mut self, rows: usize) {
        self.by_row = true;
        self.reserve(rows);
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
