//! A table of learnt rows.

use crate::ids::Ids;
use crate::initialize::Draw;
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use recburn_graph::Table;

/// One learnt row for each id.
///
/// Unlike Burn's own embedding, whose backward makes a gradient the size of the table, this one never puts the table on
/// the autodiff device: a forward pass in training differentiates the distinct rows of its batch alone.
#[derive(Module, Debug)]
pub struct Embedding {
    /// The table, `[rows, width]`, off the autodiff device.
    pub weight: Param<Tensor<2>>,
    /// Initial values, penalty and constraint.
    #[module(skip)]
    pub table: Table,
}

impl Embedding {
    /// A table of `rows` rows. `name` picks the stream of random numbers that it starts from.
    pub fn new(
        name: &str,
        rows: usize,
        width: usize,
        table: Table,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let numbers = draw.numbers(name, table.initializer, rows, width);
        let data = TensorData::new(numbers, [rows, width]);
        Self {
            weight: Param::initialized(
                ParamId::new(),
                Tensor::from_data(data, &device.clone().inner()),
            ),
            table,
        }
    }

    /// Rows and width.
    pub fn shape(&self) -> [usize; 2] {
        self.weight.lazy_shape().dims()
    }

    /// The whole table, without autodiff: `[rows, width]`. While a model trains this copy is behind.
    pub fn weights(&self) -> Tensor<2> {
        self.weight.val().without_autodiff()
    }

    /// Stops at an id beyond the table.
    pub(crate) fn check(&self, ids: &Ids) {
        ids.check(self.shape()[0]);
    }

    /// Looks each id up.
    ///
    /// # Shapes
    /// - ids: `[batch]`, each below the number of rows
    /// - output: `[batch, width]`
    ///
    /// # Panics
    /// If an id is beyond the table: on every backend, before anything is read. Training looks at its data
    /// before its first step.
    pub fn forward(&self, ids: &Ids) -> Tensor<2> {
        self.check(ids);
        match ids.tape() {
            Some(tape) => tape.examples(&[(self, ids)]),
            None => ids.spread(self.weights().select(0, ids.rows_on_device())),
        }
    }
}

/// Looks ids up in several tables and puts what they have side by side.
///
/// # Shapes
/// - ids: `[batch]` each
/// - output: `[batch, sum of widths]`
pub(crate) fn side_by_side(reads: &[(&Embedding, &Ids)]) -> Tensor<2> {
    reads.iter().for_each(|(table, ids)| table.check(ids));
    match reads.iter().find_map(|(_, ids)| ids.tape()) {
        Some(tape) => tape.examples(reads),
        None => Tensor::cat(
            reads
                .iter()
                .map(|(table, ids)| table.forward(ids))
                .collect(),
            1,
        ),
    }
}
