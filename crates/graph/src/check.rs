//! From a list of nodes to a list that can run: names, sorts, widths, settings.

use crate::error::GraphError;
use crate::graph::{Node, Parameters, Plain};
use crate::op::{Initializer, Op};
use std::collections::HashMap;

pub(crate) fn check(graph: &str, plain: Vec<Plain>) -> Result<Vec<Node>, GraphError> {
    let mut nodes: Vec<Node> = Vec::with_capacity(plain.len());
    let mut at: HashMap<String, usize> = HashMap::new();
    for Plain { name, op, inputs } in plain {
        if name.is_empty()
            || !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        {
            return Err(GraphError::BadName { name });
        }
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
        let width = width(&name, &op, &taken)?;
        settings(&name, &op)?;
        let parameters = parameters(&name, &op, &taken, width)?;
        if at.insert(name.clone(), nodes.len()).is_some() {
            return Err(GraphError::DuplicateName { name });
        }
        nodes.push(Node {
            name,
            op,
            inputs,
            sources,
            width,
            parameters,
        });
    }
    match nodes.last() {
        None => Err(GraphError::Empty {
            name: graph.to_string(),
        }),
        Some(last) if last.op.is_column() => Err(GraphError::OutputColumn {
            node: last.name.clone(),
        }),
        Some(last) if last.width != 1 => Err(GraphError::OutputWidth {
            node: last.name.clone(),
            width: last.width,
        }),
        Some(_) => {
            one_column_a_side(&nodes)?;
            all_used(&nodes)?;
            Ok(nodes)
        }
    }
}

fn one_column_a_side(nodes: &[Node]) -> Result<(), GraphError> {
    for (what, rows) in [
        ("users", Op::user_rows as fn(&Op) -> _),
        ("items", Op::item_rows),
    ] {
        let mut columns = nodes.iter().filter(|node| rows(&node.op).is_some());
        if let (Some(first), Some(second)) = (columns.next(), columns.next()) {
            return Err(GraphError::SecondColumn {
                node: second.name.clone(),
                what,
                first: first.name.clone(),
            });
        }
    }
    Ok(())
}

fn all_used(nodes: &[Node]) -> Result<(), GraphError> {
    let mut used = vec![false; nodes.len()];
    for source in nodes.iter().flat_map(|node| &node.sources) {
        used[*source] = true;
    }
    // The last is the output.
    match used[..nodes.len() - 1].iter().position(|used| !used) {
        None => Ok(()),
        Some(at) => Err(GraphError::Unused {
            node: nodes[at].name.clone(),
        }),
    }
}

/// The width of a node's value, once its inputs are of the number and sort that it takes.
fn width(name: &str, op: &Op, taken: &[&Node]) -> Result<usize, GraphError> {
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
        Op::User { .. } | Op::Item { .. } => count("no input", taken.is_empty())?,
        Op::Dot => count("two values", taken.len() == 2)?,
        Op::Add | Op::Multiply | Op::Concat => count("two values or more", taken.len() >= 2)?,
        _ => count("one input", taken.len() == 1)?,
    }
    let embeds = matches!(op, Op::Embedding { .. });
    if let Some(input) = taken.iter().find(|input| input.op.is_column() != embeds) {
        let (column, value) = ("a column of ids", "a value");
        let (wanted, seen) = if embeds {
            (column, value)
        } else {
            (value, column)
        };
        return Err(GraphError::Sort {
            kind: op.kind(),
            node: name.to_string(),
            input: input.name.clone(),
            wanted,
            seen,
        });
    }
    if matches!(op, Op::Dot | Op::Add | Op::Multiply)
        && let Some(other) = taken.iter().find(|input| input.width != taken[0].width)
    {
        return Err(GraphError::UnequalWidths {
            kind: op.kind(),
            node: name.to_string(),
            left: taken[0].name.clone(),
            left_width: taken[0].width,
            right: other.name.clone(),
            right_width: other.width,
        });
    }
    Ok(match op {
        Op::User { .. } | Op::Item { .. } | Op::Dot => 1,
        Op::Embedding { width, .. } => *width,
        Op::Dense { units, .. } => *units,
        Op::Concat => taken
            .iter()
            .fold(0usize, |sum, input| sum.saturating_add(input.width)),
        _ => taken[0].width,
    })
}

