//! Generalised matrix factorisation: `score = h . (p_u * q_i)`, a dot product whose factors are weighted.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`; the weights `h` are a dense layer `[k, 1]` with a bias
//! - source: He et al. 2017 (neural collaborative filtering), its GMF half, here for ratings: the output is linear

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Activation, Graph, Initializer, Kernel, L2On, Sym, TableOptions, multiply};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of generalised matrix factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gmf {
    /// Factors per user and item.
    pub factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Whether the penalty applies to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of both factor tables.
    pub initializer: Initializer,
    /// Penalty on the weights of the product (Keras's `kernel_regularizer`).
    pub dense_l2: f64,
    /// Their initialiser.
    pub dense_initializer: Initializer,
}

impl Default for Gmf {
    fn default() -> Self {
        Self {
            factors: 20,
            l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
            dense_initializer: Initializer::GlorotUniform,
        }
    }
}

impl Architecture for Gmf {
    const NAME: &'static str = "gmf";
    const ABOUT: &'static str = "weighted product of user factors and item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let user = Sym::user(schema.users()).embed_with("user_factors", self.factors, table);
        let item = Sym::item(schema.items()).embed_with("item_factors", self.factors, table);
        let product = multiply("product", [&user, &item]);
        let kernel = Kernel {
            initializer: self.dense_initializer,
            l2: self.dense_l2,
        };
        let score = product.dense_with("score", 1, Activation::Linear, kernel);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
