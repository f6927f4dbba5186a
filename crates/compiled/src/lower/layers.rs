//! Layers with parameters of their own, or with memory between the forward and backward passes.

use super::Lowering;
use crate::dropout::Rate;
use crate::program::{Attends, Axis, Dropout, Norm, Operation, RowNorm, Span, ValueIx};
use crate::steps::Attention;
use crate::thinned;
use recburn_graph::{Node, Op};

impl Lowering<'_> {
    /// The weight matrices of a node.
    pub(super) fn kernels<const N: usize>(
        &mut self,
        node: &Node,
        parts: [(&str, [usize; 2]); N],
    ) -> [Span; N] {
        parts.map(|(part, shape)| {
            let name = format!("{}.{part}", node.name);
            self.parameters.kernel(name, shape, 0.0, false)
        })
    }

    pub(super) fn row_norm(&mut self, node: &Node, epsilon: f64) -> RowNorm {
        let (name, width) = (&node.name, vec![node.width()]);
        self.row_norms += 1;
        RowNorm {
            gamma: self
                .parameters
                .moved(format!("{name}.gamma"), width.clone(), 0.0),
            beta: self.parameters.moved(format!("{name}.beta"), width, 0.0),
            epsilon,
            kept: self.row_norms - 1,
        }
    }

    pub(super) fn attends(&mut self, node: &Node, heads: usize) -> Attends {
        let width = node.width();
        self.attentions += 1;
        let parts = ["query", "key", "value"].map(|part| (part, [width, width]));
        Attends {
            kernels: self.kernels(node, parts),
            attention: Attention { width, heads },
            kept: self.attentions - 1,
        }
    }

    /// Memory for a layer of which dropout, in place, drops most units.
    pub(super) fn thins(&mut self, at: usize, units: usize) -> Option<usize> {
        let mut users = self.nodes.iter().filter(|node| {
            let mut sources = node.sources.iter();
            sources.any(|&source| self.same_as[source] == at)
        });
        let dropped = users.any(|user| match user.op {
            Op::Dropout { rate } => rate >= thinned::RATE,
            _ => false,
        });
        // On its own axis the layer is computed once per row, but dropout is per pair.
        let by_pair = self.nodes[at].sources.iter().all(|&source| {
            let computed = &self.computed[self.same_as[source]];
            computed.iter().any(|(axis, _)| *axis == Axis::Pairs)
        });
        if !dropped || !by_pair || self.uses[at] != 1 || units == 1 {
            return None;
        }
        self.thinned += 1;
        Some(self.thinned - 1)
    }

    pub(super) fn norm(&mut self, node: &Node, momentum: f64, epsilon: f64) -> Norm {
        let (name, width) = (&node.name, vec![node.width()]);
        let kept = self.norms;
        self.norms += 1;
        let parameters = &mut self.parameters;
        Norm {
            gamma: parameters.moved(format!("{name}.gamma"), width.clone(), 0.0),
            beta: parameters.moved(format!("{name}.beta"), width.clone(), 0.0),
            mean: parameters.kept(format!("{name}.running_mean"), width.clone()),
            variance: parameters.kept(format!("{name}.running_var"), width),
            // The graph's momentum is the weight of the old statistics.
            momentum: 1.0 - momentum,
            epsilon,
            kept,
        }
    }

    /// Dropout of a node's value: in place if nothing else uses it.
    pub(super) fn dropout(&mut self, source: usize, input: ValueIx, rate: f64) -> ValueIx {
        let dropout = Dropout {
            rate: Rate::new(rate),
            mask: self.masks,
        };
        self.masks += 1;
        let (step, axis, width) = self.values[input.0];
        let (step, output) = match self.uses[source] == 1 && self.steps[step].dropout.is_none() {
            true => (step, input),
            false => {
                let output = self.push(Operation::Copy { input }, axis, width);
                (self.steps.len() - 1, output)
            }
        };
        self.steps[step].dropout = Some(dropout);
        output
    }
}
