//! The tables of a model that users or items index.

use recburn_data::Side;
use recburn_nn::{ColumnId, Model, tables};

/// A table that users or items index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name, without its weight's.
    pub name: String,
    pub rows: usize,
    pub width: usize,
    /// Whose rows these are: of the user, if both index it and the user does so first.
    pub side: Side,
}

impl Table {
    /// Those of a model, in the order in which it reads them.
    pub fn all<M: Model>(model: &M) -> Vec<Self> {
        let tables = tables(model).into_iter();
        let own = tables.filter_map(|table| {
            let side = table.columns.iter().find_map(|&column| match column {
                ColumnId::USERS => Some(Side::User),
                ColumnId::ITEMS => Some(Side::Item),
                _ => None,
            })?;
            Some(Self {
                name: short(&table.name).to_string(),
                rows: table.rows,
                width: table.width,
                side,
            })
        });
        own.collect()
    }
}

/// A table's name without its weight's.
pub(crate) fn short(name: &str) -> &str {
    name.strip_suffix(".weight").unwrap_or(name)
}
