//! The axis along which a value varies: users, items, entries of sequences, queries or pairs.

use super::Lowering;
use crate::program::Axis;
use recburn_graph::{Node, Op, Shape, Side};

impl Lowering<'_> {
    /// The axis along which a node's value varies.
    pub(super) fn axis(&self, node: usize) -> Axis {
        let node = self.same_as[node];
        if let Shape::Steps { .. } = self.nodes[node].shape {
            return Axis::Entries;
        }
        match &self.nodes[node].op {
            Op::Input { side, .. } => Axis::of(*side),
            Op::Embedding { .. } | Op::Pool { .. } => {
                Axis::of(self.input(self.nodes[node].sources[0]).side)
            }
            Op::Dense { .. }
            | Op::Bias
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::BatchNorm { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::Gru { .. }
            | Op::AdditiveAttention { .. }
            | Op::AtQuery
            | Op::Sampling { .. }
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => {
                let first = self.computed[node].first();
                first.map_or(Axis::Pairs, |(axis, _)| *axis)
            }
        }
    }

    /// The factors of a dot product, if one depends only on the user or the query and the other only on the item.
    pub(super) fn sides(&self, node: &Node) -> Option<(usize, usize)> {
        let (left, right) = (node.sources[0], node.sources[1]);
        match (self.axis(left), self.axis(right)) {
            (Axis::Users | Axis::Queries, Axis::Items) => Some((left, right)),
            (Axis::Items, Axis::Users | Axis::Queries) => Some((right, left)),
            _ => None,
        }
    }

    /// The axis of the step that each query follows.
    pub(super) fn axis_of_queries(&self) -> Axis {
        match self.sequence {
            Some((_, Side::User)) if self.queries.every_position => Axis::Queries,
            Some((_, side)) => Axis::of(side),
            None => unreachable!("a checked graph asks for steps of a sequence"),
        }
    }
}
