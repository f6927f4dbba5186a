//! DeepFM: `score = sum of w_a x_a + sum over pairs of (v_a . v_b) x_a x_b + f(v)`, a factorisation machine and dense layers over
//! the same factors.
//!
//! - each input is a field: the table `NAME_bias` `[rows, 1]` holds its `w`, `NAME_factors` `[rows, k]` its `v`; a bag
//!   (genres, a history) is the mean of its rows, and a number is multiplied by a learnt row, plus a bias
//! - all pairs of fields in one pass over them: `((sum v)^2 - sum v^2) / 2`, summed over the factors
//! - the same rows, concatenated to `[batch, fields k]`, go through hidden layers with relu and a linear layer to one number:
//!   no table is the dense layers' own
//! - the output is linear: the rating itself, or the logit of the logistic loss on clicks
//! - source: Guo, Tang, Ye, Li and He 2017, "DeepFM: a factorization-machine based neural network for CTR prediction",
//!   equations 1 to 4

use crate::architecture::{Architecture, ModelError};
use crate::deep::Deep;
use crate::features::{factors, fields, linear};
use recburn_graph::{
    Activation, Graph, Initializer, Kernel, L2On, TableOptions, add, concat, pairwise,
};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of DeepFM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeepFm {
    /// Factors of each field.
    pub factors: usize,
    /// The fields besides users and items; `null` for every feature of users and items and every column of ratings in the
    /// data. Histories (`history`, `rated_history`, `recent`, `raters`) are fields only if named here.
    pub features: Option<Vec<String>>,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Dropout after each hidden layer; 0 for none.
    pub dropout: f64,
    /// Whether each hidden layer is normalised over the batch, before its relu.
    pub batch_norm: bool,
    /// Penalty on the factors.
    pub l2: f64,
    /// Penalty on the linear terms.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all tables, and of the rows that numbers are multiplied by.
    pub initializer: Initializer,
    /// Penalty on the kernel of every dense layer, and on the rows that numbers are multiplied by.
    pub dense_l2: f64,
}

impl Default for DeepFm {
    fn default() -> Self {
        Self {
            factors: 10,
            features: None,
            hidden: vec![64, 32],
            dropout: 0.0,
            batch_norm: false,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
        }
    }
}

impl Architecture for DeepFm {
    const NAME: &'static str = "deep_fm";
    const ABOUT: &'static str = "a factorisation machine of user, item, features and columns, plus dense layers over its factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let fields = fields(schema, self.features.as_deref())?;
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let of_numbers = Kernel {
            initializer: self.initializer,
            l2: self.dense_l2,
        };
        let kernel = Kernel {
            l2: self.dense_l2,
            ..Kernel::default()
        };
        let factors = factors(&fields, self.factors, table(self.l2), of_numbers);
        let pairs = pairwise("pairs", &factors).sum("interaction");
        let stack = Deep {
            hidden: &self.hidden,
            dropout: self.dropout,
            batch_norm: self.batch_norm,
            kernel,
        };
        let deep = stack.over(concat("fields", &factors)).dense_with(
            "deep",
            1,
            Activation::Linear,
            kernel,
        );
        let linear = linear(&fields, table(self.bias_l2), of_numbers);
        let score = add("score", linear.iter().chain([&pairs, &deep]));
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
