//! Plain matrix factorisation: `score = p_u . q_i`.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, each with penalty `l2 * sum(w^2)`
//! - source: Koren, Bell and Volinsky 2009; the notebooks "dot product" (MovieLens latest small), "explicit MF" and "MF"
//!   (MovieLens 100K)

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Graph, Initializer, L2On, Sym, TableOptions, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of plain matrix factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DotMf {
    /// Factors per user and item.
    pub factors: usize,
    /// Penalty on both factor tables.
    pub l2: f64,
    /// Whether the penalty applies to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of both factor tables.
    pub initializer: Initializer,
}

impl Default for DotMf {
    fn default() -> Self {
        Self {
            factors: 50,
            l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for DotMf {
    const NAME: &'static str = "dot_mf";
    const ABOUT: &'static str = "user factors . item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let user = Sym::user(schema.users()).embed_with("user_factors", self.factors, table);
        let item = Sym::item(schema.items()).embed_with("item_factors", self.factors, table);
        Ok(Graph::new(Self::NAME, &dot("score", &user, &item))?)
    }
}
