//! Data sets that were never in a file, and what feeds hand out of them.

mod fed;
mod made;

pub(crate) use fed::{entries, epoch, expand, is_distinct, queries};
pub(crate) use made::{dataset, of_rows, orders, ratings, rmse, written};
