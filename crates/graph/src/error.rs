//! Errors of an architecture.

use thiserror::Error;

/// Why a graph is invalid. Every message names the node.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Two nodes have the same name, but weights are saved by node name.
    #[error("two nodes are called `{name}`: each layer needs a name of its own")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// The name cannot be part of a weight's path.
    #[error("`{name}` cannot name a node: use letters, digits, `_` and `-`")]
    BadName {
        /// The name.
        name: String,
    },
    /// The inputs of Dot, Add or Multiply have different widths.
    #[error(
        "{kind} `{node}` needs equal widths, but `{left}` has {left_width} and `{right}` has {right_width}"
    )]
    UnequalWidths {
        /// The kind of layer that joins them.
        kind: &'static str,
        /// Its name.
        node: String,
        /// The first input.
        left: String,
        /// Its width.
        left_width: usize,
        /// The input that differs.
        right: String,
        /// Its width.
        right_width: usize,
    },
    /// A layer has too few or too many inputs.
    #[error("{kind} `{node}` takes {wanted}, but has {seen}")]
    Inputs {
        /// The layer.
        kind: &'static str,
        /// Its name.
        node: String,
        /// The inputs that it takes, in words.
        wanted: &'static str,
        /// The number of inputs it has.
        seen: usize,
    },
    /// A layer has the wrong kind of input: an id column instead of a value, or the reverse.
    #[error("{kind} `{node}` takes {wanted}, but `{input}` is {seen}")]
    Sort {
        /// The layer.
        kind: &'static str,
        /// Its name.
        node: String,
        /// The input.
        input: String,
        /// The kind of input that it takes.
        wanted: &'static str,
        /// The kind of input that it was given.
        seen: &'static str,
    },
    /// A second sequence whose steps are told apart.
    #[error(
        "`{node}` looks up the steps of `{second}`; a graph takes one sequence step by step, which is `{first}` here: the other can be pooled"
    )]
    Sequences {
        /// What looks the second one up.
        node: String,
        /// The first sequence.
        first: String,
        /// The second one.
        second: String,
    },
    /// A setting is out of range.
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
        /// The value given.
        seen: String,
    },
    /// The output is not one number per pair.
    #[error("the output `{node}` has width {width}; a score has width 1")]
    OutputWidth {
        /// The output.
        node: String,
        /// Its width.
        width: usize,
    },
    /// The output is a column of ids.
    #[error("the output `{node}` is a column of ids; a score is a value of width 1")]
    OutputColumn {
        /// The output.
        node: String,
    },
    /// Two different tables have the same name.
    #[error("two tables are called `{name}`: one of them, or the same settings, would do")]
    DuplicateTable {
        /// The name.
        name: String,
    },
    /// A node of a stored graph refers to a table that the graph does not have.
    #[error("node `{node}` looks up in the table `{table}`, which the graph does not have")]
    UnknownTable {
        /// The node.
        node: String,
        /// The table.
        table: String,
    },
    /// Tables with propagation that do not form a pair.
    #[error(
        "the table `{table}` is propagated along interactions, which takes one such table that only users look up in and \
one that only items do, of equal width and with equally many layers"
    )]
    Propagation {
        /// The first of them.
        table: String,
    },
    /// A table has fewer rows than the ids that are looked up in it.
    #[error(
        "`{node}` looks up `{input}`, with ids below {ids}, in the table `{table}` of {rows} rows"
    )]
    TableRows {
        /// The node.
        node: String,
        /// The table.
        table: String,
        /// The number of its rows.
        rows: usize,
        /// The input that is looked up.
        input: String,
        /// The bound of its ids.
        ids: usize,
    },
    /// The output does not depend on a node of a stored graph.
    #[error("nothing uses `{node}`")]
    Unused {
        /// The node.
        node: String,
    },
    /// A node of a stored graph refers to one that does not come before it.
    #[error("node `{node}` takes its input from `{input}`, which does not come before it")]
    UnknownInput {
        /// The node.
        node: String,
        /// The name that it refers to.
        input: String,
    },
    /// A stored graph is empty.
    #[error("the graph `{name}` has no nodes")]
    Empty {
        /// The graph.
        name: String,
    },
}
