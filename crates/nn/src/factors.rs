//! The core of matrix factorisation as one operation.

use crate::columns::Ids;
use crate::embedding::Embedding;
use burn::tensor::Tensor;

/// The tables of a factor score, `p_u . q_i [+ b_u] [+ c_i]`.
///
/// If training has its tables in host memory, the score is read directly from them, and the gradient of its rows is
/// computed by hand-written code, in one pass each: at the batch sizes of a notebook the overhead of tensor operations
/// exceeds their computations. Elsewhere it is computed by tensor operations.
#[derive(Clone, Copy, Debug)]
pub struct Factors<'a> {
    /// The users' factors.
    pub user_factors: &'a Embedding,
    /// The items' factors, of the same width.
    pub item_factors: &'a Embedding,
    /// The users' biases, of width 1.
    pub user_bias: Option<&'a Embedding>,
    /// The items' biases, of width 1.
    pub item_bias: Option<&'a Embedding>,
}

/// The function applied to a factor score before it is compared with a rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Link {
    /// The score itself.
    Identity,
    /// `min + (max - min) / (1 + exp(-x))`: bounded to a rating scale.
    Sigmoid {
        /// The image of minus infinity.
        min: f32,
        /// The image of infinity.
        max: f32,
    },
}

impl Link {
    /// The image of a factor score.
    pub fn of(&self, score: f32) -> f32 {
        match *self {
            Self::Identity => score,
            Self::Sigmoid { min, max } => min + (max - min) / (1.0 + (-score).exp()),
        }
    }

    /// The derivative of the link, computed from its image.
    pub fn slope(&self, image: f32) -> f32 {
        match *self {
            Self::Identity => 1.0,
            Self::Sigmoid { min, max } => (image - min) * (max - image) / (max - min),
        }
    }
}

/// A model that consists only of a factor score and a link. Training with tables in host memory takes steps of such a
/// model without tensors, since all derivatives are known.
#[derive(Clone, Copy, Debug)]
pub struct Factorisation<'a> {
    /// The score.
    pub factors: Factors<'a>,
    /// The link applied to it.
    pub link: Link,
}

impl Factors<'_> {
    /// The score of each pair.
    ///
    /// # Shapes
    /// - users and items: `[batch]`
    /// - output: `[batch, 1]`
    ///
    /// # Panics
    /// If the factors differ in width, or an id is outside a table.
    pub fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        for (side, table) in [
            (users, Some(self.user_factors)),
            (items, Some(self.item_factors)),
            (users, self.user_bias),
            (items, self.item_bias),
        ] {
            if let Some(table) = table {
                table.check(side);
            }
        }
        if let Some(scores) = users.pass().factor_score(self, users, items) {
            return scores;
        }
        let (left, right) = (
            self.user_factors.forward(users),
            self.item_factors.forward(items),
        );
        let mut score = (left * right).sum_dim(1);
        if let Some(bias) = self.user_bias {
            score = score + bias.forward(users);
        }
        if let Some(bias) = self.item_bias {
            score = score + bias.forward(items);
        }
        score
    }
}
