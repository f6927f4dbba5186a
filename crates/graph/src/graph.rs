//! The checked graph.

use crate::check::check;
use crate::error::GraphError;
use crate::op::Op;
use crate::sym::{Sym, Symbol};
use crate::table::Table;
use recburn_schema::{Input, Side};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// One layer of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Its name, unique in the graph; the prefix of its weights' names.
    pub name: String,
    /// Its operation.
    pub op: Op,
    /// The names of its inputs, which all come before it.
    pub inputs: Vec<String>,
    /// The positions of those nodes in [`Graph::nodes`].
    #[serde(skip)]
    pub sources: Vec<usize>,
    /// The shape of its value.
    #[serde(skip)]
    pub shape: Shape,
    /// Its parameters; a table that several nodes read is counted for the first one.
    #[serde(skip)]
    pub parameters: Parameters,
    /// The sides that its value depends on.
    #[serde(skip)]
    pub depends_on: Dependence,
}

/// The shape of a node's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One id per example: `[batch]`.
    Ids,
    /// One bag of ids per example.
    Bags,
    /// One sequence of ids per example, of this length at most: `[batch, length]`.
    Sequence(usize),
    /// Numbers: `[batch, width]`.
    Row(usize),
    /// Numbers of each step of a sequence: `[batch, length, width]`. Shorter sequences have fewer steps, not padded ones.
    Steps {
        /// The most steps that there are.
        length: usize,
        /// Numbers of a step.
        width: usize,
    },
}

impl Shape {
    /// The width of numbers.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Row(width) | Self::Steps { width, .. } => Some(width),
            Self::Ids | Self::Bags | Self::Sequence(_) => None,
        }
    }
}

impl Shape {
    /// The same with other numbers in each row or step.
    pub(crate) fn with_width(self, width: usize) -> Self {
        match self {
            Self::Steps { length, .. } => Self::Steps { length, width },
            Self::Ids | Self::Bags | Self::Sequence(_) | Self::Row(_) => Self::Row(width),
        }
    }
}

/// `[batch]`, `[batch, any]`, `[batch, 40]`, `[batch, 50, 40]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids => f.write_str("[batch]"),
            Self::Bags => f.write_str("[batch, any]"),
            Self::Sequence(size) | Self::Row(size) => write!(f, "[batch, {size}]"),
            Self::Steps { length, width } => write!(f, "[batch, {length}, {width}]"),
        }
    }
}

/// What a value depends on. A value that depends on only one side can be computed once per distinct row of that side,
/// unless it depends on the composition of the batch (dropout, batch normalisation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependence {
    /// The user.
    pub user: bool,
    /// The item.
    pub item: bool,
    /// The individual example.
    pub event: bool,
    /// In training, the other examples of the batch, or random numbers.
    pub batch: bool,
}

impl Dependence {
    /// The union of both dependences.
    pub fn or(self, other: Self) -> Self {
        Self {
            user: self.user || other.user,
            item: self.item || other.item,
            event: self.event || other.event,
            batch: self.batch || other.batch,
        }
    }

    /// The only side that it depends on, if that side has rows (user or item).
    pub fn one_side(self) -> Option<Side> {
        match self {
            Self {
                user: true,
                item: false,
                event: false,
                batch: false,
            } => Some(Side::User),
            Self {
                user: false,
                item: true,
                event: false,
                batch: false,
            } => Some(Side::Item),
            _ => None,
        }
    }
}

impl Node {
    /// The input that this node represents, if any.
    pub fn input(&self) -> Option<Input> {
        match &self.op {
            Op::Input { side, kind } => Some(Input::new(&self.name, *side, kind.clone())),
            _ => None,
        }
    }

    /// Whether this is an input of ids, which cannot be used in computations.
    pub fn is_column(&self) -> bool {
        self.shape.width().is_none()
    }

    /// The width of its numbers; 1 for ids.
    pub fn width(&self) -> usize {
        self.shape.width().unwrap_or(1)
    }
}

/// Counts of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Updated by the optimizer.
    pub trainable: usize,
    /// Not trained: the moving statistics of batch normalisation.
    pub fixed: usize,
}

impl Parameters {
    /// Their sum.
    pub fn total(&self) -> usize {
        self.trainable + self.fixed
    }
}

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
                format!("{}{of} {}{}", node.op, table.width, table.options)
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

/// Nodes and tables in the order in which they are reached.
#[derive(Default)]
struct Walked {
    nodes: Vec<Plain>,
    tables: Vec<Table>,
    seen: HashMap<*const Symbol, ()>,
}

impl Walked {
    /// Post-order: a node comes after its inputs, once even if it is used several times.
    fn walk(&mut self, symbol: &Rc<Symbol>) {
        if self.seen.insert(Rc::as_ptr(symbol), ()).is_some() {
            return;
        }
        for input in &symbol.inputs {
            self.walk(input);
        }
        // `Sym::user(n)` written twice means the same column of users, so equal inputs are merged.
        let mut nodes = self.nodes.iter();
        let again = matches!(symbol.op, Op::Input { .. })
            && nodes.any(|node| node.name == symbol.name && node.op == symbol.op);
        if again {
            return;
        }
        // Different tables with the same name are both kept, so that the check refuses them.
        if let Some(table) = &symbol.table
            && !self.tables.contains(table)
        {
            self.tables.push(table.clone());
        }
        self.nodes.push(Plain {
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
