//! Conversion of rows of any format to columns; the only place that parses fields and numbers ids.
//!
//! Here are the files, from the first to the finished columns; the rows of a file are in `rows`.

mod rows;

use std::sync::Arc;

use crate::bad_lines::{BadLines, LeftOut};
use crate::error::ReadError;
use crate::events::Events;
use crate::features::FeatureColumn;
use crate::numbering::Numbering;
use crate::row::Names;
use crate::source::Head;
use crate::text::{Encoding, latin_1};
use recburn_data::internals::excerpt;
use recburn_data::{IdMap, IdOrder, Ratings, Untimed, thousands};
use recburn_schema::{ItemIx, UserIx};

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
    /// Whether a file need not have a row.
    may_be_empty: bool,
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
            may_be_empty: false,
        }
    }

    /// Permits files without rows, of which another process may read some.
    pub(crate) fn may_be_empty(&mut self) {
        self.may_be_empty = true;
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
            (false, _) if self.may_be_empty => Ok(()),
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

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Sets the other columns of the following rows.
    pub(crate) fn others(&mut self, others: &[(FeatureColumn, usize)]) {
        self.events.begin(others);
    }

    /// Whether rows have other columns.
    pub(crate) fn has_others(&self) -> bool {
        !self.events.is_empty()
    }

    /// The rows so far whose time is missing or unreadable.
    pub(crate) fn untimed(&mut self) -> Option<Untimed> {
        self.untimed.take()
    }

    /// Whether all rows so far have a time, be it one that could not be read.
    pub(crate) fn is_timed(&self) -> bool {
        !self.timestamps.is_empty() && self.timestamps.len() == self.len()
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
}
