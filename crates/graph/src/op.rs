//! Operations, with the names and defaults of Keras.
//!
//! Here are the operations themselves; initialisers, activations and kinds of pooling are in `settings`.

mod settings;

pub use settings::{Activation, Initializer, Kernel, Pool};

use recburn_schema::{Kind, Side};
use serde::{Deserialize, Serialize};
use std::fmt;

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// The operation of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// The input with the node's name.
    Input {
        /// What it depends on.
        side: Side,
        /// The form of its values.
        kind: Kind,
    },
    /// One learnt row per id: ids `[batch]` to `[batch, width]`, a sequence `[batch, length]` to `[batch, length, width]`.
    Embedding {
        /// The table's name.
        table: String,
    },
    /// The pooled learnt rows of a bag: maps bags `[batch]` to `[batch, width]`.
    Pool {
        /// The table's name.
        table: String,
        /// The kind of pooling.
        how: Pool,
    },
    /// `activation(x W + b)`: `[batch, in]` to `[batch, units]`.
    Dense {
        /// Width of the output.
        units: usize,
        /// Applied after the bias.
        activation: Activation,
        /// The initialiser of the kernel; the bias starts at 0.
        initializer: Initializer,
        /// Penalty `l2 * sum(w^2)` on the kernel (Keras's `kernel_regularizer=l2(...)`).
        #[serde(default, skip_serializing_if = "is_zero")]
        l2: f64,
    },
    /// Adds one learnt number to each column, all of which start at 0.
    Bias,
    /// An elementwise function.
    Activation {
        /// The function.
        function: Activation,
    },
    /// In training, drops each number with this probability and scales up the rest (Srivastava et al. 2014).
    Dropout {
        /// Probability of dropping, in `[0, 1)`.
        rate: f64,
    },
    /// Normalises each column over the batch, then scales and shifts it (Ioffe and Szegedy 2015).
    BatchNorm {
        /// The weight of the old moving statistics, 0.99 in Keras.
        momentum: f64,
        /// Added to the variance, 0.001 in Keras.
        epsilon: f64,
    },
    /// Adds a learnt row to each step of a sequence, by its distance from the last one, as in sequences that are padded in
    /// front (Kang and McAuley 2018): `[batch, length, width]`.
    Positions {
        /// Start of the learnt rows, `[length, width]`.
        initializer: Initializer,
    },
    /// Normalises each row, or each step of a sequence, then scales and shifts it (Ba, Kiros and Hinton 2016).
    LayerNorm {
        /// Added to the variance, 0.001 in Keras.
        epsilon: f64,
    },
    /// Self-attention in which each step of a sequence sees itself and those before it:
    /// `softmax(Q K^T / sqrt(width / heads)) V` with `Q = x W_query`, `K = x W_key` and `V = x W_value`, each head with its
    /// own part of the columns (Vaswani et al. 2017). Without biases and without a product behind it, as in SASRec (Kang
    /// and McAuley 2018): `[batch, length, width]`.
    Attention {
        /// How many heads; they divide the width.
        heads: usize,
        /// Start of the three kernels, `[width, width]` each.
        initializer: Initializer,
    },
    /// A gated recurrent unit over the steps of a sequence (Cho et al. 2014), as Keras (`reset_after=True`) and PyTorch
    /// compute it, with two biases `b` and `c`:
    ///
    /// ```text
    /// z_t = sigmoid(x_t W_z + b_z + h_(t-1) U_z + c_z)
    /// r_t = sigmoid(x_t W_r + b_r + h_(t-1) U_r + c_r)
    /// n_t = tanh(x_t W_n + b_n + r_t * (h_(t-1) U_n + c_n))
    /// h_t = z_t * h_(t-1) + (1 - z_t) * n_t
    /// ```
    ///
    /// The state is 0 before the first step, and padding in front of it does not move it. `[batch, length, width]` to
    /// `[batch, length, units]`, the state after each step.
    Gru {
        /// Numbers of a state.
        units: usize,
        /// Start of the kernels `W`, `[width, 3 * units]`, and `U`, `[units, 3 * units]`, each as a whole, the columns of `z`
        /// before those of `r` and of `n`; both biases start at 0.
        initializer: Initializer,
    },
    /// Attention of each step of a sequence to itself and those before it, by a layer over both instead of a product:
    /// `out_t = sum over j <= t of alpha_tj x_j` with `alpha_tj = v . sigmoid(x_t A_query + x_j A_key)`. The weights are not
    /// normalised, so that they add up to more for a longer sequence, as in NARM (Li et al. 2017, equations 7 and 8):
    /// `[batch, length, width]`.
    AdditiveAttention {
        /// Start of both kernels, `[width, width]`, and of `v`, `[width, 1]`.
        initializer: Initializer,
    },
    /// The step of a sequence that a query comes after: in training on what comes next each of them, otherwise the last;
    /// zeros for a sequence without steps. `[batch, length, width]` to `[batch, width]`.
    AtQuery,
    /// Dot product by row of two values of equal width: `[batch, 1]`.
    Dot,
    /// The sum of the products of all pairs of values of equal width: `((sum v)^2 - sum v^2) / 2` in each column, the
    /// second-order part of a factorisation machine (Rendle 2010).
    Pairwise,
    /// The sum of each row: `[batch, 1]`.
    Sum,
    /// Sum of values of equal width.
    Add,
    /// Elementwise product of values of equal width.
    Multiply,
    /// A draw from independent Gaussians with these means and logarithms of variances: in training
    /// `mean + exp(log_variance / 2) noise`, otherwise the mean (Kingma and Welling 2014). Adds to the loss the mean over
    /// its rows of `kl * KL(draw || N(0, 1))`, `KL = 1/2 sum(mean^2 + variance - 1 - log_variance)`. Two values of equal
    /// width.
    Sampling {
        /// The weight of the divergence, beta.
        kl: f64,
        /// The number of steps over which that weight rises from 0 in a line (Bowman et al. 2016).
        warm_up: u64,
    },
    /// Concatenation of values.
    Concat,
    /// `min + (max - min) x`: maps a sigmoid to a rating scale.
    Rescale {
        /// The image of 0.
        min: f32,
        /// The image of 1.
        max: f32,
    },
}

