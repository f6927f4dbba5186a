//! The checked picture.

use crate::check::check;
use crate::error::GraphError;
use crate::op::Op;
use crate::sym::{Sym, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::rc::Rc;

/// One layer of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Unique in the graph; the prefix of its weights' names.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Names of the nodes it takes, each of which stands before it.
    pub inputs: Vec<String>,
    /// Positions of those nodes in [`Graph::nodes`].
    #[serde(skip)]
    pub sources: Vec<usize>,
    /// Width of its value; 1 for an id column.
    #[serde(skip)]
    pub width: usize,
    /// What it learns.
    #[serde(skip)]
    pub parameters: Parameters,
}

impl Node {
    /// What a table or a kernel over this node has rows for: the rows of an id column, the width of any other value.
    pub fn rows_or_width(&self) -> usize {
        self.op.column_rows().unwrap_or(self.width)
    }
}

/// Numbers of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Moved by the optimizer.
    pub trainable: usize,
    /// Kept otherwise: the moving statistics of batch normalisation.
    pub fixed: usize,
}

impl Parameters {
    /// All of them.
    pub fn total(&self) -> usize {
        self.trainable + self.fixed
    }
}

/// An architecture that has been checked: names are unique, widths fit, the output is one number a pair, and every
/// node stands behind its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Graph {
    name: String,
    nodes: Vec<Node>,
}

impl Graph {
    /// Walks back from `output` and checks everything on the way.
    pub fn new(name: &str, output: &Sym) -> Result<Self, GraphError> {
        let mut nodes = Vec::new();
        let mut seen = HashMap::new();
        walk(&output.0, &mut nodes, &mut seen);
        Self::checked(name.to_string(), nodes)
    }

    fn checked(name: String, plain: Vec<Plain>) -> Result<Self, GraphError> {
        let nodes = check(&name, plain)?;
        Ok(Self { name, nodes })
    }

    /// The architecture's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every layer, inputs before what uses them, the output last.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The layer of this name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// Rows of the user tables; 0 for a graph that takes no users.
    pub fn user_rows(&self) -> usize {
        self.rows(Op::user_rows)
    }

    /// Rows of the item tables; 0 for a graph that takes no items.
    pub fn item_rows(&self) -> usize {
        self.rows(Op::item_rows)
    }

    fn rows(&self, of: impl Fn(&Op) -> Option<usize>) -> usize {
        self.nodes.iter().find_map(|node| of(&node.op)).unwrap_or(0)
    }

    /// All parameters.
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

/// A graph as it lies in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    nodes: Vec<Plain>,
}

impl TryFrom<Stored> for Graph {
    type Error = GraphError;

    fn try_from(stored: Stored) -> Result<Self, GraphError> {
        Self::checked(stored.name, stored.nodes)
    }
}

/// Post-order: a node comes behind its inputs, once however often it is used.
fn walk(symbol: &Rc<Symbol>, nodes: &mut Vec<Plain>, seen: &mut HashMap<*const Symbol, ()>) {
    if seen.insert(Rc::as_ptr(symbol), ()).is_some() {
        return;
    }
    for input in &symbol.inputs {
        walk(input, nodes, seen);
    }
    // `Sym::user(n)` written twice means the one column of users, so equal columns fall together.
    let again = symbol.op.is_column()
        && nodes
            .iter()
            .any(|node| node.name == symbol.name && node.op == symbol.op);
    if !again {
        nodes.push(Plain {
            name: symbol.name.clone(),
            op: symbol.op.clone(),
            inputs: symbol
                .inputs
                .iter()
                .map(|input| input.name.clone())
                .collect(),
        });
    }
}
