//! Non-negative matrix factorisation: `score = p_u . q_i` with every factor at 0 or above.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, projected onto 0 and above after every update
//! - source: Lee and Seung 1999 (the factorisation; here by projected gradients, as in Keras's `NonNeg`); the
//!   notebook "NNMF" (MovieLens 100K)

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Graph, Initializer, L2On, Sym, TableOptions, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of non-negative matrix factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NonNegativeMf {
    /// Factors per user and item.
    pub factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Whether the penalty applies to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of both factor tables. Weights below 0 are at 0 after the first update.
    pub initializer: Initializer,
}

impl Default for NonNegativeMf {
    fn default() -> Self {
        Self {
            factors: 50,
            l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for NonNegativeMf {
    const NAME: &'static str = "non_negative_mf";
    const ABOUT: &'static str = "user factors . item factors, all factors at 0 or above";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: true,
        };
        let user = Sym::user(schema.users()).embed_with("user_factors", self.factors, table);
        let item = Sym::item(schema.items()).embed_with("item_factors", self.factors, table);
        Ok(Graph::new(Self::NAME, &dot("score", &user, &item))?)
    }
}