impl Op {
    /// The kind of layer, as in Keras's summary.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Input { .. } => "Input",
            Self::Embedding { .. } => "Embedding",
            Self::Pool { .. } => "Pool",
            Self::Dense { .. } => "Dense",
            Self::Bias => "Bias",
            Self::Activation { .. } => "Activation",
            Self::Dropout { .. } => "Dropout",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::Positions { .. } => "Positions",
            Self::LayerNorm { .. } => "LayerNorm",
            Self::Attention { .. } => "Attention",
            Self::Gru { .. } => "Gru",
            Self::AdditiveAttention { .. } => "AdditiveAttention",
            Self::AtQuery => "AtQuery",
            Self::Dot => "Dot",
            Self::Pairwise => "Pairwise",
            Self::Sum => "Sum",
            Self::Add => "Add",
            Self::Multiply => "Multiply",
            Self::Concat => "Concat",
            Self::Sampling { .. } => "Sampling",
            Self::Rescale { .. } => "Rescale",
        }
    }

    /// The table that it reads, if any.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Embedding { table } | Self::Pool { table, .. } => Some(table),
            Self::Input { .. }
            | Self::Dense { .. }
            | Self::Bias
            | Self::Activation { .. }
            | Self::Dropout { .. }
            | Self::BatchNorm { .. }
            | Self::Positions { .. }
            | Self::LayerNorm { .. }
            | Self::Attention { .. }
            | Self::Gru { .. }
            | Self::AdditiveAttention { .. }
            | Self::AtQuery
            | Self::Dot
            | Self::Pairwise
            | Self::Sum
            | Self::Add
            | Self::Multiply
            | Self::Sampling { .. }
            | Self::Concat
            | Self::Rescale { .. } => None,
        }
    }
}

/// The kind and the settings of the layer: `Dense 70 relu`, `Dropout 0.3`.
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
            Self::Sampling { kl, .. } => write!(f, " kl {kl}"),
            Self::Rescale { min, max } => write!(f, " {min} to {max}"),
            Self::Attention { heads: 1, .. } => f.write_str(" 1 head"),
            Self::Attention { heads, .. } => write!(f, " {heads} heads"),
            Self::Gru { units, .. } => write!(f, " {units}"),
            Self::Embedding { .. }
            | Self::Bias
            | Self::BatchNorm { .. }
            | Self::Positions { .. }
            | Self::LayerNorm { .. }
            | Self::AdditiveAttention { .. }
            | Self::AtQuery
            | Self::Dot
            | Self::Pairwise
            | Self::Sum
            | Self::Add
            | Self::Multiply
            | Self::Concat => Ok(()),
        }
    }
}
