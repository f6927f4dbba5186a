//! The nodes of a graph: their shapes, what they depend on, their parameters.

use crate::op::Op;
use recburn_schema::{Input, Side};
use serde::Serialize;
use std::fmt;

/// One layer of a [`Graph`](crate::Graph).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Its name, unique in the graph; the prefix of its weights' names.
    pub name: String,
    /// Its operation.
    pub op: Op,
    /// The names of its inputs, which all come before it.
    pub inputs: Vec<String>,
    /// The positions of those nodes in [`Graph::nodes`](crate::Graph::nodes).
    #[serde(skip)]
    pub sources: Vec<usize>,
    /// The shape of its value.
    #[serde(skip)]
    pub shape: Shape,
    /// Its parameters; a table that several nodes read is counted for the first one.
    #[serde(skip)]
    pub parameters: Parameters,
    /// The sides that its value depends on.
    #[serde(skip)]
    pub depends_on: Dependence,
}

/// The shape of a node's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One id per example: `[batch]`.
    Ids,
    /// One bag of ids per example.
    Bags,
    /// One sequence of ids per example, of this length at most: `[batch, length]`.
    Sequence(usize),
    /// Numbers: `[batch, width]`.
    Row(usize),
    /// Numbers of each step of a sequence: `[batch, length, width]`. Shorter sequences have fewer steps, not padded ones.
    Steps {
        /// The most steps that there are.
        length: usize,
        /// Numbers of a step.
        width: usize,
    },
}

impl Shape {
    /// The width of numbers.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Row(width) | Self::Steps { width, .. } => Some(width),
            Self::Ids | Self::Bags | Self::Sequence(_) => None,
        }
    }
}

impl Shape {
    /// The same with other numbers in each row or step.
    pub(crate) fn with_width(self, width: usize) -> Self {
        match self {
            Self::Steps { length, .. } => Self::Steps { length, width },
            Self::Ids | Self::Bags | Self::Sequence(_) | Self::Row(_) => Self::Row(width),
        }
    }
}

/// `[batch]`, `[batch, any]`, `[batch, 40]`, `[batch, 50, 40]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids => f.write_str("[batch]"),
            Self::Bags => f.write_str("[batch, any]"),
            Self::Sequence(size) | Self::Row(size) => write!(f, "[batch, {size}]"),
            Self::Steps { length, width } => write!(f, "[batch, {length}, {width}]"),
        }
    }
}

/// What a value depends on. A value that depends on only one side can be computed once per distinct row of that side,
/// unless it depends on the composition of the batch (dropout, batch normalisation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependence {
    /// The user.
    pub user: bool,
    /// The item.
    pub item: bool,
    /// The individual example.
    pub event: bool,
    /// In training, the other examples of the batch, or random numbers.
    pub batch: bool,
}

impl Dependence {
    /// The union of both dependences.
    pub fn or(self, other: Self) -> Self {
        Self {
            user: self.user || other.user,
            item: self.item || other.item,
            event: self.event || other.event,
            batch: self.batch || other.batch,
        }
    }

    /// The only side that it depends on, if that side has rows (user or item).
    pub fn one_side(self) -> Option<Side> {
        match self {
            Self {
                user: true,
                item: false,
                event: false,
                batch: false,
            } => Some(Side::User),
            Self {
                user: false,
                item: true,
                event: false,
                batch: false,
            } => Some(Side::Item),
            _ => None,
        }
    }
}

impl Node {
    /// The input that this node represents, if any.
    pub fn input(&self) -> Option<Input> {
        match &self.op {
            Op::Input { side, kind } => Some(Input::new(&self.name, *side, kind.clone())),
            _ => None,
        }
    }

    /// Whether this is an input of ids, which cannot be used in computations.
    pub fn is_column(&self) -> bool {
        self.shape.width().is_none()
    }

    /// The width of its numbers; 1 for ids.
    pub fn width(&self) -> usize {
        self.shape.width().unwrap_or(1)
    }
}

/// Counts of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Updated by the optimizer.
    pub trainable: usize,
    /// Not trained: the moving statistics of batch normalisation.
    pub fixed: usize,
}

impl Parameters {
    /// Their sum.
    pub fn total(&self) -> usize {
        self.trainable + self.fixed
    }
}
