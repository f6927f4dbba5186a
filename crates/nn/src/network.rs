//! The module that runs any graph.

use crate::dense::{Bias, Dense};
use crate::embedding::Embedding;
use crate::factors::{Factorisation, Factors};
use crate::forward::Forward;
use crate::gru::Gru;
use crate::halves::{Halves, NetworkHalves};
use crate::initialize::Draw;
use crate::inputs::Inputs;
use crate::memory::{Memory, MemoryError};
use crate::model::Model;
use crate::plan::{FactorNodes, Plan};
use crate::steps::{AdditiveAttention, Attention, Positions};
use crate::towers::{NetworkTowers, Towers};
use burn::module::{
    Content, Devices, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor,
    ParamId, RunningState,
};
use burn::nn::{BatchNorm, BatchNormConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};
use recburn_graph::{Graph, Node, Op, Shape};
use recburn_schema::Input;
use std::fmt;
use std::sync::Arc;

/// A graph with weights: a Burn `Module` whose parameters are named after tables and nodes, as in
/// `user_factors.weight`.
#[derive(Clone, Debug)]
pub struct Network {
    pub(crate) graph: Arc<Graph>,
    /// How each node is run.
    pub(crate) plan: Arc<Plan>,
    /// One per table.
    tables: Vec<Embedding>,
    /// One per node.
    pub(crate) layers: Vec<Layer>,
}

/// The trained parameters of a node, other than tables.
#[derive(Clone, Debug)]
pub(crate) enum Layer {
    Nothing,
    Dense(Dense),
    Bias(Bias),
    BatchNorm(Box<BatchNorm>),
    StepNorm(Box<LayerNorm>),
    Positions(Positions),
    Attention(Box<Attention>),
    Gru(Box<Gru>),
    AdditiveAttention(Box<AdditiveAttention>),
}

impl Network {
    /// As [`Network::new`], after checking that the device and this machine have room for the weights.
    pub fn try_new(graph: Graph, seed: u64, device: &Device) -> Result<Self, MemoryError> {
        Memory::of(device).check_graph(&graph)?;
        Ok(Self::new(graph, seed, device))
    }

    /// The graph with initial weights, which depend only on `seed` and the names of tables and nodes, not on the
    /// backend.
    ///
    /// # Panics
    /// If there is not enough memory for them; [`Network::try_new`] checks this first.
    pub fn new(graph: Graph, seed: u64, device: &Device) -> Self {
        let draw = Draw::new(seed);
        let table = |table: &recburn_graph::Table| {
            let (name, options) = (&table.name, table.options);
            Embedding::new(name, table.rows, table.width, options, draw, device)
        };
        let layer = |node: &Node| Layer::new(node, &graph, draw, device);
        Self {
            tables: graph.tables().iter().map(table).collect(),
            layers: graph.nodes().iter().map(layer).collect(),
            plan: Arc::new(Plan::new(&graph)),
            graph: Arc::new(graph),
        }
    }

    /// The table at this position among the graph's tables.
    pub(crate) fn table(&self, at: usize) -> &Embedding {
        &self.tables[at]
    }

