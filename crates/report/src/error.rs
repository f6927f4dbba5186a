//! Errors of reports and pictures.

use std::path::PathBuf;

/// Why there is no table, picture or report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file is not a report.
    #[error("{} is not a run report", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The parse error.
        source: serde_json::Error,
    },
    /// JSON cannot represent numbers that are not finite.
    #[error("{key} of the report is {value}, which JSON cannot hold")]
    NotFinite {
        /// The key in the report.
        key: String,
        /// Its value.
        value: f64,
    },
    /// The matrix is empty.
    #[error("there are no numbers to describe")]
    Empty,
    /// The numbers do not fill whole rows.
    #[error("{values} numbers do not make rows of {columns}")]
    Rows {
        /// The number of values.
        values: usize,
        /// The number of columns expected.
        columns: usize,
    },
    /// The numbers of names and columns differ.
    #[error("{names} names for {columns} columns")]
    Names {
        /// The number of names.
        names: usize,
        /// The number of columns.
        columns: usize,
    },
    /// The row of charts is empty.
    #[error("a row of charts needs at least one")]
    NoCharts,
    /// The library that draws or rasterises failed.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
    /// The scale yields no picture, or one that is too large.
    #[error("a picture of {width} by {height} cannot be drawn at scale {scale}")]
    Scale {
        /// Width at scale 1, in pixels.
        width: f32,
        /// Height at scale 1, in pixels.
        height: f32,
        /// The requested scale.
        scale: f32,
    },
}
