//! What models of the next item have in common: a table of items that histories and candidates share, the steps of the
//! latest items, and the product of the step that a query follows and the candidate's row.

use crate::architecture::ModelError;
use recburn_graph::{Graph, Initializer, Input, Kind, Side, Sym, Table, TableOptions, dot};
use recburn_schema::Schema;

/// The table of the items.
pub(crate) fn item_table(
    schema: &Schema,
    width: usize,
    initializer: Initializer,
    l2: f64,
) -> Table {
    let options = TableOptions {
        initializer,
        l2,
        ..TableOptions::default()
    };
    Table::with("item_factors", schema.items(), width, options)
}

/// The rows of the latest items of each user: `[batch, length, width]`.
pub(crate) fn history(schema: &Schema, length: usize, items: &Table) -> Result<Sym, ModelError> {
    let kind = Kind::Sequence {
        rows: schema.items(),
        length,
    };
    let recent = Input::new(Input::RECENT, Side::User, kind);
    schema.serves(std::slice::from_ref(&recent))?;
    Ok(Sym::sequence(&recent).look_up("recent_items", items))
}

/// A value with dropout, unless the rate is 0.
pub(crate) fn dropped(value: &Sym, name: &str, rate: f64) -> Sym {
    match rate == 0.0 {
        true => value.clone(),
        false => value.dropout(name, rate),
    }
}

/// The model whose score is the product of the step that a query follows and the candidate's row.
pub(crate) fn scored(
    model: &str,
    schema: &Schema,
    steps: &Sym,
    items: &Table,
) -> Result<Graph, ModelError> {
    let user_vector = steps.at_query("user_vector");
    let item_vector = Sym::item(schema.items()).look_up("item_vector", items);
    Ok(Graph::new(
        model,
        &dot("score", &user_vector, &item_vector),
    )?)
}