    /// The tables of a factor score.
    pub(crate) fn factors(&self, nodes: &FactorNodes) -> Factors<'_> {
        Factors {
            user_factors: self.table(nodes.user_factors),
            item_factors: self.table(nodes.item_factors),
            user_bias: nodes.user_bias.map(|at| self.table(at)),
            item_bias: nodes.item_bias.map(|at| self.table(at)),
        }
    }

    /// The dense layer of a node that has one.
    pub(crate) fn dense(&self, node: usize) -> &Dense {
        match &self.layers[node] {
            Layer::Dense(dense) => dense,
            _ => unreachable!("Layer::new gives every dense node its layer"),
        }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl Layer {
    fn new(node: &Node, graph: &Graph, draw: Draw, device: &Device) -> Self {
        match &node.op {
            Op::Dense {
                units,
                activation,
                initializer,
                l2: _, // applied by the optimizer, see PairModel::penalties
            } => Self::Dense(Dense::new(
                &node.name,
                [graph.nodes()[node.sources[0]].width(), *units],
                *activation,
                *initializer,
                draw,
                device,
            )),
            Op::Bias => Self::Bias(Bias::new(node.width(), device)),
            Op::BatchNorm { momentum, epsilon } => {
                // Burn's momentum is the weight of the new statistics, Keras's that of the old ones.
                let config = BatchNormConfig::new(node.width())
                    .with_epsilon(*epsilon)
                    .with_momentum(1.0 - momentum);
                Self::BatchNorm(Box::new(config.init(device)))
            }
            Op::LayerNorm { epsilon } => {
                let config = LayerNormConfig::new(node.width()).with_epsilon(*epsilon);
                Self::StepNorm(Box::new(config.init(device)))
            }
            Op::Positions { initializer } => {
                let length = match node.shape {
                    Shape::Steps { length, .. } => length,
                    Shape::Ids | Shape::Bags | Shape::Sequence(_) | Shape::Row(_) => {
                        unreachable!("a checked graph has positions on steps alone")
                    }
                };
                let shape = [length, node.width()];
                let (name, initializer) = (&node.name, *initializer);
                Self::Positions(Positions::new(name, shape, initializer, draw, device))
            }
            Op::Attention { heads, initializer } => Self::Attention(Box::new(Attention::new(
                &node.name,
                node.width(),
                *heads,
                *initializer,
                draw,
                device,
            ))),
            Op::Gru { units, initializer } => {
                let sizes = [graph.nodes()[node.sources[0]].width(), *units];
                let (name, initializer) = (&node.name, *initializer);
                Self::Gru(Box::new(Gru::new(name, sizes, initializer, draw, device)))
            }
            Op::AdditiveAttention { initializer } => {
                let (name, width, initializer) = (&node.name, node.width(), *initializer);
                let layer = AdditiveAttention::new(name, width, initializer, draw, device);
                Self::AdditiveAttention(Box::new(layer))
            }
            Op::Input { .. }
            | Op::Embedding { .. }
            | Op::Pool { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::AtQuery
            | Op::Sampling { .. }
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => Self::Nothing,
        }
    }
}

impl Model for Network {
    fn inputs(&self) -> Vec<Input> {
        self.graph.inputs()
    }

    fn score(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        Forward::new(self, *inputs).score()
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

    fn as_graph(&self) -> Option<&Graph> {
        Some(&self.graph)
    }

    fn factorisation(&self) -> Option<Factorisation<'_>> {
        let (nodes, link) = self.plan.whole.as_ref()?;
        Some(Factorisation {
            factors: self.factors(nodes),
            link: *link,
        })
    }

    fn towers(&self) -> Option<Box<dyn Towers + '_>> {
        let plan = self.plan.towers.as_ref()?;
        Some(Box::new(NetworkTowers {
            network: self,
            plan,
        }))
    }

    fn halves(&self) -> Option<Box<dyn Halves + '_>> {
        Some(Box::new(NetworkHalves::new(self)?))
    }
}

/// Applies a method of `Module` to the contents of a layer.
macro_rules! each {
    ($layer:expr, $inner:ident => $body:expr, $nothing:expr) => {
        match $layer {
            Layer::Nothing => $nothing,
            Layer::Dense($inner) => $body,
            Layer::Bias($inner) => $body,
            Layer::BatchNorm($inner) => $body,
            Layer::StepNorm($inner) => $body,
            Layer::Positions($inner) => $body,
            Layer::Attention($inner) => $body,
            Layer::Gru($inner) => $body,
            Layer::AdditiveAttention($inner) => $body,
        }
    };
}

