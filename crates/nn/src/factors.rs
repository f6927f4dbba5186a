//! The heart of matrix factorisation in one piece.

use crate::embedding::Embedding;
use crate::ids::Ids;
use burn::tensor::Tensor;

/// The tables of a factor score, `p_u . q_i [+ b_u] [+ c_i]`.
///
/// Where training has its tables in host memory, the score is read straight from them, and the gradient of its rows is
/// made by hand, in one pass each: at the batches of a notebook a tensor operation costs more than the numbers it
/// computes. Elsewhere it is the tensor operations that it stands for.
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

impl Factors<'_> {
    /// The score of each pair.
    ///
    /// # Shapes
    /// - users and items: `[batch]`
    /// - output: `[batch, 1]`
    ///
    /// # Panics
    /// If the factors differ in width, or, on processors, an id is beyond a table.
    pub fn score(&self, users: &Ids, items: &Ids) -> Tensor<2> {
        let tape = users.tape().or(items.tape());
        if let Some(scores) = tape.and_then(|tape| tape.factor_score(self, users, items)) {
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
