//! Checks of tables: their settings, their names, and the rows that nodes read from them.

use super::check_name;
use super::settings::Need;
use crate::error::GraphError;
use crate::node::Node;
use crate::op::Op;
use crate::table::Table;
use recburn_schema::Input;

/// Checks the settings of each table, and that names are unique.
pub(super) fn check_tables(tables: &[Table]) -> Result<(), GraphError> {
    for (at, table) in tables.iter().enumerate() {
        check_name(&table.name)?;
        if tables[..at].iter().any(|other| other.name == table.name) {
            return Err(GraphError::DuplicateTable {
                name: table.name.clone(),
            });
        }
        let need = Need {
            kind: "Table",
            node: &table.name,
        };
        need.rows(table.rows)?;
        need.that("width", "1 or more", &table.width, table.width > 0)?;
        need.penalty(table.options.l2)?;
        need.initializer(&table.options.initializer)?;
    }
    Ok(())
}

/// Weights are named after tables and nodes: a table may share its name only with a node that reads it.
pub(super) fn one_weight_a_name(table: &Table, nodes: &[Node]) -> Result<(), GraphError> {
    let mut readers = nodes
        .iter()
        .filter(|node| node.op.table() == Some(&table.name));
    if readers.next().is_none() {
        return Err(GraphError::Unused {
            node: table.name.clone(),
        });
    }
    let learns = |node: &&Node| node.name == table.name && node.op.table() != Some(&table.name);
    match nodes.iter().any(|node| learns(&node)) {
        false => Ok(()),
        true => Err(GraphError::DuplicateName {
            name: table.name.clone(),
        }),
    }
}

/// The table that a node reads; it must exist and have a row for every id of the input.
pub(super) fn read_table<'a>(
    name: &str,
    op: &Op,
    tables: &'a [Table],
    taken: &[&Node],
) -> Result<Option<&'a Table>, GraphError> {
    let Some(wanted) = op.table() else {
        return Ok(None);
    };
    let Some(table) = tables.iter().find(|table| table.name == wanted) else {
        return Err(GraphError::UnknownTable {
            node: name.to_string(),
            table: wanted.to_string(),
        });
    };
    let ids = taken
        .iter()
        .find_map(|node| Some((node, node.input()?.kind.rows()?)));
    match ids {
        Some((input, ids)) if ids > table.rows => Err(GraphError::TableRows {
            node: name.to_string(),
            table: wanted.to_string(),
            rows: table.rows,
            input: input.name.clone(),
            ids,
        }),
        _ => Ok(Some(table)),
    }
}

/// Tables with propagation: none, or one that only users look up in and one that only items do, alike in width and layers.
pub(super) fn check_propagated(tables: &[Table], nodes: &[Node]) -> Result<(), GraphError> {
    let propagated: Vec<&Table> = tables.iter().filter(|table| table.layers > 0).collect();
    let Some(first) = propagated.first() else {
        return Ok(());
    };
    let of = |is: fn(&Input) -> bool, table: &Table| {
        let mut readers = nodes
            .iter()
            .filter(|node| node.op.table() == Some(&table.name));
        readers.all(|node| {
            let ids = node.sources.first().and_then(|&at| nodes[at].input());
            ids.is_some_and(|input| is(&input))
        })
    };
    let fits = match propagated.as_slice() {
        [one, other] => {
            let both = [one, other];
            let (users, items) = (Input::is_users, Input::is_items);
            one.width == other.width
                && one.layers == other.layers
                && both.iter().any(|table| of(users, table))
                && both.iter().any(|table| of(items, table))
        }
        _ => false,
    };
    match fits {
        true => Ok(()),
        false => Err(GraphError::Propagation {
            table: first.name.clone(),
        }),
    }
}
