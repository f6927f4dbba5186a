//! The operation of each node of a graph.

use super::Lowering;
use crate::program::{Axis, Draws, Operation, ValueIx};
use recburn_graph::{Op, Shape};

impl Lowering<'_> {
    /// Appends the step of a node, unless the node changes nothing or is read where it is used.
    pub(super) fn node(&mut self, at: usize) {
        if self.same_as[at] != at {
            return;
        }
        let node = &self.nodes[at];
        let axes = node.sources.iter().map(|&source| self.axis(source));
        // Values that depend only on users are computed once per user; masks and statistics are per pair.
        let common = axes.reduce(|one, other| if one == other { one } else { Axis::Pairs });
        let axis = match &node.op {
            Op::AtQuery => self.axis_of_queries(),
            _ if matches!(node.shape, Shape::Steps { .. }) => Axis::Entries,
            // Read where they are used.
            Op::Input { .. } | Op::Embedding { .. } | Op::Pool { .. } => return,
            Op::Dropout { .. } | Op::BatchNorm { .. } => Axis::Pairs,
            Op::Dense { .. }
            | Op::Bias
            | Op::Activation { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::Gru { .. }
            | Op::AdditiveAttention { .. }
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Sampling { .. }
            | Op::Concat
            | Op::Rescale { .. } => common.unwrap_or(Axis::Pairs),
        };
        if let (Op::Embedding { .. }, Axis::Entries) = (&node.op, axis) {
            return; // also read where it is used
        }
        if self.queries.shared
            && matches!(node.op, Op::Dot)
            && let Some((users, items)) = self.sides(node)
        {
            let users = self.on(users, self.axis(users));
            let items = self.on(items, Axis::Items);
            let products = self.push(Operation::Products { users, items }, axis, 1);
            self.computed[at].push((axis, products));
            return;
        }
        let of_inputs = match node.op {
            Op::AtQuery => Axis::Entries,
            _ => axis,
        };
        let inputs: Vec<ValueIx> = node
            .sources
            .iter()
            .map(|&source| self.on(source, of_inputs))
            .collect();
        let input = inputs[0];
        let operation = match &node.op {
            Op::Input { .. } | Op::Embedding { .. } | Op::Pool { .. } => return,
            Op::Dropout { rate } => {
                let output = self.dropout(self.same_as[node.sources[0]], input, *rate);
                self.computed[at].push((axis, output));
                return;
            }
            Op::Dense {
                units,
                activation,
                l2,
                initializer: _,
            } => {
                let width = self.values[input.0].2;
                let name = &node.name;
                let thinned = self.thins(at, *units);
                Operation::Dense {
                    input,
                    kernel: self.parameters.kernel(
                        format!("{name}.weight"),
                        [width, *units],
                        *l2,
                        thinned.is_some(),
                    ),
                    thinned,
                    bias: self
                        .parameters
                        .moved(format!("{name}.bias"), vec![*units], 0.0),
                    activation: *activation,
                }
            }
            Op::Bias => {
                let (name, width) = (format!("{}.bias", node.name), node.width());
                Operation::Bias {
                    input,
                    bias: self.parameters.moved(name, vec![width], 0.0),
                }
            }
            Op::Activation { function } => Operation::Activation {
                input,
                function: *function,
            },
            Op::BatchNorm { momentum, epsilon } => Operation::BatchNorm {
                input,
                norm: self.norm(node, *momentum, *epsilon),
            },
            Op::Positions { .. } => {
                let length = match node.shape {
                    Shape::Steps { length, .. } => length,
                    Shape::Ids | Shape::Bags | Shape::Sequence(_) | Shape::Row(_) => {
                        unreachable!("a checked graph has positions on steps alone")
                    }
                };
                let [rows] = self.kernels(node, [("weight", [length, node.width()])]);
                Operation::Positions { input, rows }
            }
            Op::LayerNorm { epsilon } => Operation::LayerNorm {
                input,
                norm: self.row_norm(node, *epsilon),
            },
            Op::Attention { heads, .. } => Operation::Attention {
                input,
                attends: self.attends(node, *heads),
            },
            Op::Gru { units, .. } => Operation::Gru {
                input,
                gates: self.gates(node, self.values[input.0].2, *units),
            },
            Op::AdditiveAttention { .. } => Operation::AdditiveAttention {
                input,
                looks: self.looks(node),
            },
            Op::AtQuery => Operation::AtQuery { input },
            Op::Dot => Operation::Dot {
                inputs: [inputs[0], inputs[1]],
            },
            Op::Pairwise => Operation::Pairwise { inputs },
            Op::Sum => Operation::Sum { input },
            Op::Add => Operation::Add { inputs },
            Op::Multiply => Operation::Multiply { inputs },
            Op::Sampling { kl, warm_up } => {
                self.masks += 1;
                Operation::Sampling {
                    inputs: [inputs[0], inputs[1]],
                    draws: Draws {
                        kl: *kl,
                        warm_up: *warm_up,
                        noise: self.masks - 1,
                    },
                }
            }
            Op::Concat => {
                let widths = inputs.iter().map(|input| self.values[input.0].2);
                let starts = widths.scan(0, |start, width| {
                    *start += width;
                    Some(*start - width)
                });
                let starts: Vec<usize> = starts.collect();
                Operation::Concat {
                    parts: inputs.into_iter().zip(starts).collect(),
                }
            }
            Op::Rescale { min, max } => Operation::Rescale {
                input,
                min: *min,
                max: *max,
            },
        };
        let output = self.push(operation, axis, node.width());
        self.computed[at].push((axis, output));
    }
}
