//! Feature files.

mod columns;
mod guess;
mod lacks;
mod read;
mod table;

pub use columns::{ColumnKind, FeatureColumn, FeatureColumns, FeatureFile};
pub(crate) use columns::{is_closed, parts};
pub use lacks::Lacks;
pub(crate) use read::read;
