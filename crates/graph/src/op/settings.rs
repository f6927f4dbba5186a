//! Settings of operations: initialisers, activations, kernels, kinds of pooling.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a weight is initialised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Initializer {
    /// Uniform over `[min, max)`. Keras's `RandomUniform` and its default for embeddings is ±0.05.
    Uniform {
        /// Smallest value.
        min: f32,
        /// Upper bound, exclusive.
        max: f32,
    },
    /// Gaussian: Keras's `RandomNormal`, whose default standard deviation is 0.05.
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

/// The settings of a dense layer's kernel, apart from its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    /// The initialiser; Keras's default is Glorot uniform.
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

/// How the rows of a bag are pooled into one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// `sum of w r`, over the bag's rows `r` and weights `w`.
    Sum,
    /// The sum divided by the number of entries; 0 for an empty bag.
    #[default]
    Mean,
    /// The sum divided by the square root of the number of entries, as in SVD++ (Koren 2008); 0 for an empty bag.
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
