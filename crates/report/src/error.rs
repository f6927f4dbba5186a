//! What cannot be shown.

use std::path::PathBuf;

/// Why there is no table, picture or report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file that cannot be written; the system's message names it.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// A file that cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that holds something other than a report.
    #[error("{} is not a run report", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where it departs.
        source: serde_json::Error,
    },
    /// JSON has no word for a number that is not finite.
    #[error("{key} of the report is {value}, which JSON cannot hold")]
    NotFinite {
        /// Where in the report.
        key: String,
        /// What stands there.
        value: f64,
    },
    /// A matrix without numbers.
    #[error("there are no numbers to describe")]
    Empty,
    /// Numbers that do not fill whole rows.
    #[error("{values} numbers do not make rows of {columns}")]
    Rows {
        /// How many numbers.
        values: usize,
        /// How many columns were to be filled.
        columns: usize,
    },
    /// Names and columns come in pairs.
    #[error("{names} names for {columns} columns")]
    Names {
        /// How many names.
        names: usize,
        /// How many columns.
        columns: usize,
    },
    /// A row of no charts.
    #[error("a row of charts needs at least one")]
    NoCharts,
    /// The library that draws or rasterises refused.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
    /// A scale that gives no picture, or one too large to hold.
    #[error("a picture of {width} by {height} cannot be drawn at scale {scale}")]
    Scale {
        /// Width at scale 1, in pixels.
        width: f32,
        /// Height at scale 1, in pixels.
        height: f32,
        /// The scale asked for.
        scale: f32,
    },
}
