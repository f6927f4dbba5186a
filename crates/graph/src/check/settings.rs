//! Ranges of the settings of nodes and tables.

use crate::error::GraphError;
use crate::op::{Initializer, Op};
use recburn_schema::Kind;

/// The node or table whose settings are checked.
pub(super) struct Need<'a> {
    pub kind: &'static str,
    pub node: &'a str,
}

impl Need<'_> {
    pub(super) fn that(
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
    pub(super) fn rows(&self, rows: usize) -> Result<(), GraphError> {
        self.that(
            "rows",
            "between 1 and 2,147,483,647",
            &rows,
            (1..=i32::MAX as usize).contains(&rows),
        )
    }

    pub(super) fn penalty(&self, l2: f64) -> Result<(), GraphError> {
        self.that(
            "l2",
            "finite and 0 or above",
            &l2,
            l2.is_finite() && l2 >= 0.0,
        )
    }

    pub(super) fn initializer(&self, initializer: &Initializer) -> Result<(), GraphError> {
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
pub(super) fn settings(name: &str, op: &Op, width: usize) -> Result<(), GraphError> {
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
        Op::Sampling { kl, warm_up: _ } => need.that(
            "kl",
            "finite and 0 or more",
            kl,
            *kl >= 0.0 && kl.is_finite(),
        ),
        Op::Gru { units, initializer } => {
            need.that("units", "1 or more", units, *units > 0)?;
            need.initializer(initializer)
        }
        Op::AdditiveAttention { initializer } => need.initializer(initializer),
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
