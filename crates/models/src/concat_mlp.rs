//! A multilayer perceptron over both embeddings: `score = MLP([p_u, q_i])`.
//!
//! - tables: user factors `[users, k_u]`, item factors `[items, k_i]`; the widths may differ
//! - the stack takes `[batch, k_u + k_i]` and must end in width 1
//! - source: He et al. 2017 (the MLP half); the notebooks "neural net" (MovieLens latest small), "deeper" (20M) and the
//!   5 + 8 tower (100K)

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Activation, Graph, Initializer, Kernel, L2On, Sym, TableOptions, concat};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of the perceptron.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConcatMlp {
    /// Factors of a user.
    pub user_factors: usize,
    /// Factors of an item.
    pub item_factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Whether the penalty applies to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of both factor tables.
    pub initializer: Initializer,
    /// Dropout on each embedding before they are joined; 0 for none.
    pub embedding_dropout: f64,
    /// Penalty on the kernel of every dense layer of the stack (Keras's `kernel_regularizer`).
    pub dense_l2: f64,
    /// Initialiser of these kernels.
    pub dense_initializer: Initializer,
    /// The layers after the concatenation, including the output layer.
    pub stack: Vec<Block>,
}

/// One layer of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A fully connected layer.
    Dense {
        /// Its width.
        units: usize,
        /// The activation after the bias.
        activation: Activation,
    },
    /// An elementwise function.
    Activation(Activation),
    /// Dropout with this rate.
    Dropout(f64),
    /// Batch normalisation.
    BatchNorm,
}

use Activation::{Linear, Relu};

/// A fully connected layer.
const fn dense(units: usize, activation: Activation) -> Block {
    Block::Dense { units, activation }
}

/// The stack over `input`, with layers named by kind and number, as in Keras.
pub(crate) fn stacked(input: Sym, stack: &[Block], kernel: Kernel) -> Sym {
    let mut counts = [0usize; 4];
    let mut name = |kind: usize, word: &str| {
        counts[kind] += 1;
        format!("{word}_{}", counts[kind])
    };
    stack.iter().fold(input, |value, block| match *block {
        Block::Dense { units, activation } => {
            value.dense_with(&name(0, "dense"), units, activation, kernel)
        }
        Block::Activation(function) => value.activation(&name(1, "activation"), function),
        Block::Dropout(rate) => value.dropout(&name(2, "dropout"), rate),
        Block::BatchNorm => value.batch_norm(&name(3, "batch_norm")),
    })
}

impl Default for ConcatMlp {
    /// The network of notebook 001.
    fn default() -> Self {
        Self {
            user_factors: 50,
            item_factors: 50,
            l2: 1e-4,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            embedding_dropout: 0.0,
            dense_l2: 0.0,
            dense_initializer: Initializer::GlorotUniform,
            stack: vec![
                Block::Dropout(0.3),
                dense(70, Relu),
                Block::Dropout(0.75),
                dense(1, Linear),
            ],
        }
    }
}

impl Architecture for ConcatMlp {
    const NAME: &'static str = "concat_mlp";
    const ABOUT: &'static str =
        "a stack of dense layers over the concatenated user and item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let mut user =
            Sym::user(schema.users()).embed_with("user_factors", self.user_factors, table);
        let mut item =
            Sym::item(schema.items()).embed_with("item_factors", self.item_factors, table);
        if self.embedding_dropout != 0.0 {
            user = user.dropout("user_dropout", self.embedding_dropout);
            item = item.dropout("item_dropout", self.embedding_dropout);
        }
        let kernel = Kernel {
            initializer: self.dense_initializer,
            l2: self.dense_l2,
        };
        let pair = concat("pair", [&user, &item]);
        Ok(Graph::new(Self::NAME, &stacked(pair, &self.stack, kernel))?)
    }
}
