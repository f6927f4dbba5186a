//! The shapes of values, from the shapes of a node's inputs.

use super::STEPS;
use crate::error::GraphError;
use crate::node::{Node, Shape};
use crate::op::Op;
use crate::table::Table;
use recburn_schema::Kind;

/// The shape of a node's value, after checking the number and kinds of its inputs.
pub(super) fn shape(
    name: &str,
    op: &Op,
    table: Option<&Table>,
    taken: &[&Node],
) -> Result<Shape, GraphError> {
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
        Op::Dot | Op::Sampling { .. } => count("two values", taken.len() == 2)?,
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
        | Op::Gru { .. }
        | Op::AdditiveAttention { .. }
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
        Op::Positions { .. }
        | Op::Attention { .. }
        | Op::Gru { .. }
        | Op::AdditiveAttention { .. }
        | Op::AtQuery => &[STEPS],
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
        Op::Bias
        | Op::BatchNorm { .. }
        | Op::Dot
        | Op::Pairwise
        | Op::Sum
        | Op::Sampling { .. } => &["a value"],
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
    if matches!(
        op,
        Op::Dot | Op::Add | Op::Multiply | Op::Pairwise | Op::Sampling { .. }
    ) && let Some(other) = taken.iter().find(|input| input.shape != taken[0].shape)
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
        Op::Dense { units, .. } | Op::Gru { units, .. } => taken[0].shape.with_width(*units),
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
        | Op::AdditiveAttention { .. }
        | Op::Pairwise
        | Op::Add
        | Op::Multiply
        | Op::Sampling { .. }
        | Op::Rescale { .. } => taken[0].shape,
    })
}
