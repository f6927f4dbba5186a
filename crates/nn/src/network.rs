//! The one module behind every graph.

use crate::dense::{Dense, activate};
use crate::dropout::Dropout;
use crate::embedding::{Embedding, side_by_side};
use crate::factors::{Factorisation, Factors, Link};
use crate::ids::{Ids, Side};
use crate::initialize::Draw;
use crate::memory::{Memory, MemoryError};
use crate::pair_model::PairModel;
use crate::plan::{Run, embedded, plan, whole};
use crate::weights::inputs;
use burn::module::{
    Content, Devices, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor,
    ParamId, RunningState,
};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::{Device, Tensor};
use recburn_graph::{Graph, Node, Op};
use std::fmt;
use std::sync::Arc;

/// A graph with weights: a Burn `Module` whose parameters are named by node, as in `user_factors.weight`.
#[derive(Clone, Debug)]
pub struct Network {
    graph: Arc<Graph>,
    /// How each node is run.
    plan: Arc<[Run]>,
    /// The node of the factor score that is all there is, and its link.
    whole: Option<(usize, Link)>,
    /// One for each node.
    layers: Vec<Layer>,
}

/// What a node learns.
#[derive(Clone, Debug)]
enum Layer {
    Nothing,
    /// A table, and whose ids it looks up.
    Embedding(Side, Embedding),
    Dense(Dense),
    BatchNorm(Box<BatchNorm>),
}

impl Network {
    /// As [`Network::new`], if the device and this machine have room for the weights.
    pub fn try_new(graph: Graph, seed: u64, device: &Device) -> Result<Self, MemoryError> {
        Memory::of(device).check_graph(&graph)?;
        Ok(Self::new(graph, seed, device))
    }

    /// The graph with initial weights, which depend on `seed` and the nodes' names alone, whatever the backend.
    ///
    /// # Panics
    /// If there is no memory for them; [`Network::try_new`] looks first.
    pub fn new(graph: Graph, seed: u64, device: &Device) -> Self {
        let draw = Draw::new(seed);
        let layers = graph
            .nodes()
            .iter()
            .map(|node| Layer::new(node, &graph, draw, device))
            .collect();
        let plan = plan(&graph);
        Self {
            whole: whole(&graph, &plan),
            plan: plan.into(),
            graph: Arc::new(graph),
            layers,
        }
    }

    /// The table of an embedding node.
    fn table(&self, at: usize) -> &Embedding {
        match &self.layers[at] {
            Layer::Embedding(_, table) => table,
            Layer::Nothing | Layer::Dense(_) | Layer::BatchNorm(_) => {
                unreachable!("the plan takes embeddings for embeddings")
            }
        }
    }

    /// The tables of a factor score.
    fn factors(&self, run: &Run) -> Factors<'_> {
        let Run::FactorScore {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
            ..
        } = run
        else {
            unreachable!("asked of factor scores only");
        };
        Factors {
            user_factors: self.table(*user_factors),
            item_factors: self.table(*item_factors),
            user_bias: user_bias.map(|at| self.table(at)),
            item_bias: item_bias.map(|at| self.table(at)),
        }
    }

    /// The picture.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl Layer {
    fn new(node: &Node, graph: &Graph, draw: Draw, device: &Device) -> Self {
        match &node.op {
            Op::Embedding { width, table } => {
                let side = embedded(graph, node).expect("a checked graph embeds columns of ids");
                let rows = inputs(graph, node);
                let table = Embedding::new(&node.name, rows, *width, *table, draw, device);
                Self::Embedding(side, table)
            }
            Op::Dense {
                units,
                activation,
                initializer,
                l2: _, // the optimizer's: see PairModel::penalties
            } => Self::Dense(Dense::new(
                &node.name,
                [inputs(graph, node), *units],
                *activation,
                *initializer,
                draw,
                device,
            )),
            Op::BatchNorm { momentum, epsilon } => {
                // Burn weights the new statistics, Keras the old ones.
                let config = BatchNormConfig::new(node.width)
                    .with_epsilon(*epsilon)
                    .with_momentum(1.0 - momentum);
                Self::BatchNorm(Box::new(config.init(device)))
            }
            Op::User { .. }
            | Op::Item { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::Dot
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => Self::Nothing,
        }
    }
}

