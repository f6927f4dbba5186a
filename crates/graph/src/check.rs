//! Checks of a graph: names, kinds of values, widths, settings.

use crate::error::GraphError;
use crate::graph::{Dependence, Node, Parameters, Plain, Shape};
use crate::op::{Initializer, Op};
use crate::table::Table;
use recburn_schema::{Kind, Side};
use std::collections::HashMap;

pub(crate) fn check(
    graph: &str,
    tables: &[Table],
    plain: Vec<Plain>,
) -> Result<Vec<Node>, GraphError> {
    let mut nodes: Vec<Node> = Vec::with_capacity(plain.len());
    let mut at: HashMap<String, usize> = HashMap::new();
    for Plain { name, op, inputs } in plain {
        check_name(&name)?;
        let sources = inputs
            .iter()
            .map(|input| {
                at.get(input)
                    .copied()
                    .ok_or_else(|| GraphError::UnknownInput {
                        node: name.clone(),
                        input: input.clone(),
                    })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let taken: Vec<&Node> = sources.iter().map(|&source| &nodes[source]).collect();
        let table = read_table(&name, &op, tables, &taken)?;
        let shape = shape(&name, &op, table, &taken)?;
        settings(&name, &op, shape.width().unwrap_or(1))?;
        // The weights of a table are counted at its first use.
        let first = |table: &&Table| {
            !nodes
                .iter()
                .any(|node| node.op.table() == Some(&table.name))
        };
        let parameters = parameters(&name, &op, table.filter(first), &taken, shape)?;
        let depends_on = depends_on(&op, &taken);
        if at.insert(name.clone(), nodes.len()).is_some() {
            return Err(GraphError::DuplicateName { name });
        }
        nodes.push(Node {
            name,
            op,
            inputs,
            sources,
            shape,
            parameters,
            depends_on,
        });
    }
    let Some(last) = nodes.last() else {
        return Err(GraphError::Empty {
            name: graph.to_string(),
        });
    };
    check_tables(tables)?;
    one_sequence(&nodes)?;
    for table in tables {
        one_weight_a_name(table, &nodes)?;
    }
    match last.shape {
        Shape::Ids | Shape::Bags | Shape::Sequence(_) => Err(GraphError::OutputColumn {
            node: last.name.clone(),
        }),
        Shape::Steps { .. } => Err(GraphError::Sort {
            kind: "Graph",
            node: graph.to_string(),
            input: last.name.clone(),
            wanted: "one score of each pair",
            seen: STEPS,
        }),
        Shape::Row(1) => {
            all_used(&nodes)?;
            Ok(nodes)
        }
        Shape::Row(width) => Err(GraphError::OutputWidth {
            node: last.name.clone(),
            width,
        }),
    }
}

fn check_name(name: &str) -> Result<(), GraphError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    match !name.is_empty() && name.chars().all(fits) {
        true => Ok(()),
        false => Err(GraphError::BadName {
            name: name.to_string(),
        }),
    }
}

/// A value of each step of a sequence, in words.
const STEPS: &str = "a value of each step of a sequence";

/// Steps of two sequences could not be told apart: they have no lengths in common.
fn one_sequence(nodes: &[Node]) -> Result<(), GraphError> {
    let mut first: Option<&String> = None;
    for node in nodes {
        let source = node.sources.first().map(|&source| &nodes[source]);
        let (Op::Embedding { .. }, Shape::Steps { .. }, Some(input)) =
            (&node.op, node.shape, source)
        else {
            continue;
        };
        match first {
            Some(first) if *first != input.name => {
                return Err(GraphError::Sequences {
                    node: node.name.clone(),
                    first: first.clone(),
                    second: input.name.clone(),
                });
            }
            _ => first = Some(&input.name),
        }
    }
    Ok(())
}

/// Checks the settings of each table, and that names are unique.
fn check_tables(tables: &[Table]) -> Result<(), GraphError> {
    for (at, table) in tables.iter().enumerate() {
        check_name(&table.name)?;
        if tables[..at].iter().any(|other| other.name == table.name) {
            return Err(GraphError::DuplicateTable {
                name: table.name.clone(),
            });
        }
        let need = Need {
            kind: "Table",
            node: &table.name,
        };
        need.rows(table.rows)?;
        need.that("width", "1 or more", &table.width, table.width > 0)?;
        need.penalty(table.options.l2)?;
        need.initializer(&table.options.initializer)?;
    }
    Ok(())
}

/// Weights are named after tables and nodes: a table may share its name only with a node that reads it.
fn one_weight_a_name(table: &Table, nodes: &[Node]) -> Result<(), GraphError> {
    let mut readers = nodes
        .iter()
        .filter(|node| node.op.table() == Some(&table.name));
    if readers.next().is_none() {
        return Err(GraphError::Unused {
            node: table.name.clone(),
        });
    }
    let learns = |node: &&Node| node.name == table.name && node.op.table() != Some(&table.name);
    match nodes.iter().any(|node| learns(&node)) {
        false => Ok(()),
        true => Err(GraphError::DuplicateName {
            name: table.name.clone(),
        }),
    }
}

/// The table that a node reads; it must exist and have a row for every id of the input.
fn read_table<'a>(
    name: &str,
    op: &Op,
    tables: &'a [Table],
    taken: &[&Node],
) -> Result<Option<&'a Table>, GraphError> {
    let Some(wanted) = op.table() else {
        return Ok(None);
    };
    let Some(table) = tables.iter().find(|table| table.name == wanted) else {
        return Err(GraphError::UnknownTable {
            node: name.to_string(),
            table: wanted.to_string(),
        });
    };
    let ids = taken
        .iter()
        .find_map(|node| Some((node, node.input()?.kind.rows()?)));
    match ids {
        Some((input, ids)) if ids > table.rows => Err(GraphError::TableRows {
            node: name.to_string(),
            table: wanted.to_string(),
            rows: table.rows,
            input: input.name.clone(),
            ids,
        }),
        _ => Ok(Some(table)),
    }
}

