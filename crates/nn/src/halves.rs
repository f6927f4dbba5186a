//! Models whose score is computed by layers from a row of the user and one of the item, such as perceptrons over a pair.

mod builder;

use crate::forward::one_side;
use crate::inputs::Inputs;
use crate::network::Network;
use builder::Builder;
use burn::tensor::Tensor;
use recburn_compiled::Head;
use recburn_graph::{Node, Op, Side};
use std::ops::Range;

/// A score that is computed from a row of the user and a row of the item by a few layers. Whatever depends on one side alone
/// is in that side's row, the halves of the first dense layers included, so that a list for a user costs only what depends
/// on both.
pub trait Halves {
    /// One row for each distinct user of the batch: `[users, user width]`.
    fn users(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// One row for each distinct item of the batch: `[items, item width]`.
    fn items(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// The layers behind them, with their weights.
    fn head(&self) -> Head;
}

/// A part of the row of one side.
#[derive(Clone, Debug, PartialEq)]
enum Half {
    /// The value of a node.
    Value(usize),
    /// These columns of a dense layer's kernel applied to nodes, each with its first row of the kernel; with the bias or
    /// without.
    Dense {
        layer: usize,
        of: Vec<(usize, usize)>,
        biased: bool,
    },
    /// The product of nodes, each column times the weight of a dense layer of one unit, from this row of its kernel on.
    Weighed {
        layer: usize,
        from: usize,
        nodes: Vec<usize>,
    },
    /// The sum of nodes.
    Sum(Vec<usize>),
    /// The products of all pairs of nodes.
    Pairs(Vec<usize>),
}

impl Half {
    fn nodes(&self) -> Vec<usize> {
        match self {
            Self::Value(node) => vec![*node],
            Self::Dense { of, .. } => of.iter().map(|(node, _)| *node).collect(),
            Self::Weighed { nodes, .. } | Self::Sum(nodes) | Self::Pairs(nodes) => nodes.clone(),
        }
    }
}

/// The parts of one side's row.
#[derive(Clone, Debug, Default)]
struct Row {
    halves: Vec<(Half, Range<usize>)>,
    width: usize,
}

impl Row {
    /// The columns of a part, which is added if it is new.
    fn columns(&mut self, half: Half, width: usize) -> Range<usize> {
        if let Some((_, columns)) = self.halves.iter().find(|(own, _)| *own == half) {
            return columns.clone();
        }
        let columns = self.width..self.width + width;
        self.width = columns.end;
        self.halves.push((half, columns.clone()));
        columns
    }
}

/// A network whose graph is such a score.
pub(crate) struct NetworkHalves<'a> {
    network: &'a Network,
    rows: [Row; 2],
}

impl<'a> NetworkHalves<'a> {
    /// `None` for a graph that reads rows of a history step by step, or something of the single rating.
    pub fn new(network: &'a Network) -> Option<Self> {
        let nodes = network.graph.nodes();
        let is_apart = |node: &Node| node.op != Op::AtQuery && !node.depends_on.event;
        if !nodes.iter().all(is_apart) {
            return None;
        }
        let (rows, _) = Builder::new(network, false).taken_apart()?;
        let both = rows.iter().all(|row| row.width > 0);
        both.then_some(Self { network, rows })
    }

    fn rows(&self, side: Side, inputs: &Inputs<'_>) -> Tensor<2> {
        let row = &self.rows[usize::from(side != Side::User)];
        let wanted: Vec<usize> = row
            .halves
            .iter()
            .flat_map(|(half, _)| half.nodes())
            .collect();
        let values = one_side(self.network, *inputs, side, &wanted);
        let value = |at: &usize| -> Tensor<2> {
            let value = values[*at].clone();
            value.expect("the values that a row is made of are computed")
        };
        let reduced = |nodes: &[usize], with: fn(Tensor<2>, Tensor<2>) -> Tensor<2>| {
            let value = nodes.iter().map(value).reduce(with);
            value.expect("a part has a node")
        };
        let columns = row.halves.iter().map(|(half, columns)| match half {
            Half::Value(node) => value(node),
            Half::Dense { layer, of, biased } => {
                let dense = self.network.dense(*layer);
                let kernel = dense.weight.val();
                let products = of.iter().map(|(node, from)| {
                    let value = value(node);
                    let width = value.dims()[1];
                    value.matmul(kernel.clone().narrow(0, *from, width))
                });
                let sum = products.reduce(|sum, product| sum + product);
                let sum = sum.expect("a half of a layer has a node");
                match biased {
                    true => sum + dense.bias.val().unsqueeze(),
                    false => sum,
                }
            }
            Half::Weighed { layer, from, nodes } => {
                let kernel = self.network.dense(*layer).weight.val();
                let kernel = kernel.narrow(0, *from, columns.len()).transpose();
                reduced(nodes, |a, b| a * b) * kernel
            }
            Half::Sum(nodes) => reduced(nodes, |a, b| a + b),
            Half::Pairs(nodes) => {
                let sum = reduced(nodes, |a, b| a + b);
                let squares = nodes.iter().map(|node| value(node) * value(node));
                let squares = squares.reduce(|a, b| a + b).expect("a part has a node");
                (sum.clone() * sum - squares) * 0.5
            }
        });
        Tensor::cat(columns.collect(), 1)
    }
}

impl Halves for NetworkHalves<'_> {
    fn users(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        self.rows(Side::User, inputs)
    }

    fn items(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        self.rows(Side::Item, inputs)
    }

    fn head(&self) -> Head {
        let apart = Builder::new(self.network, true).taken_apart();
        let (_, steps) = apart.expect("a network that came apart does so again");
        Head {
            user_width: self.rows[0].width,
            item_width: self.rows[1].width,
            steps,
        }
    }
}
