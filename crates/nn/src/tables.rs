//! The tables of a model.

use crate::columns::{ColumnId, Columns, Ids, others};
use crate::embedding::Embedding;
use crate::inputs::Inputs;
use crate::model::{Model, device_of};
use crate::pass::{Pass, RowSource};
use crate::walk::paths;
use burn::module::ParamId;
use burn::tensor::Tensor;
use recburn_graph::TableOptions;
use recburn_schema::{Bags, Batch, Column, Input, Kind, Values};
use std::cell::RefCell;
use std::rc::Rc;

/// A table of a model, found by a forward pass.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// The path of its weight in the module, such as `user_factors.weight`.
    pub name: String,
    /// Its weight.
    pub id: ParamId,
    /// Rows.
    pub rows: usize,
    /// Width of a row.
    pub width: usize,
    /// Initial values, penalty, constraint.
    pub options: TableOptions,
    /// The columns that index it.
    pub columns: Vec<ColumnId>,
    /// The table itself, off the autodiff device: `[rows, width]`.
    pub weights: Tensor<2>,
}

/// Observes a forward pass over the first rows.
#[derive(Default)]
struct Watch(Vec<TableInfo>);

impl RowSource for Watch {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let id = table.weight.id;
        let column = ids.key().column;
        if let Some(seen) = self.0.iter_mut().find(|seen| seen.id == id) {
            if !seen.columns.contains(&column) {
                seen.columns.push(column);
            }
        } else {
            let [rows, width] = table.shape();
            self.0.push(TableInfo {
                name: String::new(),
                id,
                rows,
                width,
                options: table.options,
                columns: vec![column],
                weights: table.weights(),
            });
        }
        // Only which rows are read is observed, so none is.
        let [_, width] = table.shape();
        Tensor::zeros([ids.rows().len(), width], &table.weights().device())
    }
}

/// A batch with the first user, the first item, and the first row of every other input.
fn first(inputs: &[Input]) -> Batch {
    let column = || Column {
        rows: vec![0],
        inverse: vec![0],
    };
    let value = |input: &Input| match input.kind {
        Kind::Id { .. } => Values::Ids(column()),
        Kind::Bag { .. } | Kind::Sequence { .. } => Values::Bags(Bags {
            column: column(),
            ends: vec![1],
            weights: Vec::new(),
        }),
        Kind::Numbers { width } => Values::Numbers(vec![0.0; width]),
    };
    Batch {
        others: others(inputs).map(value).collect(),
        ..Batch::of_ratings(column(), column(), vec![0.0])
    }
}

/// The tables of a model in the order in which a forward pass reads them.
pub fn tables<M: Model>(model: &M) -> Vec<TableInfo> {
    let model = model.valid();
    let inputs = model.inputs();
    let batch = first(&inputs);
    let watch = Rc::new(RefCell::new(Watch::default()));
    let pass = Pass::reading(watch.clone());
    let columns = Columns::new(&batch, &inputs, &device_of(&model));
    model.score(&Inputs::new(&columns, &pass));
    let names = paths(&model);
    let mut tables = std::mem::take(&mut watch.borrow_mut().0);
    for table in &mut tables {
        table.name = names
            .get(&table.id)
            .cloned()
            .unwrap_or_else(|| table.id.to_string());
    }
    tables
}
