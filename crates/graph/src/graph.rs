//! The checked graph.

mod collect;

use crate::check::check;
use crate::error::GraphError;
use crate::node::{Node, Parameters, Shape};
use crate::op::Op;
use crate::sym::Sym;
use crate::table::Table;
use collect::Walked;
use recburn_schema::{Input, Kind};
use serde::{Deserialize, Serialize};

/// A checked architecture: names are unique, widths fit, the output is one number per pair, and every node comes after
/// its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Graph {
    name: String,
    tables: Vec<Table>,
    nodes: Vec<Node>,
}

impl Graph {
    /// Collects and checks everything that `output` depends on.
    pub fn new(name: &str, output: &Sym) -> Result<Self, GraphError> {
        let mut walked = Walked::default();
        walked.walk(&output.0);
        Self::checked(name.to_string(), walked.tables, walked.nodes)
    }

    fn checked(name: String, tables: Vec<Table>, plain: Vec<Plain>) -> Result<Self, GraphError> {
        let nodes = check(&name, &tables, plain)?;
        Ok(Self {
            name,
            tables,
            nodes,
        })
    }

    /// The same architecture for another number of users: their input and the tables that it indexes have so many rows.
    ///
    /// # Errors
    /// If there are no rows, or other inputs index such a table as well.
    pub fn with_users(&self, rows: usize) -> Result<Self, GraphError> {
        let is_users = |node: &Node| node.input().is_some_and(|input| input.is_users());
        let mut tables = self.tables.clone();
        for node in &self.nodes {
            let of_users = node.sources.iter().any(|&at| is_users(&self.nodes[at]));
            let name = node.op.table().filter(|_| of_users);
            for table in &mut tables {
                if Some(table.name.as_str()) == name {
                    table.rows = rows;
                }
            }
        }
        let plain = self.nodes.iter().map(|node| Plain {
            name: node.name.clone(),
            op: match &node.op {
                Op::Input { side, .. } if is_users(node) => Op::Input {
                    side: *side,
                    kind: Kind::Id { rows },
                },
                other => other.clone(),
            },
            inputs: node.inputs.clone(),
        });
        Self::checked(self.name.clone(), tables, plain.collect())
    }

    /// The architecture's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All layers, inputs before their uses, the output last.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The layer with this name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The tables, in the order in which they are first read.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table that a node reads.
    pub fn table_of(&self, node: &Node) -> Option<&Table> {
        let name = node.op.table()?;
        self.tables.iter().find(|table| table.name == name)
    }

    /// The operation of a node with its settings: `Dense 70 relu`, `Embedding 40 l2 0.0001`.
    pub fn describe(&self, node: &Node) -> String {
        match self.table_of(node) {
            None => node.op.to_string(),
            Some(table) => {
                let of = match table.name == node.name {
                    true => String::new(),
                    false => format!(" of {}", table.name),
                };
                let layers = match table.layers {
                    0 => String::new(),
                    layers => format!(" propagated {layers} times"),
                };
                format!("{}{of} {}{}{layers}", node.op, table.width, table.options)
            }
        }
    }

    /// The matrices that a node learns besides tables: the last part of each one's name, and its shape.
    pub fn kernels(&self, node: &Node) -> Vec<(&'static str, [usize; 2])> {
        let width = node.width();
        match (&node.op, node.shape) {
            (Op::Dense { .. }, _) => vec![("weight", [self.nodes[node.sources[0]].width(), width])],
            (Op::Positions { .. }, Shape::Steps { length, .. }) => {
                vec![("weight", [length, width])]
            }
            (Op::Attention { .. }, _) => ["query", "key", "value"]
                .map(|name| (name, [width, width]))
                .into(),
            (Op::Gru { units, .. }, _) => {
                let gates = 3 * units;
                vec![
                    ("weight", [self.nodes[node.sources[0]].width(), gates]),
                    ("recurrent", [*units, gates]),
                    ("bias", [2, gates]),
                ]
            }
            (Op::AdditiveAttention { .. }, _) => vec![
                ("query", [width, width]),
                ("key", [width, width]),
                ("scale", [width, 1]),
            ],
            (
                Op::Positions { .. }
                | Op::Input { .. }
                | Op::Embedding { .. }
                | Op::Pool { .. }
                | Op::Bias
                | Op::Activation { .. }
                | Op::Dropout { .. }
                | Op::BatchNorm { .. }
                | Op::LayerNorm { .. }
                | Op::AtQuery
                | Op::Sampling { .. }
                | Op::Dot
                | Op::Pairwise
                | Op::Sum
                | Op::Add
                | Op::Multiply
                | Op::Concat
                | Op::Rescale { .. },
                _,
            ) => Vec::new(),
        }
    }

    /// Its inputs, in the order of its nodes.
    pub fn inputs(&self) -> Vec<Input> {
        self.nodes.iter().filter_map(Node::input).collect()
    }

    /// Rows of the user tables; 0 for a graph without users.
    pub fn user_rows(&self) -> usize {
        self.rows(Input::is_users)
    }

    /// Rows of the item tables; 0 for a graph without items.
    pub fn item_rows(&self) -> usize {
        self.rows(Input::is_items)
    }

    fn rows(&self, wanted: impl Fn(&Input) -> bool) -> usize {
        let inputs = self.nodes.iter().filter_map(Node::input);
        let mut rows = inputs.filter(wanted).filter_map(|input| input.kind.rows());
        rows.next().unwrap_or(0)
    }

    /// The counts of all parameters.
    pub fn parameters(&self) -> Parameters {
        self.nodes
            .iter()
            .fold(Parameters::default(), |sum, node| Parameters {
                trainable: sum.trainable + node.parameters.trainable,
                fixed: sum.fixed + node.parameters.fixed,
            })
    }
}

/// A node before the check.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {
    pub name: String,
    pub op: Op,
    pub inputs: Vec<String>,
}

/// A graph as stored in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    tables: Vec<Table>,
    nodes: Vec<Plain>,
}

impl TryFrom<Stored> for Graph {
    type Error = GraphError;

    fn try_from(stored: Stored) -> Result<Self, GraphError> {
        Self::checked(stored.name, stored.tables, stored.nodes)
    }
}
