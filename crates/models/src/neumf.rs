//! Neural matrix factorisation: `score = h . [p_u * q_i, MLP([r_u, s_i])]`, a factorisation and a perceptron over separate
//! tables, joined by one output layer.
//!
//! - tables: GMF factors of users `[users, k]` and items `[items, k]`; MLP factors of users `[users, m]` and items `[items, m]`
//! - the perceptron takes `[batch, 2 m]` through the hidden layers, each with relu; the output layer takes
//!   `[batch, k + last hidden width]` to one number
//! - the output is linear: the rating itself, or the logit of the logistic loss on implicit feedback
//! - source: He, Liao, Zhang, Nie, Hu and Chua 2017, "Neural collaborative filtering", equations 12 and 13

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{
    Activation, Graph, Initializer, Kernel, L2On, Sym, TableOptions, concat, multiply,
};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of neural matrix factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeuMf {
    /// Factors of the elementwise product.
    pub factors: usize,
    /// Factors of a user and of an item in the perceptron.
    pub mlp_factors: usize,
    /// Widths of the perceptron's layers.
    pub hidden: Vec<usize>,
    /// Dropout before the output layer; 0 for none.
    pub dropout: f64,
    /// Penalty on the four factor tables.
    pub l2: f64,
    /// Whether it is one on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of the four factor tables.
    pub initializer: Initializer,
    /// Penalty on the kernel of every dense layer.
    pub dense_l2: f64,
    /// Start of these kernels.
    pub dense_initializer: Initializer,
}

impl Default for NeuMf {
    /// The paper's sizes for 8 predictive factors: a tower of 32, 16 and 8.
    fn default() -> Self {
        Self {
            factors: 8,
            mlp_factors: 16,
            hidden: vec![32, 16, 8],
            dropout: 0.0,
            l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::Normal {
                mean: 0.0,
                std: 0.01,
            },
            dense_l2: 0.0,
            dense_initializer: Initializer::GlorotUniform,
        }
    }
}

impl Architecture for NeuMf {
    const NAME: &'static str = "neumf";
    const ABOUT: &'static str =
        "product of user factors and item factors, beside a perceptron over others, weighted";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let kernel = Kernel {
            initializer: self.dense_initializer,
            l2: self.dense_l2,
        };
        let (user, item) = (Sym::user(schema.users()), Sym::item(schema.items()));
        let product = multiply(
            "product",
            [
                &user.embed_with("gmf_user_factors", self.factors, table),
                &item.embed_with("gmf_item_factors", self.factors, table),
            ],
        );
        let pair = concat(
            "pair",
            [
                &user.embed_with("mlp_user_factors", self.mlp_factors, table),
                &item.embed_with("mlp_item_factors", self.mlp_factors, table),
            ],
        );
        let hidden = (1..).zip(&self.hidden).fold(pair, |value, (at, &units)| {
            value.dense_with(&format!("hidden_{at}"), units, Activation::Relu, kernel)
        });
        let mut both = concat("both", [&product, &hidden]);
        if self.dropout != 0.0 {
            both = both.dropout("dropout", self.dropout);
        }
        let score = both.dense_with("score", 1, Activation::Linear, kernel);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
