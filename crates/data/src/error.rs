//! Errors in ratings, their splits and filters, and in what a model reads of them.
//!
//! As in every crate, the cause of an error is its `source()` and not part of its message; a caller that reports an error
//! prints the chain.

use std::path::PathBuf;

use crate::shown::shown;
use crate::word::WordError;

/// Why ratings cannot be split, filtered or batched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file that cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// An index beyond the table that it looks into.
    #[error("row {row}, column {column}: id {id} is beyond the table's {rows} rows")]
    OutOfTable {
        /// The row of the columns.
        row: usize,
        /// `users` or `items`.
        column: &'static str,
        /// The index seen.
        id: u32,
        /// How many rows the table has.
        rows: usize,
    },
    /// A rating in memory that is infinite or not a number.
    #[error("row {row}, column ratings: {seen} is not a rating")]
    NotARating {
        /// The row of the columns.
        row: usize,
        /// What stands there.
        seen: f32,
    },
    /// Columns of unequal length.
    #[error("columns of unequal length: {users} users, {items} items, {ratings} ratings")]
    UnequalColumns {
        /// How many users.
        users: usize,
        /// How many items.
        items: usize,
        /// How many ratings.
        ratings: usize,
    },
    /// A split that leaves a part without rows.
    #[error("the split '{kind}' of {rows} rows leaves the {part} part empty")]
    EmptyPart {
        /// The split, in words.
        kind: String,
        /// How many rows there were.
        rows: usize,
        /// `training` or `validation`.
        part: &'static str,
    },
    /// A split by two given files asked of a data set that was not read from them.
    #[error("this data set was not read from {} and {}, so a split cannot name them", train.display(), valid.display())]
    NotGiven {
        /// The training file.
        train: PathBuf,
        /// The validation file.
        valid: PathBuf,
    },
    /// A split by time of ratings that have none.
    #[error("the split '{kind}' goes by time, and these ratings have no timestamps")]
    NoTimestamps {
        /// The split, in words.
        kind: String,
    },
    /// A split by time of ratings of which some have none.
    #[error(
        "the split '{kind}' goes by time, and {rows} of the ratings have none{first}; mend the file, or split otherwise \
         (fraction:0.8, by-user:0.8)"
    )]
    NoTime {
        /// The split, in words.
        kind: String,
        /// How many ratings have no time.
        rows: usize,
        /// In words: where the first of them is, and what is there.
        first: String,
    },
    /// A filter that keeps nothing.
    #[error("the filter '{filter}' leaves none of {rows} ratings")]
    NothingLeft {
        /// The filter, in words.
        filter: String,
        /// How many ratings there were.
        rows: usize,
    },
    /// A pair of a user and an item that is rated more than once where that is an error.
    #[error(
        "user {user} has rated item {item} more than once (rows {} and {} of the data){more}; --repeats first, last or mean \
         leaves one rating of each pair",
        rows[0],
        rows[1]
    )]
    Repeated {
        /// The user's id.
        user: String,
        /// The item's id.
        item: String,
        /// Two of the rows, counted from one.
        rows: [usize; 2],
        /// In words: how many pairs more there are.
        more: String,
    },
    /// A shape that made-up ratings cannot have.
    #[error("no ratings can be made up of this shape: {wrong}")]
    Synthetic {
        /// What cannot be, with the numbers seen.
        wrong: String,
    },
    /// An input that a model reads and these examples do not have in that form.
    #[error(transparent)]
    Schema(#[from] recburn_schema::SchemaError),
    /// A feature that is not what it says, or does not fit the ratings.
    #[error("the feature `{name}`: {wrong}")]
    Feature {
        /// What it is called.
        name: String,
        /// What is wrong with it.
        wrong: String,
    },
    /// Examples that cannot be made.
    #[error("{wrong}")]
    Examples {
        /// Why, with the numbers seen.
        wrong: String,
    },
    /// A batch of no examples.
    #[error("a batch must hold at least one example")]
    BatchSize,
    /// Batches asked of no ratings.
    #[error("there are no ratings to batch")]
    NoRatings,
    /// An id that cannot be its own index, in raw order.
    #[error("in raw order an id must be a whole number from 0 to 2147483648, found '{seen}'")]
    RawId {
        /// The id seen.
        seen: String,
    },
    /// More ids than an index of 32 bits can count.
    #[error("more than {} ids", u32::MAX)]
    TooManyIds,
    /// An invalid setting, such as a split with a training share above 1.
    #[error(transparent)]
    Word(#[from] WordError),
}

/// An error and its causes in one line, for a warning.
pub fn in_a_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}

/// At most 60 letters of a field, for an error message.
pub fn excerpt(bytes: &[u8]) -> String {
    // A broken quote can make the rest of a file one field: look at its head only.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(240)]);
    match head.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", shown(&head[..end])),
        None if bytes.len() > 240 => format!("{}...", shown(&head)),
        None => shown(&head).into_owned(),
    }
}
