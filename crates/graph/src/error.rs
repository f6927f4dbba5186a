//! What can be wrong with an architecture.

use thiserror::Error;

/// Why a picture cannot run. Every message names the node.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Weights are saved by node name, so a name stands for one node.
    #[error("two nodes are called `{name}`: each layer needs a name of its own")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A name that could not be a weight's path.
    #[error("`{name}` cannot name a node: use letters, digits, `_` and `-`")]
    BadName {
        /// The name.
        name: String,
    },
    /// Dot, Add and Multiply need one width.
    #[error(
        "{kind} `{node}` needs equal widths, but `{left}` has {left_width} and `{right}` has {right_width}"
    )]
    UnequalWidths {
        /// The layer that joins them.
        kind: &'static str,
        /// Its name.
        node: String,
        /// First input.
        left: String,
        /// Its width.
        left_width: usize,
        /// Input that differs.
        right: String,
        /// Its width.
        right_width: usize,
    },
    /// A layer with too few or too many inputs.
    #[error("{kind} `{node}` takes {wanted}, but has {seen}")]
    Inputs {
        /// The layer.
        kind: &'static str,
        /// Its name.
        node: String,
        /// What it takes, in words.
        wanted: &'static str,
        /// How many it has.
        seen: usize,
    },
    /// A layer over the wrong sort of input: an id column where a value belongs, or the reverse.
    #[error("{kind} `{node}` takes {wanted}, but `{input}` is {seen}")]
    Sort {
        /// The layer.
        kind: &'static str,
        /// Its name.
        node: String,
        /// The input.
        input: String,
        /// What it takes.
        wanted: &'static str,
        /// What it got.
        seen: &'static str,
    },
    /// A setting out of its range.
    #[error("{kind} `{node}`: {what} must be {wanted}, not {seen}")]
    Setting {
        /// The layer.
        kind: &'static str,
        /// Its name.
        node: String,
        /// The setting.
        what: &'static str,
        /// Its range, in words.
        wanted: &'static str,
        /// What was given.
        seen: String,
    },
    /// A model scores a pair with one number.
    #[error("the output `{node}` has width {width}; a score has width 1")]
    OutputWidth {
        /// The output.
        node: String,
        /// Its width.
        width: usize,
    },
    /// Ids as an output.
    #[error("the output `{node}` is a column of ids; a score is a value of width 1")]
    OutputColumn {
        /// The output.
        node: String,
    },
    /// A table is found by its name.
    #[error("two tables are called `{name}`: one of them, or the same settings, would do")]
    DuplicateTable {
        /// The name.
        name: String,
    },
    /// A node of a stored graph that looks up in no table of the graph.
    #[error("node `{node}` looks up in the table `{table}`, which the graph does not have")]
    UnknownTable {
        /// The node.
        node: String,
        /// The table.
        table: String,
    },
    /// A table with fewer rows than the ids that are looked up in it.
    #[error(
        "`{node}` looks up `{input}`, with ids below {ids}, in the table `{table}` of {rows} rows"
    )]
    TableRows {
        /// The node.
        node: String,
        /// The table.
        table: String,
        /// Its rows.
        rows: usize,
        /// What is looked up.
        input: String,
        /// What its ids are below.
        ids: usize,
    },
    /// A node of a stored graph that the output does not depend on.
    #[error("nothing uses `{node}`")]
    Unused {
        /// The node.
        node: String,
    },
    /// A node of a stored graph refers to one that does not stand before it.
    #[error("node `{node}` takes its input from `{input}`, which does not come before it")]
    UnknownInput {
        /// The node.
        node: String,
        /// The name it refers to.
        input: String,
    },
    /// A stored graph with nothing in it.
    #[error("the graph `{name}` has no nodes")]
    Empty {
        /// The graph.
        name: String,
    },
}
