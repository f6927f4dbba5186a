//! What a graph is compiled to: operations over values, each with a place in a buffer.

use crate::dropout::Rate;
use recburn_graph::Activation;
use recburn_graph::Pool;
use recburn_schema::Side;

/// What a value has one row for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Each distinct user of a batch: what depends on the user alone is computed once per user.
    Users,
    /// Each distinct item.
    Items,
    /// Each query.
    Queries,
    /// Each pair of a query and a candidate, with a score of its own.
    Pairs,
}

impl Axis {
    /// What the values of a side have one row for.
    pub fn of(side: Side) -> Self {
        match side {
            Side::User => Self::Users,
            Side::Item => Self::Items,
            Side::Event => Self::Queries,
        }
    }
}

/// A column of ids: the users, the items, or another input at its place among the others of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The users.
    Users,
    /// The items.
    Items,
    /// [`Batch::others`](recburn_schema::Batch::others) at this place.
    Other(usize),
}

/// A value of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValueIx(pub usize);

/// Where the rows of a value are: `width` numbers at `start` of every `stride` numbers of a buffer. Its gradient has the
/// same place in the buffer of gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub buffer: usize,
    pub start: usize,
    pub width: usize,
    pub stride: usize,
}

impl Place {
    /// Whether the value is all of its buffer.
    pub fn is_whole(&self) -> bool {
        self.width == self.stride
    }
}

/// A value: one row for each of its axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub axis: Axis,
    pub place: Place,
}

/// A stretch of the dense parameters, which are one after the other.
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
    /// The table's place among [`Compiled::tables`](crate::Compiled::tables).
    pub table: usize,
    /// Whose ids look it up.
    pub ids: Ids,
    /// Numbers of a row.
    pub width: usize,
}

/// Normalisation over a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    pub gamma: Span,
    pub beta: Span,
    /// The moving statistics, among the numbers that no gradient moves.
    pub mean: Span,
    pub variance: Span,
    /// The weight of the batch's own statistics in the moving ones.
    pub momentum: f64,
    pub epsilon: f64,
    /// Its memory between forward and backward pass.
    pub kept: usize,
}

/// What a step computes. Its inputs are in other buffers than its output.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Rows of a table: one for each row of the output's axis.
    Gather { read: usize },
    /// Rows of a table, those of a bag as one.
    Pool { read: usize, how: Pool },
    /// The numbers of another input.
    Numbers { input: usize },
    /// One row for each pair from one for each user, item or query.
    Spread { input: ValueIx },
    /// `activation(x W + b)`.
    Dense {
        input: ValueIx,
        kernel: Span,
        bias: Span,
        activation: Activation,
        /// Its memory where most of its units are dropped, and its kernel is kept by units.
        thinned: Option<usize>,
    },
    /// An elementwise function.
    Activation {
        input: ValueIx,
        function: Activation,
    },
    /// Normalisation over the batch.
    BatchNorm { input: ValueIx, norm: Norm },
    /// Row by row dot product.
    Dot { inputs: [ValueIx; 2] },
    /// The dot products of each query's user with each of the candidates that all queries share, from one row for each
    /// distinct user and one for each distinct item.
    Products { users: ValueIx, items: ValueIx },
    /// The products of all pairs of the inputs, added up: `((sum v)^2 - sum v^2) / 2`.
    Pairwise { inputs: Vec<ValueIx> },
    /// The sum of each row.
    Sum { input: ValueIx },
    /// Sum.
    Add { inputs: Vec<ValueIx> },
    /// Elementwise product.
    Multiply { inputs: Vec<ValueIx> },
    /// Side by side, each input from its own column on. Inputs that are computed in their place already are not listed.
    Concat { parts: Vec<(ValueIx, usize)> },
    /// `min + (max - min) x`.
    Rescale { input: ValueIx, min: f32, max: f32 },
    /// The same numbers in a buffer of their own.
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

    /// What is read of a table.
    pub fn read(&self) -> Option<usize> {
        match self {
            Self::Gather { read } | Self::Pool { read, .. } => Some(*read),
            Self::Numbers { .. }
            | Self::Spread { .. }
            | Self::Dense { .. }
            | Self::Activation { .. }
            | Self::BatchNorm { .. }
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

    /// Whether it has no inputs, so that its output may have a place among others.
    pub fn is_leaf(&self) -> bool {
        self.read().is_some() || matches!(self, Self::Numbers { .. })
    }
}

/// Dropout of what an operation computes, in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropout {
    pub rate: Rate,
    /// Its mask.
    pub mask: usize,
}

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub operation: Operation,
    pub output: ValueIx,
    pub dropout: Option<Dropout>,
    /// For each input, whether its gradient is added to what is there, since another step has written to it before; `None`
    /// where nothing is learnt from it. Of a step that reads a table, the same of the rows.
    pub adds: Vec<Option<bool>>,
}

/// Everything that is known before the first batch.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub steps: Vec<Step>,
    pub values: Vec<Value>,
    /// For each buffer, its axis and the width of a row; `None` where no value has it.
    pub buffers: Vec<Option<(Axis, usize)>>,
    /// Buffers whose gradients are written in parts, and begin at 0.
    pub begin_at_0: Vec<usize>,
    pub output: ValueIx,
    pub reads: Vec<Read>,
    /// Layers of dropout.
    pub masks: usize,
    /// Layers of batch normalisation.
    pub norms: usize,
    /// Dense layers most of whose units are dropped.
    pub thinned: usize,
}
