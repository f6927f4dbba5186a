//! The number of a node's parameters.

use crate::error::GraphError;
use crate::node::{Node, Parameters, Shape};
use crate::op::Op;
use crate::table::Table;

/// The most weights of one layer that every backend can index.
const MOST_PARAMETERS: u64 = 1 << 40;

pub(super) fn parameters(
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
        // Three gates, each with a kernel of the input, one of the state, and two biases.
        (Op::Gru { units, .. }, [input]) => {
            let rows = input.width().saturating_add(*units).saturating_add(2);
            rows.saturating_mul(3)
        }
        (Op::AdditiveAttention { .. }, [input]) => {
            input.width().saturating_mul(2).saturating_add(1)
        }
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
