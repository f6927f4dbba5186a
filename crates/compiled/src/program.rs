//! Compiled programs: operations over values, each with a place in a buffer.
//!
//! Here are the program, its steps and the columns they read; operations are in `operation`, values and their places in
//! `place`.

mod operation;
mod place;

pub(crate) use operation::{Attends, Draws, Dropout, Gates, Looks, Norm, Operation, RowNorm};
pub(crate) use place::{Axis, Place, Span, Value, ValueIx};

use crate::compiled::Sums;
use crate::layout::Layout;
use crate::product::Matrix;

/// A column of ids: the users, the items, or another input by its position among the others of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The users.
    Users,
    /// The items.
    Items,
    /// [`Batch::others`](recburn_schema::Batch::others) at this position.
    Other(usize),
}

/// The rows of a table that the ids of one column look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The index of the table in [`Compiled::tables`](crate::Compiled::tables).
    pub table: usize,
    /// The column whose ids look it up.
    pub ids: Ids,
    /// Numbers per row.
    pub width: usize,
}

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub operation: Operation,
    pub output: ValueIx,
    pub dropout: Option<Dropout>,
    /// For each input, whether its gradient is added because another step has already written to it; `None` if no
    /// trained weights contribute to it. For a step that reads a table, the same for its rows.
    pub adds: Vec<Option<bool>>,
}

/// Everything that is known before the first batch.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub steps: Vec<Step>,
    pub values: Vec<Value>,
    /// For each buffer, its axis and row width; `None` if no value uses it.
    pub buffers: Vec<Option<(Axis, usize)>>,
    /// Buffers whose gradients are written in parts, and therefore start at 0.
    pub begin_at_0: Vec<usize>,
    pub output: ValueIx,
    pub reads: Vec<Read>,
    /// The number of dropout layers and of draws.
    pub masks: usize,
    /// The number of batch normalisations.
    pub norms: usize,
    /// The number of dense layers of which most units are dropped.
    pub thinned: usize,
    /// The number of layer normalisations.
    pub row_norms: usize,
    /// The number of attention layers.
    pub attentions: usize,
    /// The number of recurrent layers.
    pub recurrent: usize,
    /// The sequence that is looked up step by step.
    pub sequence: Option<Ids>,
    /// Whether every entry of it is a query.
    pub every_position: bool,
}

impl Program {
    /// Whether a process without a part of a batch takes part in its sums.
    pub fn needs(&self, sums: Sums<'_>) -> bool {
        let draws = |step: &Step| matches!(step.operation, Operation::Sampling { .. });
        sums.is_some() && (self.norms > 0 || self.steps.iter().any(draws))
    }

    /// For each row of one side of all products, its position among the rows of a value; `None` if they are the rows
    /// themselves.
    pub fn inverse<'a>(&self, value: ValueIx, layout: &Layout<'a>) -> Option<&'a [u32]> {
        match self.values[value.0].axis {
            Axis::Users => Some(&layout.batch.users.inverse),
            Axis::Items => Some(&layout.batch.items.inverse),
            Axis::Queries => None,
            Axis::Entries | Axis::Pairs => unreachable!("not a side of a product"),
        }
    }

    /// The first `rows` rows of one side of all products: in `placed`, or directly in the value.
    pub fn side<'a>(
        &self,
        value: ValueIx,
        rows: usize,
        values: &'a [Vec<f32>],
        placed: &'a [f32],
        layout: &Layout<'_>,
    ) -> Matrix<'a> {
        let place = self.values[value.0].place;
        match self.inverse(value, layout) {
            Some(_) => Matrix::with_stride(placed, [rows, place.width], place.width),
            None => {
                let numbers = &values[place.buffer][place.start..];
                Matrix::with_stride(numbers, [rows, place.width], place.stride)
            }
        }
    }
}
