//! Compiled programs: operations over values, each with a place in a buffer.

use crate::dropout::Rate;
use crate::layout::Layout;
use crate::product::Matrix;
use crate::steps::Attention;
use recburn_graph::Activation;
use recburn_graph::Pool;
use recburn_schema::Side;

/// The axis along which a value has rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// One row per distinct user of a batch, for values that depend only on the user.
    Users,
    /// One row per distinct item.
    Items,
    /// One row per entry of the sequences that are looked up step by step.
    Entries,
    /// One row per query.
    Queries,
    /// One row per pair of a query and a candidate.
    Pairs,
}

impl Axis {
    /// The axis of the values of a side.
    pub fn of(side: Side) -> Self {
        match side {
            Side::User => Self::Users,
            Side::Item => Self::Items,
            Side::Event => Self::Queries,
        }
    }
}

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

/// A value of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValueIx(pub usize);

/// Where the rows of a value are: `width` numbers at offset `start` of every `stride` numbers of a buffer. Its gradient
/// has the same place in the buffer of gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub buffer: usize,
    pub start: usize,
    pub width: usize,
    pub stride: usize,
}

impl Place {
    /// Whether the value is the whole buffer.
    pub fn is_whole(&self) -> bool {
        self.width == self.stride
    }
}

/// A value, with one row per element of its axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub axis: Axis,
    pub place: Place,
}

/// A range of the dense parameters, which are contiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub len: usize,
}

impl Span {
    pub fn of(self, numbers: &[f32]) -> &[f32] {
        &numbers[self.start..][..self.len]
    }

    pub fn of_mut(self, numbers: &mut [f32]) -> &mut [f32] {
        &mut numbers[self.start..][..self.len]
    }
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

/// Normalisation over a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    pub gamma: Span,
    pub beta: Span,
    /// The moving statistics, among the numbers that gradients do not update.
    pub mean: Span,
    pub variance: Span,
    /// The weight of the batch statistics in the moving ones.
    pub momentum: f64,
    pub epsilon: f64,
    /// Its memory between the forward and backward passes.
    pub kept: usize,
}

/// Layer normalisation: of each row separately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowNorm {
    pub gamma: Span,
    pub beta: Span,
    pub epsilon: f64,
    /// The index of its memory between forward and backward pass.
    pub kept: usize,
}

/// Causal self-attention over the steps of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attends {
    /// The kernels of queries, keys and values.
    pub kernels: [Span; 3],
    pub attention: Attention,
    /// Its memory between forward and backward pass.
    pub kept: usize,
}

/// The operation of a step. Its inputs and its output are in different buffers.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Rows of a table: one per row of the output.
    Gather { read: usize },
    /// Pooled rows of a table: one per bag.
    Pool { read: usize, how: Pool },
    /// The numbers of another input.
    Numbers { input: usize },
    /// One row per pair, copied from the row of its user, item or query.
    Spread { input: ValueIx },
    /// `activation(x W + b)`.
    Dense {
        input: ValueIx,
        kernel: Span,
        bias: Span,
        activation: Activation,
        /// Its memory if most of its units are dropped; its kernel is then stored by units.
        thinned: Option<usize>,
    },
    /// An elementwise function.
    Activation {
        input: ValueIx,
        function: Activation,
    },
    /// Normalisation over the batch.
    BatchNorm { input: ValueIx, norm: Norm },
    /// Layer normalisation: of each row separately.
    LayerNorm { input: ValueIx, norm: RowNorm },
    /// Adds learned rows to steps, by their distance from the last step.
    Positions { input: ValueIx, rows: Span },
    /// Causal self-attention over steps.
    Attention { input: ValueIx, attends: Attends },
    /// The step that each query follows: every step if each is a query, otherwise the last step of each sequence, or
    /// zeros for an empty sequence.
    AtQuery { input: ValueIx },
    /// Dot product by row.
    Dot { inputs: [ValueIx; 2] },
    /// The dot products of each query with each of the candidates that all queries share, from one row per query or
    /// distinct user and one per distinct item.
    Products { users: ValueIx, items: ValueIx },
    /// The sum of the products of all pairs of inputs: `((sum v)^2 - sum v^2) / 2`.
    Pairwise { inputs: Vec<ValueIx> },
    /// The sum of each row.
    Sum { input: ValueIx },
    /// Sum.
    Add { inputs: Vec<ValueIx> },
    /// Elementwise product.
    Multiply { inputs: Vec<ValueIx> },
    /// Concatenation: each input with its first column. Inputs that are computed in place are not listed.
    Concat { parts: Vec<(ValueIx, usize)> },
    /// `min + (max - min) x`.
    Rescale { input: ValueIx, min: f32, max: f32 },
    /// The same numbers in a separate buffer.
    Copy { input: ValueIx },
}

impl Operation {
    /// Calls `visit` with the inputs, in the order in which the backward pass reaches their gradients.
    pub fn each_input(&self, mut visit: impl FnMut(ValueIx)) {
        match self {
            Self::Gather { .. } | Self::Pool { .. } | Self::Numbers { .. } => {}
            Self::Products { users, items } => {
                visit(*users);
                visit(*items);
            }
            Self::Spread { input }
            | Self::Dense { input, .. }
            | Self::Activation { input, .. }
            | Self::BatchNorm { input, .. }
            | Self::LayerNorm { input, .. }
            | Self::Positions { input, .. }
            | Self::Attention { input, .. }
            | Self::AtQuery { input }
            | Self::Rescale { input, .. }
            | Self::Sum { input }
            | Self::Copy { input } => visit(*input),
            Self::Dot { inputs } => inputs.iter().for_each(|input| visit(*input)),
            Self::Add { inputs } | Self::Multiply { inputs } | Self::Pairwise { inputs } => {
                inputs.iter().for_each(|input| visit(*input));
            }
            Self::Concat { parts } => parts.iter().for_each(|(input, _)| visit(*input)),
        }
    }

    /// The read of a table, if it is one.
    pub fn read(&self) -> Option<usize> {
        match self {
            Self::Gather { read } | Self::Pool { read, .. } => Some(*read),
            Self::Numbers { .. }
            | Self::Spread { .. }
            | Self::Dense { .. }
            | Self::Activation { .. }
            | Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::Positions { .. }
            | Self::Attention { .. }
            | Self::AtQuery { .. }
            | Self::Dot { .. }
            | Self::Products { .. }
            | Self::Pairwise { .. }
            | Self::Sum { .. }
            | Self::Add { .. }
            | Self::Multiply { .. }
            | Self::Concat { .. }
            | Self::Rescale { .. }
            | Self::Copy { .. } => None,
        }
    }

    /// Whether it has no inputs, so that its output may be placed within another value.
    pub fn is_leaf(&self) -> bool {
        self.read().is_some() || matches!(self, Self::Numbers { .. })
    }
}

/// In-place dropout of the output of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropout {
    pub rate: Rate,
    /// The index of its mask.
    pub mask: usize,
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
    /// The number of dropout layers.
    pub masks: usize,
    /// The number of batch normalisations.
    pub norms: usize,
    /// The number of dense layers of which most units are dropped.
    pub thinned: usize,
    /// The number of layer normalisations.
    pub row_norms: usize,
    /// The number of attention layers.
    pub attentions: usize,
    /// The sequence that is looked up step by step.
    pub sequence: Option<Ids>,
    /// Whether every entry of it is a query.
    pub every_position: bool,
}

impl Program {
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
