//! Models whose score is the dot product of a user vector and an item vector.

use crate::factors::Link;
use crate::forward::one_side;
use crate::inputs::Inputs;
use crate::network::{Layer, Network};
use crate::tower_plan::{Factor, Lone, TowerPlan, Weighing};
use burn::tensor::{Tensor, TensorData};
use recburn_schema::Side;

/// A score that is a link over the dot product of a user vector and an item vector. Biases are two further components: one
/// vector has the bias where the other has 1.
///
/// The vectors of all items can therefore be computed once and cached, a list is one product with them, and they can be put
/// into a nearest-neighbour index or a vector database.
pub trait Towers {
    /// One vector for each distinct user of the batch: `[users, width]`.
    fn users(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// One vector for each distinct item of the batch: `[items, width]`, of the same width.
    fn items(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// The link from dot products to scores.
    fn link(&self) -> Link;
}

/// A network whose graph is such a score.
pub(crate) struct NetworkTowers<'a> {
    pub network: &'a Network,
    pub plan: &'a TowerPlan,
}

impl Towers for NetworkTowers<'_> {
    fn users(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        self.rows(Side::User, inputs)
    }

    fn items(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        self.rows(Side::Item, inputs)
    }

    fn link(&self) -> Link {
        self.plan.link
    }
}

impl NetworkTowers<'_> {
    /// The products' factors of one side, its own numbers added up, and a 1 for those of the other side.
    fn rows(&self, side: Side, inputs: &Inputs<'_>) -> Tensor<2> {
        let values = one_side(self.network, *inputs, side, &self.plan.nodes_of(side));
        let value = |at: usize| -> Tensor<2> {
            let value = values[at].clone();
            value.expect("the values that the plan asks for are computed")
        };
        let mut columns: Vec<Tensor<2>> = Vec::new();
        for product in &self.plan.products {
            columns.push(match side {
                // The weights go to one of both sides.
                Side::User => self.weighed(self.factor(&product.user, &value), &product.weighing),
                Side::Item | Side::Event => self.factor(&product.item, &value),
            });
        }
        let own: Vec<&Lone> = self.plan.lone_of(side).collect();
        let rows = match (columns.first(), own.first()) {
            (Some(column), _) => column.dims()[0],
            (None, Some(lone)) => value(lone.nodes()[0]).dims()[0],
            // Nothing depends on this side: each of its rows is alike.
            (None, None) => match side {
                Side::User => inputs.batch().users.rows.len(),
                Side::Item | Side::Event => inputs.batch().items.rows.len(),
            },
        };
        let device = inputs.device();
        let constant = |number: f32| -> Tensor<2> {
            let data = TensorData::new(vec![number; rows], [rows, 1]);
            Tensor::from_data(data, &device)
        };
        let sum = own
            .iter()
            .map(|lone| self.lone(lone, &value))
            .reduce(|a, b| a + b);
        let with_constant = |sum: Option<Tensor<2>>, number: f32| match sum {
            Some(sum) => sum + number,
            None => constant(number),
        };
        match side {
            Side::User => {
                columns.push(with_constant(sum, self.constant()));
                columns.push(constant(1.0));
            }
            Side::Item | Side::Event => {
                columns.push(constant(1.0));
                columns.push(with_constant(sum, 0.0));
            }
        }
        Tensor::cat(columns, 1)
    }

    /// What is added whoever asks for what: offsets and the biases of layers.
    fn constant(&self) -> f32 {
        let biases = self.plan.biases.iter().map(|&(node, scale)| {
            let bias = match &self.network.layers[node] {
                Layer::Dense(dense) => dense.bias.val(),
                Layer::Bias(bias) => bias.bias.val(),
                _ => unreachable!("a plan names dense layers and biases"),
            };
            scale * bias.into_data().iter::<f32>().next().unwrap_or(0.0)
        });
        self.plan.constant + biases.sum::<f32>()
    }

    fn factor(&self, factor: &Factor, value: &dyn Fn(usize) -> Tensor<2>) -> Tensor<2> {
        let values = |nodes: &[usize]| nodes.iter().map(|&at| value(at)).collect::<Vec<_>>();
        let reduced = match factor {
            Factor::Product(nodes) => values(nodes).into_iter().reduce(|a, b| a * b),
            Factor::Sum(nodes) => values(nodes).into_iter().reduce(|a, b| a + b),
        };
        reduced.expect("a factor has a node")
    }

    /// Each column times its weight.
    fn weighed(&self, rows: Tensor<2>, weighing: &Weighing) -> Tensor<2> {
        match weighing.kernel {
            None => rows * weighing.scale,
            Some((node, from)) => {
                let width = rows.dims()[1];
                let kernel = self
                    .network
                    .dense(node)
                    .weight
                    .val()
                    .narrow(0, from, width)
                    .transpose();
                rows * kernel * weighing.scale
            }
        }
    }

    /// One number for each row: `[rows, 1]`.
    fn lone(&self, lone: &Lone, value: &dyn Fn(usize) -> Tensor<2>) -> Tensor<2> {
        let rows = match lone {
            Lone::Value { node, .. } => value(*node),
            Lone::Pairwise { nodes, .. } => {
                let values: Vec<Tensor<2>> = nodes.iter().map(|&at| value(at)).collect();
                let sum = values.iter().cloned().reduce(|a, b| a + b);
                let squares = values.into_iter().map(|value| value.clone() * value);
                let squares = squares.reduce(|a, b| a + b);
                let (sum, squares) = sum.zip(squares).expect("a pair has a node");
                (sum.clone() * sum - squares) * 0.5
            }
        };
        self.weighed(rows, lone.weighing()).sum_dim(1)
    }
}
