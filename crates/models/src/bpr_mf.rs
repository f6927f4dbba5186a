//! A factorisation for ranking: `score = p_u . q_i + c_i`, trained on the order of pairs (Bayesian personalised ranking).
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, item bias `[items, 1]`
//! - no user bias: it would raise all scores of a user alike and leave the ranking unchanged
//! - source: Rendle, Freudenthaler, Gantner and Schmidt-Thieme 2009, "BPR: Bayesian personalized ranking from implicit
//!   feedback"

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Graph, Initializer, L2On, Sym, TableOptions, add, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of the factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BprMf {
    /// Factors of a user and of an item.
    pub factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Penalty on the items' biases.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all three tables.
    pub initializer: Initializer,
}

impl Default for BprMf {
    fn default() -> Self {
        Self {
            factors: 32,
            l2: 0.002,
            bias_l2: 0.002,
            l2_on: L2On::Batch,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for BprMf {
    const NAME: &'static str = "bpr_mf";
    const ABOUT: &'static str = "user factors . item factors + item bias";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let (user, item) = (Sym::user(schema.users()), Sym::item(schema.items()));
        let affinity = dot(
            "affinity",
            &user.embed_with("user_factors", self.factors, table(self.l2)),
            &item.embed_with("item_factors", self.factors, table(self.l2)),
        );
        let bias = item.embed_with("item_bias", 1, table(self.bias_l2));
        Ok(Graph::new(Self::NAME, &add("score", [&affinity, &bias]))?)
    }
}
