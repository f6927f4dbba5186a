//! The checked picture.

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
    /// Unique in the graph; the prefix of its weights' names.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Names of the nodes it takes, each of which stands before it.
    pub inputs: Vec<String>,
    /// Positions of those nodes in [`Graph::nodes`].
    #[serde(skip)]
    pub sources: Vec<usize>,
    /// What its value is.
    #[serde(skip)]
    pub shape: Shape,
    /// What it learns; a table that several nodes read is the first one's.
    #[serde(skip)]
    pub parameters: Parameters,
    /// What its value depends on.
    #[serde(skip)]
    pub depends_on: Dependence,
}

/// What the value of a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One id per example: `[batch]`.
    Ids,
    /// One bag or sequence of ids per example.
    Bags,
    /// Numbers: `[batch, width]`.
    Row(usize),
}

impl Shape {
    /// The width of numbers.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Row(width) => Some(width),
            Self::Ids | Self::Bags => None,
        }
    }
}

/// `[batch]`, `[batch, any]`, `[batch, 40]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids => f.write_str("[batch]"),
            Self::Bags => f.write_str("[batch, any]"),
            Self::Row(width) => write!(f, "[batch, {width}]"),
        }
    }
}

/// What a value depends on. A value of one side alone may be computed once per distinct row of that side, unless it
/// depends on which examples are together (dropout, batch normalisation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependence {
    /// The user.
    pub user: bool,
    /// The item.
    pub item: bool,
    /// The single example.
    pub event: bool,
    /// In training, on the other examples of the batch, or on chance.
    pub batch: bool,
}

impl Dependence {
    /// What depends on either.
    pub fn or(self, other: Self) -> Self {
        Self {
            user: self.user || other.user,
            item: self.item || other.item,
            event: self.event || other.event,
            batch: self.batch || other.batch,
        }
    }

    /// The side that is all it depends on, among the sides that have rows: the user's or the item's.
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
    /// The input that this node is.
    pub fn input(&self) -> Option<Input> {
        match &self.op {
            Op::Input { side, kind } => Some(Input::new(&self.name, *side, kind.clone())),
            _ => None,
        }
    }

    /// Whether this is an input of ids, which has no numbers to compute with.
    pub fn is_column(&self) -> bool {
        self.shape.width().is_none()
    }

    /// The width of its numbers; 1 for ids.
    pub fn width(&self) -> usize {
        self.shape.width().unwrap_or(1)
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
    tables: Vec<Table>,
    nodes: Vec<Node>,
}

impl Graph {
    /// Walks back from `output` and checks everything on the way.
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

    /// Every layer, inputs before what uses them, the output last.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The layer of this name.
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

    /// What a node does, and what distinguishes it from others of its kind: `Dense 70 relu`, `Embedding 40 l2 0.0001`.
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

    /// What it reads, in the order of its nodes.
    pub fn inputs(&self) -> Vec<Input> {
        self.nodes.iter().filter_map(Node::input).collect()
    }

    /// Rows of the user tables; 0 for a graph that takes no users.
    pub fn user_rows(&self) -> usize {
        self.rows(Input::is_users)
    }

    /// Rows of the item tables; 0 for a graph that takes no items.
    pub fn item_rows(&self) -> usize {
        self.rows(Input::is_items)
    }

    fn rows(&self, wanted: impl Fn(&Input) -> bool) -> usize {
        let inputs = self.nodes.iter().filter_map(Node::input);
        let mut rows = inputs.filter(wanted).filter_map(|input| input.kind.rows());
        rows.next().unwrap_or(0)
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

/// A graph as it is in a file.
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

/// Nodes and tables as they are met.
#[derive(Default)]
struct Walked {
    nodes: Vec<Plain>,
    tables: Vec<Table>,
    seen: HashMap<*const Symbol, ()>,
}

impl Walked {
    /// Post-order: a node comes after its inputs, once however often it is used.
    fn walk(&mut self, symbol: &Rc<Symbol>) {
        if self.seen.insert(Rc::as_ptr(symbol), ()).is_some() {
            return;
        }
        for input in &symbol.inputs {
            self.walk(input);
        }
        // `Sym::user(n)` written twice means the one column of users, so equal inputs fall together.
        let mut nodes = self.nodes.iter();
        let again = matches!(symbol.op, Op::Input { .. })
            && nodes.any(|node| node.name == symbol.name && node.op == symbol.op);
        if again {
            return;
        }
        // Two tables of one name that differ are both kept, for the check to refuse.
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
