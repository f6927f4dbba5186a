//! Recurrence and additive attention over the steps of a sequence.

use super::Sym;
use crate::op::{Initializer, Op};

impl Sym {
    /// A gated recurrent unit over the steps of a sequence, see [`Op::Gru`]: the state after each of them. Its kernels start
    /// Glorot uniform, its biases at 0. `[batch, length, width]` to `[batch, length, units]`.
    pub fn gru(&self, name: &str, units: usize) -> Sym {
        let initializer = Initializer::GlorotUniform;
        self.then(name, Op::Gru { units, initializer })
    }

    /// Attention of each step of a sequence to itself and those before it with the weights `v . sigmoid(x_t A_query + x_j
    /// A_key)`, see [`Op::AdditiveAttention`]; same shape. Its kernels start Glorot uniform.
    pub fn additive_attention(&self, name: &str) -> Sym {
        let initializer = Initializer::GlorotUniform;
        self.then(name, Op::AdditiveAttention { initializer })
    }
}
