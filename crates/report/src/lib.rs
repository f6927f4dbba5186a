//! Output for people: tables, curves, diagrams, pictures.
//!
//! - [`diagram`] draws an architecture, [`Chart`] draws the measures of training; both return a [`Picture`]: an SVG for
//!   any browser, and a PNG rendered from it with an embedded font, so that it is the same in a container without
//!   fonts.
//! - [`data_picture`] draws a data set: the distribution of its ratings, and of the numbers of ratings per user and
//!   item.
//! - [`Description`] describes a matrix of factors like pandas' `DataFrame.describe()`.
//! - [`RunReport`] is the record of a run: `report.json`, with stable keys.
//!
//! Nothing here trains or scores; the input of all drawings and tables is plain numbers.
//!
//! ```
//! use recburn_report::{Chart, Series};
//!
//! let chart = Chart {
//!     title: "loss".into(),
//!     x_label: "epoch".into(),
//!     y_label: "mean squared error".into(),
//!     series: vec![Series { name: "train".into(), points: vec![(1.0, 1.4), (2.0, 0.9)] }],
//!     ..Chart::default()
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
