//! A graph's forward pass, node by node.

use crate::columns::{Axis, Ids};
use crate::dense::activate;
use crate::dropout::Dropout;
use crate::embedding::{Embedding, side_by_side};
use crate::inputs::Inputs;
use crate::network::{Layer, Network};
use crate::plan::{FactorNodes, Run};
use burn::tensor::{Int, Tensor, TensorData};
use recburn_graph::{Kind, Node, Op, Side};

/// A forward pass under way: the values of the nodes so far.
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

    /// What the value of a node has one entry for.
    fn axis(&self, at: usize, node: &Node) -> Axis {
        match node
            .depends_on
            .one_side()
            .and_then(|side| Some((side, place(side)?)))
        {
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
            Axis::Users => self.inputs.spread(Side::User, value.tensor.clone()),
            Axis::Items => self.inputs.spread(Side::Item, value.tensor.clone()),
            Axis::Queries | Axis::Pairs => unreachable!("only sides have values by row"),
        }
    }

    /// The inputs along this axis.
    fn by(&self, axis: Axis) -> Inputs<'a> {
        match axis {
            Axis::Users => self.inputs.by_row(Side::User),
            Axis::Items => self.inputs.by_row(Side::Item),
            Axis::Queries | Axis::Pairs => self.inputs,
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

    /// The value of a node by its own operation.
    fn alone(&self, at: usize, node: &Node, layer: &Layer, axis: Axis) -> Option<Tensor<2>> {
        let input = |place: usize| self.at(node.sources[place], axis);
        let values = || node.sources.iter().map(|&at| self.at(at, axis));
        Some(match (&node.op, layer) {
            (Op::Input { kind, .. }, _) => match kind {
                Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => return None,
                Kind::Numbers { .. } => self.by(axis).numbers(&node.name),
            },
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
            (Op::Dense { .. } | Op::Bias | Op::BatchNorm { .. }, Layer::Nothing) => {
                unreachable!("Layer::new gives every learning node its weights")
            }
            (Op::Activation { function }, _) => activate(*function, input(0)),
            (Op::Dropout { rate }, _) => {
                Dropout { rate: *rate }.forward(input(0), self.inputs.pass())
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

    /// The value of a node that has one entry per distinct row, if it has.
    fn by_rows(&self, at: usize, wanted: Axis) -> Option<Tensor<2>> {
        let value = self.values[at].as_ref()?;
        (value.axis == wanted).then(|| value.tensor.clone())
    }

    /// A product of each query with each shared candidate where one factor is the query's and the other the candidate's.
    fn dot(&self, node: &Node, axis: Axis) -> Tensor<2> {
        let (left, right) = (node.sources[0], node.sources[1]);
        if self.inputs.shares_candidates() {
            for (user, item) in [(left, right), (right, left)] {
                let (user, item) = (
                    self.by_rows(user, Axis::Users),
                    self.by_rows(item, Axis::Items),
                );
                if let (Some(user), Some(item)) = (user, item) {
                    return self.all_products(user, item);
                }
            }
        }
        (self.at(left, axis) * self.at(right, axis)).sum_dim(1)
    }

    /// The product of each query's row and each candidate's: `[queries * candidates, 1]`.
    fn all_products(&self, users: Tensor<2>, items: Tensor<2>) -> Tensor<2> {
        let batch = self.inputs.batch();
        let queries = placed(users, &batch.users.inverse);
        let candidates = placed(items, &batch.items.inverse);
        queries
            .matmul(candidates.transpose())
            .reshape([batch.scores(), 1])
    }

    /// A factor score of each query with each shared candidate: `[queries * candidates, 1]`.
    fn score_of_shared(&self, of: &FactorNodes) -> Tensor<2> {
        let factors = self.network.factors(of);
        let users = self.inputs.by_row(Side::User).users();
        let items = self.inputs.by_row(Side::Item).items();
        let mut score = self.all_products(
            factors.user_factors.forward(users),
            factors.item_factors.forward(items),
        );
        if let Some(bias) = factors.user_bias {
            score = score + self.inputs.spread(Side::User, bias.forward(users));
        }
        if let Some(bias) = factors.item_bias {
            score = score + self.inputs.spread(Side::Item, bias.forward(items));
        }
        score
    }
}

/// The rows at these places.
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
