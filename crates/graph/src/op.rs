//! What a node does, with the names and defaults of Keras.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How the numbers of a weight start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Initializer {
    /// Uniform over `[min, max)`. Keras's `RandomUniform` and its default for embeddings is ±0.05.
    Uniform {
        /// Smallest value.
        min: f32,
        /// Bound that is not reached.
        max: f32,
    },
    /// Gaussian. Keras's `RandomNormal`, whose default deviation is 0.05.
    Normal {
        /// Centre.
        mean: f32,
        /// Standard deviation.
        std: f32,
    },
    /// Uniform over ±sqrt(6 / (inputs + outputs)), Keras's default for dense kernels (Glorot and Bengio 2010).
    GlorotUniform,
    /// All zeros, Keras's default for dense biases.
    Zeros,
}

impl Initializer {
    /// Keras's default for embeddings: uniform over ±0.05.
    pub const EMBEDDING: Self = Self::Uniform {
        min: -0.05,
        max: 0.05,
    };
}

/// An elementwise function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x`
    #[default]
    Linear,
    /// `max(x, 0)`
    Relu,
    /// `x` where positive, `exp(x) - 1` elsewhere
    Elu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::Elu => "elu",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
        })
    }
}

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
pub struct Table {
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

impl Default for Table {
    fn default() -> Self {
        Self {
            initializer: Initializer::EMBEDDING,
            l2: 0.0,
            l2_on: L2On::Table,
            non_negative: false,
        }
    }
}

/// What belongs to a dense layer's kernel beside its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    /// How its numbers start; Keras's default is Glorot uniform.
    pub initializer: Initializer,
    /// Penalty `l2 * sum(w^2)` (Keras's `kernel_regularizer=l2(...)`); the bias has none.
    pub l2: f64,
}

impl Default for Kernel {
    fn default() -> Self {
        Self {
            initializer: Initializer::GlorotUniform,
            l2: 0.0,
        }
    }
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// The users of a batch, as row numbers below `rows`.
    User {
        /// Rows of every table indexed by it.
        rows: usize,
    },
    /// The items of a batch, as row numbers below `rows`.
    Item {
        /// Rows of every table indexed by it.
        rows: usize,
    },
    /// One learnt row for each id: ids `[batch]` to `[batch, width]`.
    Embedding {
        /// Width of a row.
        width: usize,
        /// Initial values, penalty, constraint.
        table: Table,
    },
    /// `activation(x W + b)`: `[batch, in]` to `[batch, units]`.
    Dense {
        /// Width of the output.
        units: usize,
        /// Applied after the bias.
        activation: Activation,
        /// Start of the kernel; the bias starts at 0.
        initializer: Initializer,
        /// Penalty `l2 * sum(w^2)` on the kernel (Keras's `kernel_regularizer=l2(...)`).
        #[serde(default, skip_serializing_if = "is_zero")]
        l2: f64,
    },
    /// An elementwise function.
    Activation {
        /// Which.
        function: Activation,
    },
    /// In training, each number is dropped with this probability and the rest scaled up (Srivastava et al. 2014).
    Dropout {
        /// Probability of dropping, in `[0, 1)`.
        rate: f64,
    },
    /// Normalises each column over the batch, then scales and shifts it (Ioffe and Szegedy 2015).
    BatchNorm {
        /// Weight of the old moving statistics, 0.99 in Keras.
        momentum: f64,
        /// Added to the variance, 0.001 in Keras.
        epsilon: f64,
    },
    /// Row by row dot product of two values of one width: `[batch, 1]`.
    Dot,
    /// Sum of values of one width.
    Add,
    /// Elementwise product of values of one width.
    Multiply,
    /// Values side by side.
    Concat,
    /// `min + (max - min) x`: carries a sigmoid onto a rating scale.
    Rescale {
        /// Image of 0.
        min: f32,
        /// Image of 1.
        max: f32,
    },
}

impl Op {
    /// The layer's name, as Keras's summary has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } | Self::Item { .. } => "Input",
            Self::Embedding { .. } => "Embedding",
            Self::Dense { .. } => "Dense",
            Self::Activation { .. } => "Activation",
            Self::Dropout { .. } => "Dropout",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::Dot => "Dot",
            Self::Add => "Add",
            Self::Multiply => "Multiply",
            Self::Concat => "Concat",
            Self::Rescale { .. } => "Rescale",
        }
    }

    /// Rows of the tables that this column of users indexes.
    pub(crate) fn user_rows(&self) -> Option<usize> {
        match self {
            Self::User { rows } => Some(*rows),
            _ => None,
        }
    }

    /// Rows of the tables that this column of items indexes.
    pub(crate) fn item_rows(&self) -> Option<usize> {
        match self {
            Self::Item { rows } => Some(*rows),
            _ => None,
        }
    }

    /// Rows of the tables that this column of ids indexes; `None` of whatever is no column.
    pub fn column_rows(&self) -> Option<usize> {
        // Without a wildcard: whoever adds a column is asked here.
        match self {
            Self::User { rows } | Self::Item { rows } => Some(*rows),
            Self::Embedding { .. }
            | Self::Dense { .. }
            | Self::Activation { .. }
            | Self::Dropout { .. }
            | Self::BatchNorm { .. }
            | Self::Dot
            | Self::Add
            | Self::Multiply
            | Self::Concat
            | Self::Rescale { .. } => None,
        }
    }

    /// Whether this is one of the two id columns.
    pub fn is_column(&self) -> bool {
        self.column_rows().is_some()
    }
}

/// The kind, and what distinguishes this layer from others of its kind: `Dense 70 relu`, `Dropout 0.3`.
impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::User { rows } | Self::Item { rows } => write!(f, " {rows} rows"),
            Self::Embedding { width, table } => {
                write!(f, " {width}")?;
                if table.l2 > 0.0 {
                    write!(f, " l2 {}", table.l2)?;
                    if table.l2_on == L2On::Batch {
                        f.write_str(" on the batch")?;
                    }
                }
                if table.non_negative {
                    f.write_str(" non-negative")?;
                }
                Ok(())
            }
            Self::Dense {
                units,
                activation,
                l2,
                ..
            } => {
                write!(f, " {units} {activation}")?;
                match *l2 > 0.0 {
                    true => write!(f, " l2 {l2}"),
                    false => Ok(()),
                }
            }
            Self::Activation { function } => write!(f, " {function}"),
            Self::Dropout { rate } => write!(f, " {rate}"),
            Self::Rescale { min, max } => write!(f, " {min} to {max}"),
            _ => Ok(()),
        }
    }
}
