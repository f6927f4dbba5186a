//! Ratings that were added to a data set, line by line: `user,item,rating,time`, as a service writes them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::builder::Builder;
use crate::error::ReadError;
use crate::place::Place;
use crate::row::{Names, Row};
use crate::source::{self, Head};
use recburn_data::Dataset;
use recburn_schema::{ItemIx, UserIx};

/// The heading of such a file, which may be missing.
const HEADING: [&[u8]; 4] = [b"user", b"item", b"rating", b"time"];

/// The columns' names in messages.
const NAMES: Names = Names {
    user: Cow::Borrowed("user"),
    item: Cow::Borrowed("item"),
    rating: Cow::Borrowed("rating"),
    timestamp: Cow::Borrowed("time"),
};

/// The rows of a data set that come from a journal.
pub(crate) struct Added {
    /// The first of them.
    begin: usize,
    /// For each whether it takes ratings back instead of giving one.
    takes_back: Vec<bool>,
}

impl Added {
    /// Reads a journal behind other rows. A line with an empty rating takes earlier ratings back.
    pub(crate) fn read(path: &Path, into: &mut Builder) -> Result<Self, ReadError> {
        let source = source::existing(path)?.ok_or_else(|| ReadError::NotFound {
            name: path.display().to_string(),
            looked: vec![path.to_path_buf()],
            advice: "a file of added ratings is needed, as `recburn serve --journal` writes it"
                .to_string(),
        })?;
        let head: Arc<Head> = source.head().clone();
        let mut added = Self {
            begin: into.len(),
            takes_back: Vec::new(),
        };
        let is_timed = into.is_timed();
        into.begin(&head, NAMES);
        let bytes = std::fs::read(path).map_err(|source| ReadError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(&bytes[..]);
        let mut row = csv::ByteRecord::new();
        let mut first = true;
        // Of lines of any length and content in memory every one is read.
        while rows.read_byte_record(&mut row).unwrap_or(false) {
            let is_heading = std::mem::take(&mut first) && row.iter().eq(HEADING);
            if is_heading {
                continue;
            }
            let (byte, line) = row.position().map_or((0, 0), |at| (at.byte(), at.line()));
            if row.len() != 4 {
                return Err(ReadError::LineLength {
                    at: Place::new(path, Some(line), ""),
                    expected: 4,
                    seen: row.len(),
                });
            }
            let takes_back = row[2].is_empty();
            into.push(&Row {
                byte,
                user: &row[0],
                item: &row[1],
                // Such a row does not stay.
                rating: if takes_back { &b"0"[..] } else { &row[2] },
                timestamp: is_timed.then_some(&row[3]),
            })?;
            added.takes_back.push(takes_back);
        }
        Ok(added)
    }

    /// The data set in which the last line about a pair counts, and no row of the files before.
    pub(crate) fn settle(&self, dataset: Dataset) -> Result<Dataset, ReadError> {
        let ratings = &dataset.ratings;
        let pair = |row: usize| (ratings.users[row], ratings.items[row]);
        let own = self.begin..self.begin + self.takes_back.len();
        let last: HashMap<(UserIx, ItemIx), usize> = own.map(|row| (pair(row), row)).collect();
        if last.is_empty() {
            return Ok(dataset);
        }
        let stays = |row: &u32| match last.get(&pair(*row as usize)) {
            None => true,
            Some(&last) => last == *row as usize && !self.takes_back[last - self.begin],
        };
        let rows: Vec<u32> = (0..ratings.len() as u32).filter(stays).collect();
        Ok(dataset.with_rows(&rows)?)
    }
}