impl PairModel for Network {
    fn score(&self, users: &Ids, items: &Ids) -> Tensor<2> {
        let tape = users.tape().or(items.tape());
        let mut values: Vec<Option<Tensor<2>>> = Vec::with_capacity(self.layers.len());
        let ids = |side: Side| match side {
            Side::User => users,
            Side::Item => items,
        };
        // An embedding node's table, and the ids that it looks up.
        let read = |at: &usize| match &self.layers[*at] {
            Layer::Embedding(side, table) => (table, ids(*side)),
            Layer::Nothing | Layer::Dense(_) | Layer::BatchNorm(_) => {
                unreachable!("the plan takes embeddings for embeddings")
            }
        };
        for ((node, layer), run) in self.graph.nodes().iter().zip(&self.layers).zip(&*self.plan) {
            let value_of = |at: usize| {
                let value = values[at].clone();
                value.expect("a checked graph embeds its id columns and nothing else")
            };
            let input = |at: usize| value_of(node.sources[at]);
            let inputs = || (0..node.sources.len()).map(input);
            let value = match (run, &node.op, layer) {
                (Run::Inside, ..) => None,
                (Run::FactorScore { plus, .. }, ..) => {
                    let score = self.factors(run).score(users, items);
                    Some(plus.iter().fold(score, |sum, &at| sum + value_of(at)))
                }
                (Run::SideBySide(embeddings), ..) => {
                    let reads: Vec<_> = embeddings.iter().map(read).collect();
                    Some(side_by_side(&reads))
                }
                (Run::Alone, Op::User { .. } | Op::Item { .. }, _) => None,
                (_, _, Layer::Embedding(side, table)) => Some(table.forward(ids(*side))),
                (_, _, Layer::Dense(dense)) => Some(dense.forward(input(0))),
                (_, _, Layer::BatchNorm(norm)) => Some(norm.forward(input(0))),
                (_, Op::Activation { function }, _) => Some(activate(*function, input(0))),
                (_, Op::Dropout { rate }, _) => {
                    Some(Dropout { rate: *rate }.forward(input(0), tape))
                }
                (_, Op::Dot, _) => Some((input(0) * input(1)).sum_dim(1)),
                (_, Op::Add, _) => inputs().reduce(|sum, value| sum + value),
                (_, Op::Multiply, _) => inputs().reduce(|product, value| product * value),
                (_, Op::Concat, _) => Some(Tensor::cat(inputs().collect(), 1)),
                (_, Op::Rescale { min, max }, _) => Some(input(0) * (max - min) + *min),
                (
                    _,
                    Op::Embedding { .. } | Op::Dense { .. } | Op::BatchNorm { .. },
                    Layer::Nothing,
                ) => {
                    unreachable!("Layer::new gives every learning node its weights")
                }
            };
            values.push(value);
        }
        values
            .pop()
            .flatten()
            .expect("a checked graph ends in a value")
    }

    fn penalties(&self) -> Vec<(ParamId, f64)> {
        let nodes = self.graph.nodes().iter().zip(&self.layers);
        let penalty = |(node, layer): (&Node, &Layer)| match (&node.op, layer) {
            (Op::Dense { l2, .. }, Layer::Dense(dense)) if *l2 > 0.0 => {
                Some((dense.weight.id, *l2))
            }
            _ => None,
        };
        nodes.filter_map(penalty).collect()
    }

    fn factorisation(&self) -> Option<Factorisation<'_>> {
        let (at, link) = self.whole?;
        let factors = self.factors(&self.plan[at]);
        Some(Factorisation { factors, link })
    }
}

