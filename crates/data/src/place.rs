//! The place of a fault.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::shown::shown;

/// Where in a file something was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file; empty when the text came from no file. One in an archive goes by a path that leads through it, such as
    /// `ml-1m.zip/ml-1m/ratings.dat`.
    pub path: PathBuf,
    /// The line, counted from one; `None` when no single line is meant.
    pub line: Option<u64>,
    /// The row, counted from one, of a file that has no lines, such as a Parquet file.
    pub row: Option<u64>,
    /// The column's name; empty when no single column is meant.
    pub column: Cow<'static, str>,
}

impl Place {
    /// A line and column of a file; an empty column where none is meant.
    pub fn new(path: &Path, line: Option<u64>, column: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.to_path_buf(),
            line,
            row: None,
            column: column.into(),
        }
    }

    /// In a file that is counted by rows.
    pub fn in_row(path: &Path, row: Option<u64>, column: impl Into<Cow<'static, str>>) -> Self {
        Self {
            row,
            ..Self::new(path, None, column)
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_os_str().is_empty() {
            true => f.write_str("in memory")?,
            false => f.write_str(&shown(&self.path.to_string_lossy()))?,
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", shown(&self.column))?;
        }
        Ok(())
    }
}