fn depends_on(op: &Op, taken: &[&Node]) -> Dependence {
    let of_inputs = taken
        .iter()
        .fold(Dependence::default(), |sum, node| sum.or(node.depends_on));
    let own = match op {
        // Whatever was drawn was drawn for each step: what follows has one value for each query.
        Op::AtQuery => {
            return Dependence {
                batch: false,
                ..of_inputs
            };
        }
        Op::Input { side, .. } => Dependence {
            user: *side == Side::User,
            item: *side == Side::Item,
            event: *side == Side::Event,
            batch: false,
        },
        Op::Dropout { .. } | Op::BatchNorm { .. } => Dependence {
            batch: true,
            ..Dependence::default()
        },
        Op::Embedding { .. }
        | Op::Pool { .. }
        | Op::Dense { .. }
        | Op::Bias
        | Op::Activation { .. }
        | Op::Positions { .. }
        | Op::LayerNorm { .. }
        | Op::Attention { .. }
        | Op::Dot
        | Op::Pairwise
        | Op::Sum
        | Op::Add
        | Op::Multiply
        | Op::Concat
        | Op::Rescale { .. } => Dependence::default(),
    };
    own.or(of_inputs)
}

fn all_used(nodes: &[Node]) -> Result<(), GraphError> {
    let mut used = vec![false; nodes.len()];
    for source in nodes.iter().flat_map(|node| &node.sources) {
        used[*source] = true;
    }
    // The last node is the output.
    match used[..nodes.len() - 1].iter().position(|used| !used) {
        None => Ok(()),
        Some(at) => Err(GraphError::Unused {
            node: nodes[at].name.clone(),
        }),
    }
}

