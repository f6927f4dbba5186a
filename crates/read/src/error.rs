//! Errors in files, and their places. Not split, since it is a single enum: one table of faults and their messages.

use std::path::PathBuf;

use recburn_data::{DataError, shown};

pub use crate::place::Place;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No data set under that name or path.
    #[error(
        "no ratings found for '{}'; looked at: {}; {advice}",
        shown(name),
        list(looked)
    )]
    NotFound {
        /// The name or path asked for.
        name: String,
        /// Every place looked at, in order.
        looked: Vec<PathBuf>,
        /// What to put where.
        advice: String,
    },
    /// The operating system refused to open or read a file.
    #[error("cannot access {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// An archive that cannot be read, or not the file in it.
    #[error("{}: {wrong}", path.display())]
    Packed {
        /// The archive, or the path that leads through it.
        path: PathBuf,
        /// What is wrong with it.
        wrong: String,
    },
    /// A Parquet file that cannot be read.
    #[error("{at}: {wrong}")]
    Parquet {
        /// Where.
        at: Place,
        /// What is wrong with it.
        wrong: String,
    },
    /// A file of which it is not known what is where.
    #[error("{}: cannot tell which column holds what; the first line is '{seen}'; {advice}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its first line.
        seen: String,
        /// How it may be opened all the same.
        advice: String,
    },
    /// A header none of whose names is known to be that of a column that is needed.
    #[error("{at}: no column is recognised as the {role}; the columns are: {seen}; {advice}")]
    UnknownColumn {
        /// Where.
        at: Box<Place>,
        /// What is needed: user, item or rating.
        role: &'static str,
        /// The header's columns.
        seen: String,
        /// How the file may be opened all the same.
        advice: String,
    },
    /// A header of which several columns could be the one that is needed.
    #[error("{at}: more than one column could be the {role}: {seen}; {advice}")]
    AmbiguousColumn {
        /// Where.
        at: Box<Place>,
        /// What is needed: user, item or rating.
        role: &'static str,
        /// The columns that could be it.
        seen: String,
        /// How to say which one is.
        advice: String,
    },
    /// One column named for two things.
    #[error("{at}: {first} and {second} are the same column; {advice}")]
    SameColumn {
        /// Where.
        at: Box<Place>,
        /// What the column was named for.
        first: &'static str,
        /// What else it was named for.
        second: &'static str,
        /// The flag that fits the file.
        advice: String,
    },
    /// A file that is no JSON lines, or a line that is no object with the keys that are needed.
    #[error("{at}: {wrong}")]
    Json {
        /// Where.
        at: Place,
        /// What is wrong, and what to do.
        wrong: String,
    },
    /// A file of Matrix Market that holds no ratings.
    #[error("{at}: {wrong}")]
    Matrix {
        /// Where.
        at: Place,
        /// What is wrong, and what is expected.
        wrong: String,
    },
    /// A file of which every line would be left out.
    #[error("{}: none of {lines} lines can be read; the first fault: {first}", path.display())]
    NothingRead {
        /// The file.
        path: PathBuf,
        /// How many lines it has.
        lines: usize,
        /// What is wrong with the first of them.
        first: String,
    },
    /// No file of items where one was said to be.
    #[error(
        "{}: there is no items file; expected one such as movies.csv, possibly in an archive (ml-1m.zip/ml-1m/movies.dat)",
        path.display()
    )]
    ItemsNotFound {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file of items whose first line fits no known one.
    #[error(
        "{}: not a known file of items (known: a table whose header has {id} and title, separated by commas, tabs or \
         semicolons; .item of RecBole; u.item and movies.dat of MovieLens); the first line is '{seen}'",
        path.display()
    )]
    UnknownItems {
        /// The file.
        path: PathBuf,
        /// What its column of ids may be called.
        id: String,
        /// Its first line.
        seen: String,
    },
    /// A file of items that tells of none that is rated.
    #[error("{}: none of these items has ratings: do they belong to another data set?", path.display())]
    NoItemKnown {
        /// The file.
        path: PathBuf,
    },
    /// Something of a file asked of the sample.
    #[error("'sample' is generated in memory and takes no {what}")]
    NoFile {
        /// What was asked for.
        what: &'static str,
    },
    /// A file that holds nothing.
    #[error("{}: the file is empty", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A file with a header and nothing below it.
    #[error("{}: no ratings below the header", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// NUL bytes where text is expected.
    #[error(
        "{at}: NUL bytes: this is a binary file, or UTF-16 text without a byte order mark (`iconv -f utf-16le -t utf-8` \
         converts that)"
    )]
    Binary {
        /// Where.
        at: Place,
    },
    /// Fields separated by another sign than the format's.
    #[error("{at}: expected fields separated by {expected}, found '{seen}'")]
    WrongDelimiter {
        /// Where.
        at: Place,
        /// The sign of this format.
        expected: &'static str,
        /// The line seen.
        seen: String,
    },
    /// A header without a needed column.
    #[error("{at}: no such column; the columns are: {seen}{}{advice}", if advice.is_empty() { "" } else { "; " })]
    MissingColumn {
        /// Where; its column is the one that is missing.
        at: Box<Place>,
        /// The header's columns.
        seen: String,
        /// How the file may be opened all the same; empty where nothing is known to help.
        advice: String,
    },
    /// A header without the types that its format has there.
    #[error("{at}: expected a column's name and type such as user_id:token, found '{seen}'")]
    Header {
        /// Where.
        at: Place,
        /// The header's column.
        seen: String,
    },
    /// A line with fewer or more fields than the file's first.
    #[error("{at}: expected {expected} fields, found {seen}")]
    LineLength {
        /// Where.
        at: Place,
        /// How many fields the first line has.
        expected: usize,
        /// How many this one has.
        seen: usize,
    },
    /// A line with more fields than the file's first, where a comma that is none of the delimiters would explain it.
    #[error(
        "{at}: expected {expected} fields, found {seen}; a comma that is a decimal comma (4,5) or part of a title needs \
         quotes around its field, or another delimiter such as a semicolon"
    )]
    MoreFields {
        /// Where.
        at: Place,
        /// How many fields the first line has.
        expected: usize,
        /// How many this one has.
        seen: usize,
    },
    /// A rating with a decimal comma where commas separate fields.
    #[error(
        "{at}: '{seen}' has a decimal comma, and commas separate the fields of this file: write 4.5 for 4,5, or use semicolons or tabs"
    )]
    DecimalComma {
        /// Where.
        at: Place,
        /// The text seen.
        seen: String,
    },
    /// A rating that is no number.
    #[error("{at}: expected a number, found '{seen}'")]
    NotANumber {
        /// Where.
        at: Place,
        /// The text seen.
        seen: String,
    },
    /// A rating that is NaN or infinite.
    #[error("{at}: expected a finite number, found '{seen}'")]
    NotFinite {
        /// Where.
        at: Place,
        /// The text seen.
        seen: String,
    },
    /// Text that is not UTF-8.
    #[error("{at}: the text is not UTF-8: '{seen}'")]
    BrokenText {
        /// Where.
        at: Place,
        /// The text, with a mark in place of each broken byte.
        seen: String,
    },
    /// An id with no text in it.
    #[error("{at}: the id is empty")]
    EmptyId {
        /// Where.
        at: Place,
    },
    /// An id that cannot be its own index.
    #[error("{at}: in raw order an id must be a whole number from 0 to 2147483648, found '{seen}'")]
    RawId {
        /// Where.
        at: Place,
        /// The id seen.
        seen: String,
    },
    /// More rows or ids than an index of 32 bits can count.
    #[error("{at}: more than {} rows or ids", u32::MAX)]
    TooMany {
        /// Where.
        at: Place,
    },
    /// A file of features that does not fit the ratings.
    #[error("{}: {wrong}", path.display())]
    FeatureFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        wrong: String,
    },
    /// The contents of the file do not fit, such as a split with an empty part or an invalid feature.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl ReadError {
    /// Whether this is the fault of one line, without which the file could be read: see
    /// [`BadLines`](crate::BadLines).
    pub fn is_of_a_line(&self) -> bool {
        match self {
            Self::LineLength { .. }
            | Self::MoreFields { .. }
            | Self::NotANumber { .. }
            | Self::NotFinite { .. }
            | Self::DecimalComma { .. }
            | Self::BrokenText { .. }
            | Self::EmptyId { .. }
            | Self::RawId { .. } => true,
            Self::Binary { at } | Self::Json { at, .. } => at.line.is_some(),
            _ => false,
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}
