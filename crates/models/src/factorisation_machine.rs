//! A factorisation machine over users, items and other inputs of the data: `score = w_0 + sum of w_a x_a + sum over pairs of
//! (v_a . v_b) x_a x_b`.
//!
//! - each input is a field: the table `NAME_bias` `[rows, 1]` holds its `w`, `NAME_factors` `[rows, k]` its `v`; a bag
//!   (genres, a history) is the mean of its rows, and a number is multiplied by a learnt row, plus a bias
//! - all pairs of fields in one pass over them: `((sum v)^2 - sum v^2) / 2`, summed over the factors
//! - with users and items alone it is matrix factorisation with biases; with `history` as well it is close to SVD++
//! - source: Rendle 2010, "Factorization machines", equations 1 and 5

use crate::architecture::{Architecture, ModelError};
use crate::features::{factors, fields, linear};
use recburn_graph::{Graph, Initializer, Kernel, L2On, TableOptions, add, pairwise};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of factorisation machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FactorisationMachine {
    /// Factors of each field.
    pub factors: usize,
    /// The fields besides users and items; `null` for every feature of users and items and every column of ratings in the
    /// data. Histories (`history`, `rated_history`, `recent`, `raters`) are fields only if named here.
    pub features: Option<Vec<String>>,
    /// Penalty on the factors.
    pub l2: f64,
    /// Penalty on the linear terms.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all tables.
    pub initializer: Initializer,
    /// Penalty on the kernels that multiply numbers.
    pub dense_l2: f64,
}

impl Default for FactorisationMachine {
    fn default() -> Self {
        Self {
            factors: 20,
            features: None,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
        }
    }
}

impl Architecture for FactorisationMachine {
    const NAME: &'static str = "factorisation_machine";
    const ABOUT: &'static str =
        "biases and pairwise products of the factors of user, item, features and columns";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let fields = fields(schema, self.features.as_deref())?;
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let kernel = Kernel {
            initializer: self.initializer,
            l2: self.dense_l2,
        };
        let factors = factors(&fields, self.factors, table(self.l2), kernel);
        let pairs = pairwise("pairs", &factors).sum("interaction");
        let linear = linear(&fields, table(self.bias_l2), kernel);
        let terms = linear.iter().chain([&pairs]);
        let score = add("terms", terms).bias("score");
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
