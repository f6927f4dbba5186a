//! What a node does, with the names and defaults of Keras.

use recburn_schema::{Kind, Side};
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

/// How the rows of a bag become one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// `sum of w r`, over the bag's rows `r` and weights `w`.
    Sum,
    /// The sum over the number of entries; 0 for an empty bag.
    #[default]
    Mean,
    /// The sum over the square root of the number of entries, as SVD++ has it (Koren 2008); 0 for an empty bag.
    RootMean,
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::RootMean => "root mean",
        })
    }
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// The input that has the node's name.
    Input {
        /// What it depends on.
        side: Side,
        /// What its values are.
        kind: Kind,
    },
    /// One learnt row per id: ids `[batch]` to `[batch, width]`.
    Embedding {
        /// The table's name.
        table: String,
    },
    /// The learnt rows of a bag as one: bags `[batch]` to `[batch, width]`.
    Pool {
        /// The table's name.
        table: String,
        /// How.
        how: Pool,
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
    /// The products of all pairs of these values of one width, added up: `((sum v)^2 - sum v^2) / 2` in each column, the
    /// second-order part of a factorisation machine (Rendle 2010).
    Pairwise,
    /// The sum of each row: `[batch, 1]`.
    Sum,
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
            Self::Input { .. } => "Input",
            Self::Embedding { .. } => "Embedding",
            Self::Pool { .. } => "Pool",
            Self::Dense { .. } => "Dense",
            Self::Activation { .. } => "Activation",
            Self::Dropout { .. } => "Dropout",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::Dot => "Dot",
            Self::Pairwise => "Pairwise",
            Self::Sum => "Sum",
            Self::Add => "Add",
            Self::Multiply => "Multiply",
            Self::Concat => "Concat",
            Self::Rescale { .. } => "Rescale",
        }
    }

    /// The table that it reads.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Embedding { table } | Self::Pool { table, .. } => Some(table),
            Self::Input { .. }
            | Self::Dense { .. }
            | Self::Activation { .. }
            | Self::Dropout { .. }
            | Self::BatchNorm { .. }
            | Self::Dot
            | Self::Pairwise
            | Self::Sum
            | Self::Add
            | Self::Multiply
            | Self::Concat
            | Self::Rescale { .. } => None,
        }
    }
}

/// The kind, and what distinguishes this layer from others of its kind: `Dense 70 relu`, `Dropout 0.3`.
impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::Input { kind, .. } => match kind {
                Kind::Id { rows } | Kind::Bag { rows } => write!(f, " {rows} rows"),
                Kind::Sequence { rows, length } => write!(f, " {length} of {rows} rows"),
                Kind::Numbers { width } => write!(f, " {width}"),
            },
            Self::Pool { how, .. } => write!(f, " {how}"),
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
