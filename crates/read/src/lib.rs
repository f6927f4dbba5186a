//! Reads ratings, titles and features from files into indexed data sets.
//!
//! This crate reads files, compressed or not, into a [`Dataset`](recburn_data::Dataset): it parses fields and numbers
//! ids. Operations on data sets are in `recburn-data`.
//!
//! ```
//! use recburn_data::Dataset;
//! use recburn_read::OpenDataset;
//!
//! let dataset = Dataset::open("sample")?;
//! println!("{dataset}");
//! # Ok::<(), recburn_read::ReadError>(())
//! ```
//!
//! [`OpenOptions::open`] recognises the files of MovieLens, Kaggle and RecBole, compressed or not, tables with common
//! column names, and any other table if its [`Columns`] are given.
//!
//! Every fault in a file is a [`ReadError`] that names the file, the line, the column and what was seen there.

#![warn(missing_docs)]

mod bad_lines;
mod builder;
mod column;
mod columns;
mod error;
mod events;
mod features;
mod field;
mod formats;
mod how;
mod join;
mod journal;
mod moment;
mod names;
mod numbering;
mod open;
mod part;
mod place;
mod places;
mod plausible;
mod row;
mod source;
mod text;
mod titles;

pub use bad_lines::BadLines;
pub use column::{ColumnName, Delimiter};
pub use columns::Columns;
pub use error::{Place, ReadError};
pub use features::{ColumnKind, FeatureColumn, FeatureColumns, FeatureFile, Lacks};
pub use how::OpenOptions;
pub use join::ReadTitles;
pub use names::{NAMES, NamedSet};
pub use open::OpenDataset;
pub use part::FilePart;
pub use text::Encoding;
