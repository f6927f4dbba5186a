//! The position of an error.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use recburn_data::shown;

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file; empty if the text did not come from a file. A file in an archive has a path through it, such as
    /// `ml-1m.zip/ml-1m/ratings.dat`.
    pub path: PathBuf,
    /// The line, counted from 1; `None` if not a specific line.
    pub line: Option<u64>,
    /// The row, counted from 1, in a file without lines, such as a Parquet file.
    pub row: Option<u64>,
    /// The name of the column; empty if not a specific column.
    pub column: Cow<'static, str>,
}

impl Place {
    /// A line and column of a file; the column may be empty.
    pub(crate) fn new(
        path: &Path,
        line: Option<u64>,
        column: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            path: path.to_path_buf(),
            line,
            row: None,
            column: column.into(),
        }
    }

    /// A position in a file with rows instead of lines.
    pub(crate) fn in_row(
        path: &Path,
        row: Option<u64>,
        column: impl Into<Cow<'static, str>>,
    ) -> Self {
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
