//! Checks of a graph: names, kinds of values, widths, settings.
//!
//! Here are the check of a whole graph and that of its names and sequences; for each node `shape` checks its inputs,
//! `settings` its settings and `parameters` the number of its weights; `tables` checks the tables.

mod parameters;
mod settings;
mod shape;
mod tables;

use crate::error::GraphError;
use crate::graph::Plain;
use crate::node::{Dependence, Node, Shape};
use crate::op::Op;
use crate::table::Table;
use parameters::parameters;
use recburn_schema::Side;
use settings::settings;
use shape::shape;
use std::collections::HashMap;
use tables::{check_propagated, check_tables, one_weight_a_name, read_table};

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
    check_propagated(tables, &nodes)?;
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
        | Op::Gru { .. }
        | Op::AdditiveAttention { .. }
        | Op::Dot
        | Op::Pairwise
        | Op::Sum
        | Op::Add
        | Op::Multiply
        | Op::Sampling { .. }
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
