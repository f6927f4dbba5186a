//! The values of nodes on the axis where they are used; inputs and tables are read there.

use super::Lowering;
use crate::program::{Axis, Ids, Operation, Read, ValueIx};
use recburn_graph::Op;

impl Lowering<'_> {
    /// A node's value on this axis, which is the node's own or the axis of pairs.
    pub(super) fn on(&mut self, node: usize, axis: Axis) -> ValueIx {
        let node = self.same_as[node];
        let known = |computed: &[(Axis, ValueIx)], axis: Axis| {
            let mut known = computed.iter();
            known.find(|(own, _)| *own == axis).map(|(_, value)| *value)
        };
        if let Some(value) = known(&self.computed[node], axis) {
            return value;
        }
        let (own, width) = (self.axis(node), self.nodes[node].width());
        let leaf = self.leaf(node);
        // Rows of users and items are read where they are used, everything else once per entry of its own side.
        let anywhere = match &leaf {
            Some(Operation::Gather { read }) => {
                matches!(self.reads[*read].ids, Ids::Users | Ids::Items)
            }
            _ => false,
        };
        let value = match leaf {
            Some(leaf) if anywhere || own == axis => self.push(leaf, axis, width),
            _ => {
                let input = self.on(node, own);
                self.push(Operation::Spread { input }, axis, width)
            }
        };
        self.computed[node].push((axis, value));
        value
    }

    /// The operation of a node that uses no other value.
    fn leaf(&mut self, node: usize) -> Option<Operation> {
        match &self.nodes[node].op {
            Op::Input { .. } => Some(Operation::Numbers {
                input: self.other(&self.nodes[node].name),
            }),
            Op::Embedding { .. } => Some(Operation::Gather {
                read: self.read(node),
            }),
            Op::Pool { how, .. } => Some(Operation::Pool {
                read: self.read(node),
                how: *how,
            }),
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
            | Op::Rescale { .. } => None,
        }
    }

    /// The read of a node's table.
    fn read(&mut self, node: usize) -> usize {
        let node = &self.nodes[node];
        let table = node.op.table();
        let table = self.tables.iter().position(|own| Some(*own) == table);
        let read = Read {
            table: table.expect("a checked graph has the tables that its nodes read"),
            ids: self.ids(&self.input(node.sources[0])),
            width: node.width(),
        };
        match self.reads.iter().position(|own| *own == read) {
            Some(at) => at,
            None => {
                self.reads.push(read);
                self.reads.len() - 1
            }
        }
    }
}