/// Applies one method of `Module` to whatever a layer holds.
macro_rules! each {
    ($layer:expr, $inner:ident => $body:expr, $nothing:expr) => {
        match $layer {
            Layer::Nothing => $nothing,
            Layer::Embedding(_, $inner) => $body,
            Layer::Dense($inner) => $body,
            Layer::BatchNorm($inner) => $body,
        }
    };
}

/// The same layer with what it holds replaced.
macro_rules! rebuilt {
    ($layer:expr, $inner:ident => $body:expr) => {
        match $layer {
            Layer::Nothing => Layer::Nothing,
            Layer::Embedding(side, $inner) => Layer::Embedding(side, $body),
            Layer::Dense($inner) => Layer::Dense($body),
            Layer::BatchNorm($inner) => {
                let $inner = *$inner;
                Layer::BatchNorm(Box::new($body))
            }
        }
    };
}

/// The moving statistics apart from those of copies, with the update of the last step in them. Burn shares them between
/// copies and holds that update back until the next.
fn apart(mut norm: BatchNorm) -> BatchNorm {
    let own = |state: RunningState<Tensor<1>>| {
        let training = state.value().is_autodiff();
        let state = state.valid();
        if training { state.train() } else { state }
    };
    norm.running_mean = own(norm.running_mean);
    norm.running_var = own(norm.running_var);
    norm
}

impl Network {
    fn rebuilt(self, mut each: impl FnMut(&Node, Layer) -> Layer) -> Self {
        let Self {
            graph,
            plan,
            whole,
            layers,
        } = self;
        let layers = graph
            .nodes()
            .iter()
            .zip(layers)
            .map(|(node, layer)| each(node, layer))
            .collect();
        Self {
            graph,
            plan,
            whole,
            layers,
        }
    }
}

// By hand, so that parameters are named by node; the derived module would name them by position in the list.
impl Module for Network {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.layers.iter().fold(
            devices,
            |devices, layer| each!(layer, inner => inner.collect_devices(devices), devices),
        )
    }
    fn fork(self, device: &Device) -> Self {
        self.rebuilt(|_, layer| rebuilt!(layer, inner => inner.fork(device)))
    }
    fn to_device(self, device: &Device) -> Self {
        self.rebuilt(|_, layer| rebuilt!(layer, inner => inner.to_device(device)))
    }
    fn train(self) -> Self {
        self.rebuilt(|_, layer| rebuilt!(layer, inner => inner.train()))
    }
    fn valid(&self) -> Self {
        self.clone()
            .rebuilt(|_, layer| rebuilt!(layer, inner => inner.valid()))
    }
    fn materialize(self) -> Self {
        self.rebuilt(|_, layer| rebuilt!(layer, inner => inner.materialize()))
    }
    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        for (node, layer) in self.graph.nodes().iter().zip(&self.layers) {
            visitor.enter_module(&node.name, node.op.kind());
            if let Layer::BatchNorm(norm) = layer {
                norm.running_mean.value_sync();
                norm.running_var.value_sync();
            }
            each!(layer, inner => inner.visit(visitor), ());
            visitor.exit_module(&node.name, node.op.kind());
        }
    }
    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        self.rebuilt(|node, layer| {
            mapper.enter_module(&node.name, node.op.kind());
            let layer = match layer {
                Layer::BatchNorm(norm) => Layer::BatchNorm(Box::new(apart(*norm).map(mapper))),
                other => rebuilt!(other, inner => inner.map(mapper)),
            };
            mapper.exit_module(&node.name, node.op.kind());
            layer
        })
    }
}

// So that a network may be a part of a module of one's own.
impl ModuleDisplayDefault for Network {
    fn content(&self, content: Content) -> Option<Content> {
        Some(content.set_top_level_type(self.graph.name()))
    }
}

impl ModuleDisplay for Network {}

/// The summary.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.graph.summary())
    }
}
