//! A column of ids on its way into tables.

use crate::tape::Tape;
use burn::tensor::{Device, Int, Tensor, TensorData};
use recburn_graph::Op;
use std::cell::OnceCell;
use std::rc::Rc;

/// Which of the two columns of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who rates.
    User,
    /// What is rated.
    Item,
}

impl Side {
    /// Whose ids a node of a graph gives; `None` of whatever is no column of ids.
    pub fn of(op: &Op) -> Option<Self> {
        // Without a wildcard: a column of another kind must not be read as one of these.
        match op {
            Op::User { .. } => Some(Self::User),
            Op::Item { .. } => Some(Self::Item),
            Op::Embedding { .. }
            | Op::Dense { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::BatchNorm { .. }
            | Op::Dot
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Item => "item",
        }
    }
}

/// The ids of one column of a batch: the distinct rows of the tables behind it and, for each example, its position
/// among them. Made on the host, and checked there, since no GPU backend checks an index; sent to the device where an
/// operation asks for them there.
#[derive(Clone)]
pub struct Ids {
    side: Side,
    column: Rc<Column>,
    tape: Option<Tape>,
}

struct Column {
    rows: Vec<u32>,
    /// `None`: each example is its own row.
    inverse: Option<Vec<u32>>,
    device: Device,
    largest: OnceCell<Option<u32>>,
    rows_on_device: OnceCell<Tensor<1, Int>>,
    inverse_on_device: OnceCell<Tensor<1, Int>>,
}

fn integers(values: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.iter().map(|&value| value as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

impl Ids {
    /// Distinct rows, and each example's position among them.
    pub fn new(side: Side, rows: &[u32], inverse: &[u32], device: &Device) -> Self {
        Self::with(side, rows, Some(inverse.to_vec()), device)
    }

    /// One row for each example, repeated or not: for inference.
    pub fn of(side: Side, rows: &[u32], device: &Device) -> Self {
        Self::with(side, rows, None, device)
    }

    fn with(side: Side, rows: &[u32], inverse: Option<Vec<u32>>, device: &Device) -> Self {
        let column = Column {
            rows: rows.to_vec(),
            inverse,
            device: device.clone().inner(),
            largest: OnceCell::new(),
            rows_on_device: OnceCell::new(),
            inverse_on_device: OnceCell::new(),
        };
        Self {
            side,
            column: Rc::new(column),
            tape: None,
        }
    }

    /// The same ids in training: tables note on `tape` what is taken from them.
    pub fn on_tape(self, tape: &Tape) -> Self {
        Self {
            tape: Some(tape.clone()),
            ..self
        }
    }

    /// The same ids without the tape, which may then hold them without holding itself.
    pub(crate) fn off_tape(&self) -> Self {
        Self {
            tape: None,
            ..self.clone()
        }
    }

    /// Which column this is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// How many examples.
    pub fn batch(&self) -> usize {
        let column = &*self.column;
        column.inverse.as_ref().unwrap_or(&column.rows).len()
    }

    /// The rows, on the host.
    pub fn rows(&self) -> &[u32] {
        &self.column.rows
    }

    /// Stops where a row lies beyond a table. On the host, since no GPU backend looks: it would read, and write, whatever
    /// lies there.
    ///
    /// # Panics
    /// If an id is not below `table`, the rows of the table: the same on every backend.
    pub(crate) fn check(&self, table: usize) {
        let column = &*self.column;
        let largest = *column
            .largest
            .get_or_init(|| column.rows.iter().max().copied());
        if let Some(id) = largest.filter(|&id| id as usize >= table) {
            panic!(
                "{} id {id} is beyond the table's {table} rows",
                self.side.word()
            );
        }
    }

    /// Each example's position among the rows, on the host; `None` where each is its own row.
    pub fn inverse(&self) -> Option<&[u32]> {
        self.column.inverse.as_deref()
    }

    /// Whether these are the same ids, made once and handed on.
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.column, &other.column)
    }

    /// The rows, on the device; sent there when first asked for.
    pub fn rows_on_device(&self) -> Tensor<1, Int> {
        let column = &*self.column;
        let rows = || integers(&column.rows, &column.device);
        column.rows_on_device.get_or_init(rows).clone()
    }

    /// The step's tape, in training.
    pub fn tape(&self) -> Option<&Tape> {
        self.tape.as_ref()
    }

    /// One value an example from one value a row.
    ///
    /// # Shapes
    /// - values: `[rows, width]`
    /// - output: `[batch, width]`
    pub fn spread(&self, values: Tensor<2>) -> Tensor<2> {
        let column = &*self.column;
        let Some(inverse) = &column.inverse else {
            return values;
        };
        let places = || integers(inverse, &column.device);
        values.select(0, column.inverse_on_device.get_or_init(places).clone())
    }
}
