//! Operations, with what they need besides their inputs.

use super::{Span, ValueIx};
use crate::dropout::Rate;
use crate::steps::{AdditiveAttention, Attention, Gru};
use recburn_graph::{Activation, Pool};

/// Normalisation over a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    pub gamma: Span,
    pub beta: Span,
    /// The moving statistics, among the numbers that gradients do not update.
    pub mean: Span,
    pub variance: Span,
    /// The weight of the batch statistics in the moving ones.
    pub momentum: f64,
    pub epsilon: f64,
    /// Its memory between the forward and backward passes.
    pub kept: usize,
}

/// Layer normalisation: of each row separately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowNorm {
    pub gamma: Span,
    pub beta: Span,
    pub epsilon: f64,
    /// The index of its memory between forward and backward pass.
    pub kept: usize,
}

/// Causal self-attention over the steps of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attends {
    /// The kernels of queries, keys and values.
    pub kernels: [Span; 3],
    pub attention: Attention,
    /// Its memory between forward and backward pass.
    pub kept: usize,
}

/// Draws from Gaussians, whose divergence from the standard one is penalised.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    /// The weight of the penalty, after so many steps.
    pub kl: f64,
    pub warm_up: u64,
    /// The index of the noise, among the masks of dropout.
    pub noise: usize,
}

/// A gated recurrent unit over the steps of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gates {
    /// The kernel of the input, `[width, 3 * units]`, and that of the state, `[units, 3 * units]`.
    pub kernels: [Span; 2],
    /// Both biases, `[2, 3 * units]`.
    pub bias: Span,
    pub gru: Gru,
    /// Its memory between forward and backward pass.
    pub kept: usize,
}

/// Causal attention by a layer over two steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks {
    /// The kernels of queries and keys.
    pub kernels: [Span; 2],
    /// The weights of the layer's units.
    pub scale: Span,
    pub attention: AdditiveAttention,
    /// Its memory between forward and backward pass, among that of all attention layers.
    pub kept: usize,
}

/// The operation of a step. Its inputs and its output are in different buffers.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Rows of a table: one per row of the output.
    Gather { read: usize },
    /// Pooled rows of a table: one per bag.
    Pool { read: usize, how: Pool },
    /// The numbers of another input.
    Numbers { input: usize },
    /// One row per pair, copied from the row of its user, item or query.
    Spread { input: ValueIx },
    /// `activation(x W + b)`.
    Dense {
        input: ValueIx,
        kernel: Span,
        bias: Span,
        activation: Activation,
        /// Its memory if most of its units are dropped; its kernel is then stored by units.
        thinned: Option<usize>,
    },
    /// One number added to each column.
    Bias { input: ValueIx, bias: Span },
    /// An elementwise function.
    Activation {
        input: ValueIx,
        function: Activation,
    },
    /// Normalisation over the batch.
    BatchNorm { input: ValueIx, norm: Norm },
    /// Layer normalisation: of each row separately.
    LayerNorm { input: ValueIx, norm: RowNorm },
    /// Adds learned rows to steps, by their distance from the last step.
    Positions { input: ValueIx, rows: Span },
    /// Causal self-attention over steps.
    Attention { input: ValueIx, attends: Attends },
    /// A gated recurrent unit over steps.
    Gru { input: ValueIx, gates: Gates },
    /// Causal attention over steps by a layer over two of them.
    AdditiveAttention { input: ValueIx, looks: Looks },
    /// The step that each query follows: every step if each is a query, otherwise the last step of each sequence, or
    /// zeros for an empty sequence.
    AtQuery { input: ValueIx },
    /// Dot product by row.
    Dot { inputs: [ValueIx; 2] },
    /// The dot products of each query with each of the candidates that all queries share, from one row per query or
    /// distinct user and one per distinct item.
    Products { users: ValueIx, items: ValueIx },
    /// The sum of the products of all pairs of inputs: `((sum v)^2 - sum v^2) / 2`.
    Pairwise { inputs: Vec<ValueIx> },
    /// The sum of each row.
    Sum { input: ValueIx },
    /// Sum.
    Add { inputs: Vec<ValueIx> },
    /// Elementwise product.
    Multiply { inputs: Vec<ValueIx> },
    /// A draw from Gaussians with these means and logarithms of variances.
    Sampling { inputs: [ValueIx; 2], draws: Draws },
    /// Concatenation: each input with its first column. Inputs that are computed in place are not listed.
    Concat { parts: Vec<(ValueIx, usize)> },
    /// `min + (max - min) x`.
    Rescale { input: ValueIx, min: f32, max: f32 },
    /// The same numbers in a separate buffer.
    Copy { input: ValueIx },
}

impl Operation {
    /// Calls `visit` with the inputs, in the order in which the backward pass reaches their gradients.
    pub fn each_input(&self, mut visit: impl FnMut(ValueIx)) {
        match self {
            Self::Gather { .. } | Self::Pool { .. } | Self::Numbers { .. } => {}
            Self::Products { users, items } => {
                visit(*users);
                visit(*items);
            }
            Self::Spread { input }
            | Self::Dense { input, .. }
            | Self::Bias { input, .. }
            | Self::Activation { input, .. }
            | Self::BatchNorm { input, .. }
            | Self::LayerNorm { input, .. }
            | Self::Positions { input, .. }
            | Self::Attention { input, .. }
            | Self::Gru { input, .. }
            | Self::AdditiveAttention { input, .. }
            | Self::AtQuery { input }
            | Self::Rescale { input, .. }
            | Self::Sum { input }
            | Self::Copy { input } => visit(*input),
            Self::Dot { inputs } | Self::Sampling { inputs, .. } => {
                inputs.iter().for_each(|input| visit(*input));
            }
            Self::Add { inputs } | Self::Multiply { inputs } | Self::Pairwise { inputs } => {
                inputs.iter().for_each(|input| visit(*input));
            }
            Self::Concat { parts } => parts.iter().for_each(|(input, _)| visit(*input)),
        }
    }

    /// The read of a table, if it is one.
    pub fn read(&self) -> Option<usize> {
        match self {
            Self::Gather { read } | Self::Pool { read, .. } => Some(*read),
            Self::Numbers { .. }
            | Self::Spread { .. }
            | Self::Dense { .. }
            | Self::Bias { .. }
            | Self::Activation { .. }
            | Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::Positions { .. }
            | Self::Attention { .. }
            | Self::Gru { .. }
            | Self::AdditiveAttention { .. }
            | Self::AtQuery { .. }
            | Self::Dot { .. }
            | Self::Products { .. }
            | Self::Pairwise { .. }
            | Self::Sum { .. }
            | Self::Add { .. }
            | Self::Multiply { .. }
            | Self::Sampling { .. }
            | Self::Concat { .. }
            | Self::Rescale { .. }
            | Self::Copy { .. } => None,
        }
    }

    /// Whether it has no inputs, so that its output may be placed within another value.
    pub fn is_leaf(&self) -> bool {
        self.read().is_some() || matches!(self, Self::Numbers { .. })
    }
}

/// In-place dropout of the output of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropout {
    pub rate: Rate,
    /// The index of its mask.
    pub mask: usize,
}
