//! The forward pass of a graph, node by node.

mod products;

use crate::columns::{Axis, Ids};
use crate::dense::activate;
use crate::dropout::Dropout;
use crate::embedding::{Embedding, side_by_side};
use crate::inputs::{Bag, Inputs};
use crate::network::{Layer, Network};
use crate::plan::Run;
use crate::sampling;
use burn::tensor::{Int, Tensor, TensorData};
use recburn_graph::{Kind, Node, Op, Shape, Side};

/// A forward pass in progress: the values of the nodes so far.
pub(crate) struct Forward<'n, 'a> {
    network: &'n Network,
    inputs: Inputs<'a>,
    /// Whether values of the user side are computed once per distinct user, and those of the item side once per
    /// distinct item.
    by_row: [bool; 2],
    values: Vec<Option<Value>>,
}

#[derive(Clone)]
struct Value {
    tensor: Tensor<2>,
    axis: Axis,
}

fn place(side: Side) -> Option<usize> {
    match side {
        Side::User => Some(0),
        Side::Item => Some(1),
        Side::Event => None,
    }
}

impl<'n, 'a> Forward<'n, 'a> {
    pub fn new(network: &'n Network, inputs: Inputs<'a>) -> Self {
        let batch = inputs.batch();
        let plan = &network.plan;
        // By distinct rows if there are at most half as many; at the batch sizes of a notebook this saves nothing.
        let fewer = |rows: usize| rows * 2 <= batch.scores();
        let shares = inputs.shares_candidates();
        let by_row = [
            plan.has_features[0] || shares || fewer(batch.users.rows.len()),
            plan.has_features[1] || shares || fewer(batch.items.rows.len()),
        ];
        Self {
            network,
            inputs,
            by_row,
            values: Vec::with_capacity(network.layers.len()),
        }
    }

    /// `[queries, candidates]`
    pub fn score(mut self) -> Tensor<2> {
        let network = self.network;
        let nodes = network.graph.nodes();
        for (at, (node, layer)) in nodes.iter().zip(&network.layers).enumerate() {
            let value = self.value(at, node, layer);
            self.values.push(value);
        }
        let last = nodes.len() - 1; // a checked graph has an output
        self.at(last, Axis::Pairs)
            .reshape([self.inputs.queries(), self.inputs.candidates()])
    }