/// Every setting of a layer in its range.
fn settings(name: &str, op: &Op) -> Result<(), GraphError> {
    let need =
        |what: &'static str, wanted: &'static str, seen: &dyn std::fmt::Display, fits: bool| {
            if fits {
                return Ok(());
            }
            Err(GraphError::Setting {
                kind: op.kind(),
                node: name.to_string(),
                what,
                wanted,
                seen: seen.to_string(),
            })
        };
    let penalty = |l2: f64| {
        need(
            "l2",
            "finite and 0 or above",
            &l2,
            l2.is_finite() && l2 >= 0.0,
        )
    };
    let initializer = |initializer: &Initializer| match initializer {
        Initializer::Uniform { min, max } => need(
            "uniform's bounds",
            "finite, the first below the second",
            &format!("{min} and {max}"),
            min.is_finite() && max.is_finite() && min < max,
        ),
        Initializer::Normal { mean, std } => need(
            "normal's mean and deviation",
            "finite, the deviation 0 or above",
            &format!("{mean} and {std}"),
            mean.is_finite() && std.is_finite() && *std >= 0.0,
        ),
        Initializer::GlorotUniform | Initializer::Zeros => Ok(()),
    };
    match op {
        // Row numbers travel as 32-bit integers to every backend.
        Op::User { rows } | Op::Item { rows } => need(
            "rows",
            "between 1 and 2,147,483,647",
            rows,
            (1..=i32::MAX as usize).contains(rows),
        ),
        Op::Embedding { width, table } => {
            need("width", "1 or more", width, *width > 0)?;
            penalty(table.l2)?;
            initializer(&table.initializer)
        }
        Op::Dense {
            units,
            initializer: start,
            l2,
            ..
        } => {
            need("units", "1 or more", units, *units > 0)?;
            penalty(*l2)?;
            initializer(start)
        }
        Op::Dropout { rate } => need("rate", "in [0, 1)", rate, (0.0..1.0).contains(rate)),
        Op::BatchNorm { momentum, epsilon } => {
            need(
                "momentum",
                "in [0, 1)",
                momentum,
                (0.0..1.0).contains(momentum),
            )?;
            need(
                "epsilon",
                "above 0",
                epsilon,
                *epsilon > 0.0 && epsilon.is_finite(),
            )
        }
        Op::Rescale { min, max } => need(
            "the scale",
            "finite, its lower end below its upper",
            &format!("{min} to {max}"),
            min.is_finite() && max.is_finite() && min < max,
        ),
        Op::Activation { .. } | Op::Dot | Op::Add | Op::Multiply | Op::Concat => Ok(()),
    }
}

/// Weights of one layer that can be numbered on every backend.
const MOST_PARAMETERS: u64 = 1 << 40;

fn parameters(
    name: &str,
    op: &Op,
    taken: &[&Node],
    width: usize,
) -> Result<Parameters, GraphError> {
    let inputs = match (op, taken) {
        (Op::Embedding { .. }, [column]) => column.rows_or_width(),
        (Op::Dense { .. }, [input]) => input.rows_or_width().saturating_add(1),
        (Op::BatchNorm { .. }, _) => 2,
        _ => 0,
    };
    let trainable = inputs.saturating_mul(width);
    if trainable as u64 > MOST_PARAMETERS {
        return Err(GraphError::Setting {
            kind: op.kind(),
            node: name.to_string(),
            what: "its number of weights",
            wanted: "below a million million",
            seen: format!("{inputs} times {width}"),
        });
    }
    let fixed = match op {
        Op::BatchNorm { .. } => 2 * width,
        _ => 0,
    };
    Ok(Parameters { trainable, fixed })
}
