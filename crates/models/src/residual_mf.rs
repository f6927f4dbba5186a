//! Matrix factorisation with biases and a perceptron that learns the residual:
//! `score = p_u . q_i + b_u + c_i + MLP([p_u, q_i])`.
//!
//! - tables: as in `biased_mf`; both branches share the factors
//! - source: the notebook "residual" (MovieLens 20M); the idea is He et al. 2016, in recommendation Cheng et al. 2016

use crate::architecture::{Architecture, ModelError};
use crate::biased_mf::{BiasedMf, Parts};
use recburn_graph::{Activation, Graph, Initializer, Kernel, L2On, add, concat};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of the combined model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResidualMf {
    /// Factors per user and item.
    pub factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Penalty on both bias tables.
    pub bias_l2: f64,
    /// Whether the penalties apply to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of all four tables.
    pub initializer: Initializer,
    /// Width of the perceptron's hidden layer.
    pub hidden: usize,
    /// Its activation.
    pub activation: Activation,
    /// Penalty on the kernels of both dense layers (Keras's `kernel_regularizer`).
    pub dense_l2: f64,
    /// Initialiser of these kernels.
    pub dense_initializer: Initializer,
}

impl Default for ResidualMf {
    fn default() -> Self {
        Self {
            factors: 10,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            hidden: 400,
            activation: Activation::Elu,
            dense_l2: 0.0,
            dense_initializer: Initializer::GlorotUniform,
        }
    }
}

impl Architecture for ResidualMf {
    const NAME: &'static str = "residual_mf";
    const ABOUT: &'static str = "biased_mf plus a perceptron over both factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let factorisation = BiasedMf {
            factors: self.factors,
            l2: self.l2,
            bias_l2: self.bias_l2,
            l2_on: self.l2_on,
            initializer: self.initializer,
        };
        let Parts {
            user_factors,
            item_factors,
            score: sum,
        } = factorisation.parts(schema, "factorisation");
        let kernel = Kernel {
            initializer: self.dense_initializer,
            l2: self.dense_l2,
        };
        let residual = concat("pair", [&user_factors, &item_factors])
            .dense_with("dense_1", self.hidden, self.activation, kernel)
            .dense_with("dense_2", 1, Activation::Linear, kernel);
        Ok(Graph::new(Self::NAME, &add("score", [&sum, &residual]))?)
    }
}