    /// The sequence that is looked up step by step.
    fn sequence(&self) -> Bag<'a> {
        let name = self.network.plan.sequence.as_deref();
        let name = name.expect("only a graph that looks up a sequence has steps");
        self.inputs.bag(name)
    }

    /// The axis of a node's value.
    fn axis(&self, at: usize, node: &Node) -> Axis {
        if let Shape::Steps { .. } = node.shape {
            return Axis::Entries;
        }
        let of_step = self.network.plan.of_step[at];
        if of_step && matches!(node.op, Op::AtQuery) {
            return self.sequence().axis_of_queries();
        }
        match node
            .depends_on
            .one_side()
            .and_then(|side| Some((side, place(side)?)))
        {
            Some((Side::User, _)) if of_step && self.inputs.batch().every_position => Axis::Queries,
            Some((side, place))
                if self.by_row[place]
                    && (self.network.plan.by_row[at] || self.inputs.shares_candidates()) =>
            {
                Axis::of_side(side)
            }
            _ => Axis::Pairs,
        }
    }

    /// The value of an earlier node along this axis.
    fn at(&self, at: usize, axis: Axis) -> Tensor<2> {
        let value = self.values[at].as_ref();
        let value = value.expect("a checked graph computes with values, and they come first");
        match value.axis {
            own if own == axis => value.tensor.clone(),
            Axis::Users if axis == Axis::Queries => {
                placed(value.tensor.clone(), &self.inputs.batch().users.inverse)
            }
            Axis::Users => self.inputs.spread(Side::User, value.tensor.clone()),
            Axis::Items => self.inputs.spread(Side::Item, value.tensor.clone()),
            Axis::Queries => self.inputs.spread(Side::Event, value.tensor.clone()),
            Axis::Entries | Axis::Pairs => {
                unreachable!("steps and pairs are asked for as what they are")
            }
        }
    }

    /// The inputs along this axis.
    fn by(&self, axis: Axis) -> Inputs<'a> {
        match axis {
            Axis::Users => self.inputs.by_row(Side::User),
            Axis::Items => self.inputs.by_row(Side::Item),
            Axis::Entries | Axis::Queries | Axis::Pairs => self.inputs,
        }
    }

    /// An embedding node's table, and the ids that it looks up.
    fn look_up(&self, at: usize, axis: Axis) -> (&'n Embedding, Ids<'a>) {
        let network = self.network;
        let nodes = network.graph.nodes();
        let ids = nodes[nodes[at].sources[0]].input();
        let ids = ids.expect("a checked graph looks inputs up");
        let by = self.by(axis);
        let ids = match ids {
            _ if ids.is_users() => by.users(),
            _ if ids.is_items() => by.items(),
            _ => by.column(&ids.name),
        };
        (self.table(at), ids)
    }

    fn table(&self, at: usize) -> &'n Embedding {
        let table = self.network.plan.tables[at];
        let table = table.expect("a checked graph has the tables that its nodes read");
        self.network.table(table)
    }

    fn value(&self, at: usize, node: &Node, layer: &Layer) -> Option<Value> {
        let axis = self.axis(at, node);
        let own = |tensor: Tensor<2>| Some(Value { tensor, axis });
        match &self.network.plan.runs[at] {
            Run::Inside => None,
            Run::FactorScore { of, plus } => {
                let score = match self.inputs.shares_candidates() {
                    true => self.score_of_shared(of),
                    false => {
                        let (users, items) = (self.inputs.users(), self.inputs.items());
                        self.network.factors(of).score(users, items)
                    }
                };
                let values = plus.iter().map(|&at| self.at(at, axis));
                own(values.fold(score, |sum, value| sum + value))
            }
            Run::SideBySide(embeddings) => {
                let reads: Vec<_> = embeddings
                    .iter()
                    .map(|&at| self.look_up(at, axis))
                    .collect();
                own(side_by_side(&reads)?)
            }
            Run::Alone => self.alone(at, node, layer, axis).and_then(own),
        }
    }

    /// The value of a node, computed by its own operation.
    fn alone(&self, at: usize, node: &Node, layer: &Layer, axis: Axis) -> Option<Tensor<2>> {
        if axis == Axis::Entries && self.sequence().ids().is_empty() {
            return None; // no backend computes with tensors of no rows
        }
        let input = |place: usize| self.at(node.sources[place], axis);
        let values = || node.sources.iter().map(|&at| self.at(at, axis));
        Some(match (&node.op, layer) {
            (Op::Input { kind, .. }, _) => match kind {
                Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => return None,
                Kind::Numbers { .. } => self.by(axis).numbers(&node.name),
            },
            (Op::Embedding { .. }, _) if axis == Axis::Entries => {
                self.table(at).forward(self.sequence().ids())
            }
            (Op::Embedding { .. }, _) => {
                let (table, ids) = self.look_up(at, axis);
                table.forward(ids)
            }
            (Op::Pool { how, .. }, _) => {
                let bags = self.network.graph.nodes()[node.sources[0]].name.as_str();
                self.table(at).pool(self.by(axis).bag(bags), *how)
            }
            (_, Layer::Dense(dense)) => dense.forward(input(0)),
            (_, Layer::Bias(bias)) => bias.forward(input(0)),
            (_, Layer::BatchNorm(norm)) => norm.forward(input(0)),
            (_, Layer::StepNorm(norm)) => norm.forward(input(0)),
            (_, Layer::Positions(positions)) => positions.forward(input(0), self.sequence().ends()),
            (_, Layer::Attention(attention)) => attention.forward(input(0), self.sequence().ends()),
            (_, Layer::Gru(gru)) => gru.forward(input(0), self.sequence().ends()),
            (_, Layer::AdditiveAttention(layer)) => layer.forward(input(0), self.sequence().ends()),
            (Op::AtQuery, _) => self.at_query(node),
            (
                Op::Dense { .. }
                | Op::Bias
                | Op::BatchNorm { .. }
                | Op::LayerNorm { .. }
                | Op::Positions { .. }
                | Op::Attention { .. }
                | Op::Gru { .. }
                | Op::AdditiveAttention { .. },
                Layer::Nothing,
            ) => {
                unreachable!("Layer::new gives every learning node its weights")
            }
            (Op::Activation { function }, _) => activate(*function, input(0)),
            (Op::Dropout { rate }, _) => {
                Dropout { rate: *rate }.forward(input(0), self.inputs.pass())
            }
            (Op::Sampling { kl, warm_up }, _) => {
                sampling::forward(input(0), input(1), (*kl, *warm_up), self.inputs.pass())
            }
            (Op::Dot, _) => self.dot(node, axis),
            (Op::Sum, _) => input(0).sum_dim(1),
            (Op::Pairwise, _) => {
                let sum = values().reduce(|sum, value| sum + value)?;
                let squares = values().map(|value| value.clone() * value);
                let squares = squares.reduce(|sum, value| sum + value)?;
                (sum.clone() * sum - squares) * 0.5
            }
            (Op::Add, _) => values().reduce(|sum, value| sum + value)?,
            (Op::Multiply, _) => values().reduce(|product, value| product * value)?,
            (Op::Concat, _) => Tensor::cat(values().collect(), 1),
            (Op::Rescale { min, max }, _) => input(0) * (max - min) + *min,
        })
    }

    /// The step that each query comes after, or the last of each sequence.
    fn at_query(&self, node: &Node) -> Tensor<2> {
        let sequence = self.sequence();
        if sequence.ids().is_empty() {
            let shape = [sequence.ends().len(), node.width()];
            let device = &self.network.table(0).weight.lazy_device().inner();
            return Tensor::zeros(shape, device);
        }
        sequence.step_of_each_query(self.at(node.sources[0], Axis::Entries))
    }
}

