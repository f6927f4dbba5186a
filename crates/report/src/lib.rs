//! What people look at: tables, curves, diagrams, pictures.
//!
//! - [`diagram`] draws an architecture, [`Chart`] draws what training measured; both give a [`Picture`], an SVG that
//!   any browser shows and a PNG made from it in the process, with letters of our own, so that a container without
//!   fonts draws the same.
//! - [`data_picture`] draws a data set: its ratings, and how many of them users and items have.
//! - [`Description`] prints what `DataFrame.describe()` of pandas prints of a matrix of factors.
//! - [`RunReport`] is what stays of a run: `report.json`, with keys that do not change.
//!
//! Nothing here trains or scores; what is drawn and printed are plain numbers.
//!
//! ```
//! use recburn_report::{Chart, Series};
//!
//! let chart = Chart {
//!     title: "loss".into(),
//!     x_label: "epoch".into(),
//!     y_label: "mean squared error".into(),
//!     series: vec![Series { name: "train".into(), points: vec![(1.0, 1.4), (2.0, 0.9)] }],
//! };
//! let picture = chart.draw()?;
//! assert!(picture.svg().contains("mean squared error"));
//! # Ok::<(), recburn_report::ReportError>(())
//! ```

mod axis;
mod bars;
mod chart;
mod data_picture;
mod describe;
mod diagram;
mod error;
mod font;
mod picture;
mod place;
mod printed;
mod run;

pub use chart::{Chart, Series};
pub use data_picture::data_picture;
pub use describe::{Description, Statistics};
pub use diagram::diagram;
pub use error::ReportError;
pub use picture::Picture;
pub use run::{ColdReport, EpochReport, RunReport, VersionsReport};