/// The same layer with its contents replaced.
macro_rules! rebuilt {
    ($layer:expr, $inner:ident => $body:expr) => {
        match $layer {
            Layer::Nothing => Layer::Nothing,
            Layer::Dense($inner) => Layer::Dense($body),
            Layer::Bias($inner) => Layer::Bias($body),
            Layer::BatchNorm($inner) => {
                let $inner = *$inner;
                Layer::BatchNorm(Box::new($body))
            }
            Layer::StepNorm($inner) => {
                let $inner = *$inner;
                Layer::StepNorm(Box::new($body))
            }
            Layer::Positions($inner) => Layer::Positions($body),
            Layer::Attention($inner) => {
                let $inner = *$inner;
                Layer::Attention(Box::new($body))
            }
            Layer::Gru($inner) => {
                let $inner = *$inner;
                Layer::Gru(Box::new($body))
            }
            Layer::AdditiveAttention($inner) => {
                let $inner = *$inner;
                Layer::AdditiveAttention(Box::new($body))
            }
        }
    };
}

/// The moving statistics detached from those of copies, including the update of the last step. Burn shares them between
/// copies and delays that update until the next step.
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
    fn rebuilt(
        self,
        each_table: impl FnMut(&str, Embedding) -> Embedding,
        mut each: impl FnMut(&Node, Layer) -> Layer,
    ) -> Self {
        let Self {
            graph,
            plan,
            tables,
            layers,
        } = self;
        let mut each_table = each_table;
        let named = graph.tables().iter().zip(tables);
        let tables = named
            .map(|(of, table)| each_table(&of.name, table))
            .collect();
        let nodes = graph.nodes().iter().zip(layers);
        let layers = nodes.map(|(node, layer)| each(node, layer)).collect();
        Self {
            graph,
            plan,
            tables,
            layers,
        }
    }
}

/// The type name of a table's holder in module displays.
const TABLE: &str = "Embedding";

// Written by hand, so that parameters are named after tables and nodes; the derived module would name them by position
// in the list.
impl Module for Network {
    fn collect_devices(&self, devices: Devices) -> Devices {
        let tables = self.tables.iter();
        let devices = tables.fold(devices, |devices, table| table.collect_devices(devices));
        self.layers.iter().fold(
            devices,
            |devices, layer| each!(layer, inner => inner.collect_devices(devices), devices),
        )
    }
    fn fork(self, device: &Device) -> Self {
        self.rebuilt(
            |_, table| table.fork(device),
            |_, layer| rebuilt!(layer, inner => inner.fork(device)),
        )
    }
    fn to_device(self, device: &Device) -> Self {
        self.rebuilt(
            |_, table| table.to_device(device),
            |_, layer| rebuilt!(layer, inner => inner.to_device(device)),
        )
    }
    fn train(self) -> Self {
        self.rebuilt(
            |_, table| table.train(),
            |_, layer| rebuilt!(layer, inner => inner.train()),
        )
    }
    fn valid(&self) -> Self {
        self.clone().rebuilt(
            |_, table| table.valid(),
            |_, layer| rebuilt!(layer, inner => inner.valid()),
        )
    }
    fn materialize(self) -> Self {
        self.rebuilt(
            |_, table| table.materialize(),
            |_, layer| rebuilt!(layer, inner => inner.materialize()),
        )
    }
    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        for (of, table) in self.graph.tables().iter().zip(&self.tables) {
            visitor.enter_module(&of.name, TABLE);
            table.visit(visitor);
            visitor.exit_module(&of.name, TABLE);
        }
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
        let Self {
            graph,
            plan,
            tables,
            layers,
        } = self;
        let named = graph.tables().iter().zip(tables);
        let tables = named
            .map(|(of, table)| {
                mapper.enter_module(&of.name, TABLE);
                let table = table.map(mapper);
                mapper.exit_module(&of.name, TABLE);
                table
            })
            .collect();
        let nodes = graph.nodes().iter().zip(layers);
        let layers = nodes
            .map(|(node, layer)| {
                mapper.enter_module(&node.name, node.op.kind());
                let layer = match layer {
                    Layer::BatchNorm(norm) => Layer::BatchNorm(Box::new(apart(*norm).map(mapper))),
                    other => rebuilt!(other, inner => inner.map(mapper)),
                };
                mapper.exit_module(&node.name, node.op.kind());
                layer
            })
            .collect();
        Self {
            graph,
            plan,
            tables,
            layers,
        }
    }
}

// So that a network can be part of a custom module.
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
