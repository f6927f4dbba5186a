//! Learnt tables, separate from the look-ups in them.

use crate::op::Initializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The scope of an l2 penalty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum L2On {
    /// The whole table, `l2 * sum(w^2)`, at every step: Keras's `embeddings_regularizer`. Rows outside the batch
    /// shrink, and under a rule without a closed form for that (Adam, AdaGrad) exact training slows down as the table
    /// grows relative to the batch.
    #[default]
    Table,
    /// The rows that a batch looks up: each example adds `l2 * sum(w^2)` of its own row, and the mean is part of the
    /// loss. Rows are thus penalised by how often they are looked up, as in RecBole, MyMediaLite and LIBMF, and rows
    /// outside the batch not at all, so the cost depends only on the batch. An item with ten times as many ratings is
    /// penalised ten times as strongly, and good values of `l2` are larger than for whole tables (0.01 to 0.1 rather
    /// than 1e-6 to 1e-4).
    Batch,
}

impl L2On {
    fn is_table(&self) -> bool {
        *self == Self::Table
    }
}

/// The settings of an embedding table, apart from its size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableOptions {
    /// The initialiser; Keras's default is uniform over ±0.05.
    pub initializer: Initializer,
    /// Penalty `l2 * sum(w^2)`.
    pub l2: f64,
    /// Whether it applies to the whole table (Keras's `embeddings_regularizer=l2(...)`) or to the rows of each batch.
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

/// ` l2 0.0001 on the batch non-negative`: the settings that differ from the defaults, each preceded by a blank.
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

/// A named table: one learnt row of `width` numbers for each of `rows` ids. Several inputs may look up in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name, unique in the graph; the prefix of its weight's name.
    pub name: String,
    /// The number of rows.
    pub rows: usize,
    /// Numbers per row.
    pub width: usize,
    /// Initial values, penalty, constraint.
    #[serde(default)]
    pub options: TableOptions,
    /// Layers of propagation along the training interactions; 0 for none. See [`Table::propagated`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub layers: usize,
}

fn is_zero(layers: &usize) -> bool {
    *layers == 0
}

impl Table {
    /// A table with Keras's defaults.
    pub fn new(name: &str, rows: usize, width: usize) -> Self {
        Self::with(name, rows, width, TableOptions::default())
    }

    /// A table with these options.
    pub fn with(name: &str, rows: usize, width: usize, options: TableOptions) -> Self {
        Self {
            name: name.to_string(),
            rows,
            width,
            options,
            layers: 0,
        }
    }

    /// A table whose rows are smoothed along the graph of the training interactions before a model reads them (He et al.
    /// 2020, LightGCN): `E = (E_0 + A E_0 + ... + A^L E_0) / (L + 1)` over `L` layers, where `E_0` is what training learns,
    /// the rows of users above those of items, and `A` is the adjacency matrix with each interaction of user `u` and item
    /// `i` weighted `1 / sqrt(d_u d_i)` by the numbers `d` of interactions. It takes one such table of the users and one of
    /// the items, of equal width. A trained model holds `E`, so that predicting costs what it does without propagation.
    pub fn propagated(mut self, layers: usize) -> Self {
        self.layers = layers;
        self
    }
}