/// The shape of a node's value, after checking the number and kinds of its inputs.
fn shape(name: &str, op: &Op, table: Option<&Table>, taken: &[&Node]) -> Result<Shape, GraphError> {
    let count = |wanted: &'static str, fits: bool| {
        if fits {
            return Ok(());
        }
        Err(GraphError::Inputs {
            kind: op.kind(),
            node: name.to_string(),
            wanted,
            seen: taken.len(),
        })
    };
    match op {
        Op::Input { .. } => count("no input", taken.is_empty())?,
        Op::Dot => count("two values", taken.len() == 2)?,
        Op::Add | Op::Multiply | Op::Concat | Op::Pairwise => {
            count("two values or more", taken.len() >= 2)?;
        }
        Op::Embedding { .. }
        | Op::Pool { .. }
        | Op::Dense { .. }
        | Op::Bias
        | Op::Activation { .. }
        | Op::Dropout { .. }
        | Op::BatchNorm { .. }
        | Op::Positions { .. }
        | Op::LayerNorm { .. }
        | Op::Attention { .. }
        | Op::AtQuery
        | Op::Sum
        | Op::Rescale { .. } => count("one input", taken.len() == 1)?,
    }
    let steps = matches!(
        taken.first().map(|input| input.shape),
        Some(Shape::Steps { .. })
    );
    let wanted: &[&str] = match op {
        Op::Embedding { .. } => &["a column of ids", "a sequence of ids"],
        Op::Pool { .. } => &["a column of bags", "a sequence of ids"],
        Op::Positions { .. } | Op::Attention { .. } | Op::AtQuery => &[STEPS],
        // What is done to each row alone is done to each step.
        Op::Input { .. }
        | Op::Dense { .. }
        | Op::Activation { .. }
        | Op::Dropout { .. }
        | Op::LayerNorm { .. }
        | Op::Add
        | Op::Multiply
        | Op::Concat
        | Op::Rescale { .. } => match steps {
            true => &[STEPS],
            false => &["a value"],
        },
        Op::Bias | Op::BatchNorm { .. } | Op::Dot | Op::Pairwise | Op::Sum => &["a value"],
    };
    for input in taken {
        let seen = match input.shape {
            Shape::Ids => "a column of ids",
            Shape::Bags => "a column of bags",
            Shape::Sequence(_) => "a sequence of ids",
            Shape::Row(_) => "a value",
            Shape::Steps { .. } => STEPS,
        };
        if !wanted.contains(&seen) {
            return Err(GraphError::Sort {
                kind: op.kind(),
                node: name.to_string(),
                input: input.name.clone(),
                wanted: wanted[0],
                seen,
            });
        }
    }
    if matches!(op, Op::Dot | Op::Add | Op::Multiply | Op::Pairwise)
        && let Some(other) = taken.iter().find(|input| input.shape != taken[0].shape)
    {
        return Err(GraphError::UnequalWidths {
            kind: op.kind(),
            node: name.to_string(),
            left: taken[0].name.clone(),
            left_width: taken[0].width(),
            right: other.name.clone(),
            right_width: other.width(),
        });
    }
    Ok(match op {
        Op::Input { kind, .. } => match kind {
            Kind::Id { .. } => Shape::Ids,
            Kind::Bag { .. } => Shape::Bags,
            Kind::Sequence { length, .. } => Shape::Sequence(*length),
            Kind::Numbers { width } => Shape::Row(*width),
        },
        Op::Dot | Op::Sum => Shape::Row(1),
        Op::Embedding { .. } => match taken[0].shape {
            Shape::Sequence(length) => Shape::Steps {
                length,
                width: table.map_or(1, |table| table.width),
            },
            Shape::Ids | Shape::Bags | Shape::Row(_) | Shape::Steps { .. } => {
                Shape::Row(table.map_or(1, |table| table.width))
            }
        },
        Op::Pool { .. } => Shape::Row(table.map_or(1, |table| table.width)),
        Op::AtQuery => Shape::Row(taken[0].width()),
        Op::Dense { units, .. } => taken[0].shape.with_width(*units),
        Op::Concat => taken[0].shape.with_width(
            taken
                .iter()
                .fold(0usize, |sum, input| sum.saturating_add(input.width())),
        ),
        Op::Bias
        | Op::Activation { .. }
        | Op::Dropout { .. }
        | Op::BatchNorm { .. }
        | Op::Positions { .. }
        | Op::LayerNorm { .. }
        | Op::Attention { .. }
        | Op::Pairwise
        | Op::Add
        | Op::Multiply
        | Op::Rescale { .. } => taken[0].shape,
    })
}

/// The node or table whose settings are checked.
struct Need<'a> {
    kind: &'static str,
    node: &'a str,
}

impl Need<'_> {
    fn that(
        &self,
        what: &'static str,
        wanted: &'static str,
        seen: &dyn std::fmt::Display,
        fits: bool,
    ) -> Result<(), GraphError> {
        if fits {
            return Ok(());
        }
        Err(GraphError::Setting {
            kind: self.kind,
            node: self.node.to_string(),
            what,
            wanted,
            seen: seen.to_string(),
        })
    }

    /// Row numbers are passed to every backend as 32-bit integers.
    fn rows(&self, rows: usize) -> Result<(), GraphError> {
        self.that(
            "rows",
            "between 1 and 2,147,483,647",
            &rows,
            (1..=i32::MAX as usize).contains(&rows),
        )
    }

    fn penalty(&self, l2: f64) -> Result<(), GraphError> {
        self.that(
            "l2",
            "finite and 0 or above",
            &l2,
            l2.is_finite() && l2 >= 0.0,
        )
    }

    fn initializer(&self, initializer: &Initializer) -> Result<(), GraphError> {
        match initializer {
            Initializer::Uniform { min, max } => self.that(
                "uniform's bounds",
                "finite, with the first below the second",
                &format!("{min} and {max}"),
                min.is_finite() && max.is_finite() && min < max,
            ),
            Initializer::Normal { mean, std } => self.that(
                "normal's mean and deviation",
                "finite, with a deviation of 0 or above",
                &format!("{mean} and {std}"),
                mean.is_finite() && std.is_finite() && *std >= 0.0,
            ),
            Initializer::GlorotUniform | Initializer::Zeros => Ok(()),
        }
    }
}

