//! Learnt tables, apart from who looks up in them.

use crate::op::Initializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an l2 penalty is taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum L2On {
    /// The whole table, `l2 * sum(w^2)`, at every step: Keras's `embeddings_regularizer`. Rows at rest shrink, and under a
    /// rule without a closed form for that (Adam, AdaGrad) an exact training takes the longer, the more rows there are to
    /// a batch.
    #[default]
    Table,
    /// The rows that a batch looks up: each example adds `l2 * sum(w^2)` of its own row, and the mean is part of the loss.
    /// So rows are penalised by how often they are looked up, as in RecBole, MyMediaLite and LIBMF, and rows at rest not
    /// at all: it costs no more than the batch. Ten times as many ratings of an item hold its row ten times as strongly,
    /// and the sizes of good values of `l2` are others than for whole tables (0.01 to 0.1 rather than 1e-6 to 1e-4).
    Batch,
}

impl L2On {
    fn is_table(&self) -> bool {
        *self == Self::Table
    }
}

/// What belongs to an embedding's table beside its size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableOptions {
    /// How its numbers start; Keras's default is uniform over ±0.05.
    pub initializer: Initializer,
    /// Penalty `l2 * sum(w^2)`.
    pub l2: f64,
    /// Of the whole table (Keras's `embeddings_regularizer=l2(...)`), or of the rows of each batch.
    #[serde(skip_serializing_if = "L2On::is_table")]
    pub l2_on: L2On,
    /// Whether every weight is kept at 0 or above after each update (Keras's `NonNeg`).
    pub non_negative: bool,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            initializer: Initializer::EMBEDDING,
            l2: 0.0,
            l2_on: L2On::Table,
            non_negative: false,
        }
    }
}

/// ` l2 0.0001 on the batch non-negative`: what is unusual about a table, each word with a blank before it.
impl fmt::Display for TableOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.l2 > 0.0 {
            write!(f, " l2 {}", self.l2)?;
            if self.l2_on == L2On::Batch {
                f.write_str(" on the batch")?;
            }
        }
        if self.non_negative {
            f.write_str(" non-negative")?;
        }
        Ok(())
    }
}

/// A table with a name: one learnt row of `width` numbers for each of `rows` ids. Several inputs may look up in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Unique in the graph; the prefix of its weight's name.
    pub name: String,
    /// How many rows.
    pub rows: usize,
    /// Numbers per row.
    pub width: usize,
    /// Initial values, penalty, constraint.
    #[serde(default)]
    pub options: TableOptions,
}

impl Table {
    /// A table with Keras's defaults.
    pub fn new(name: &str, rows: usize, width: usize) -> Self {
        Self::with(name, rows, width, TableOptions::default())
    }

    /// A table that says how it starts, what penalty it carries and whether it stays non-negative.
    pub fn with(name: &str, rows: usize, width: usize, options: TableOptions) -> Self {
        Self {
            name: name.to_string(),
            rows,
            width,
            options,
        }
    }
}
