//! Feature files.

mod columns;
mod guess;
mod read;
mod table;

pub(crate) use columns::parts;
pub use columns::{ColumnKind, FeatureColumn, FeatureColumns, FeatureFile};
pub(crate) use read::read;