/// Checks that every setting of a layer is in range.
fn settings(name: &str, op: &Op, width: usize) -> Result<(), GraphError> {
    let need = Need {
        kind: op.kind(),
        node: name,
    };
    match op {
        Op::Input { kind, .. } => match kind {
            Kind::Id { rows } | Kind::Bag { rows } => need.rows(*rows),
            Kind::Sequence { rows, length } => {
                need.rows(*rows)?;
                need.that("length", "1 or more", length, *length > 0)
            }
            Kind::Numbers { width } => need.that("width", "1 or more", width, *width > 0),
        },
        Op::Dense {
            units,
            activation: _,
            initializer,
            l2,
        } => {
            need.that("units", "1 or more", units, *units > 0)?;
            need.penalty(*l2)?;
            need.initializer(initializer)
        }
        Op::Dropout { rate } => need.that("rate", "in [0, 1)", rate, (0.0..1.0).contains(rate)),
        Op::BatchNorm { momentum, epsilon } => {
            need.that(
                "momentum",
                "in [0, 1)",
                momentum,
                (0.0..1.0).contains(momentum),
            )?;
            need.that(
                "epsilon",
                "above 0",
                epsilon,
                *epsilon > 0.0 && epsilon.is_finite(),
            )
        }
        Op::Positions { initializer } => need.initializer(initializer),
        Op::LayerNorm { epsilon } => need.that(
            "epsilon",
            "above 0",
            epsilon,
            *epsilon > 0.0 && epsilon.is_finite(),
        ),
        Op::Attention { heads, initializer } => {
            need.that(
                "the number of heads",
                "a divisor of the width",
                heads,
                *heads > 0 && width.is_multiple_of(*heads),
            )?;
            need.initializer(initializer)
        }
        Op::Rescale { min, max } => need.that(
            "the scale",
            "finite, its lower end below its upper",
            &format!("{min} to {max}"),
            min.is_finite() && max.is_finite() && min < max,
        ),
        Op::Embedding { .. }
        | Op::Pool { .. }
        | Op::Bias
        | Op::Activation { .. }
        | Op::AtQuery
        | Op::Dot
        | Op::Pairwise
        | Op::Sum
        | Op::Add
        | Op::Multiply
        | Op::Concat => Ok(()),
    }
}

/// The most weights of one layer that every backend can index.
const MOST_PARAMETERS: u64 = 1 << 40;

fn parameters(
    name: &str,
    op: &Op,
    table: Option<&Table>,
    taken: &[&Node],
    shape: Shape,
) -> Result<Parameters, GraphError> {
    let inputs = match (op, taken) {
        (Op::Embedding { .. } | Op::Pool { .. }, _) => table.map_or(0, |table| table.rows),
        (Op::Dense { .. }, [input]) => input.width().saturating_add(1),
        (Op::BatchNorm { .. } | Op::LayerNorm { .. }, _) => 2,
        (Op::Positions { .. }, _) => match shape {
            Shape::Steps { length, .. } => length,
            Shape::Ids | Shape::Bags | Shape::Sequence(_) | Shape::Row(_) => 0,
        },
        (Op::Attention { .. }, [input]) => input.width().saturating_mul(3),
        (Op::Bias, _) => 1,
        _ => 0,
    };
    let width = shape.width().unwrap_or(0);
    let trainable = inputs.saturating_mul(width);
    if trainable as u64 > MOST_PARAMETERS {
        return Err(GraphError::Setting {
            kind: op.kind(),
            node: name.to_string(),
            what: "its number of weights",
            wanted: "below a trillion",
            seen: format!("{inputs} times {width}"),
        });
    }
    let fixed = match op {
        Op::BatchNorm { .. } => 2 * width,
        _ => 0,
    };
    Ok(Parameters { trainable, fixed })
}