/// The values of these nodes of one side, once for each of its distinct rows; of the other nodes those that they are made of.
///
/// # Panics
/// If one of them depends on more than that side.
pub(crate) fn one_side(
    network: &Network,
    inputs: Inputs<'_>,
    side: Side,
    wanted: &[usize],
) -> Vec<Option<Tensor<2>>> {
    let nodes = network.graph.nodes();
    let mut needed = vec![false; nodes.len()];
    wanted.iter().for_each(|&at| needed[at] = true);
    for at in (0..nodes.len()).rev().filter(|&at| !nodes[at].is_column()) {
        if needed[at] {
            nodes[at].sources.iter().for_each(|&at| needed[at] = true);
        }
    }
    let axis = Axis::of_side(side);
    let mut forward = Forward::new(network, inputs);
    for (at, (node, layer)) in nodes.iter().zip(&network.layers).enumerate() {
        let value = match needed[at] {
            true => forward.alone(at, node, layer, axis),
            false => None,
        };
        let value = value.map(|tensor| Value { tensor, axis });
        forward.values.push(value);
    }
    let values = forward.values.into_iter();
    values
        .map(|value| value.map(|value| value.tensor))
        .collect()
}

/// The rows at these positions.
fn placed(rows: Tensor<2>, places: &[u32]) -> Tensor<2> {
    let count = rows.dims()[0];
    if count == places.len() && places.iter().zip(0..).all(|(&place, at)| place == at) {
        return rows;
    }
    let values: Vec<i32> = places.iter().map(|&place| place as i32).collect();
    let places: Tensor<1, Int> = Tensor::from_data(
        TensorData::new(values, [places.len()]),
        &rows.device().inner(),
    );
    rows.select(0, places)
}
