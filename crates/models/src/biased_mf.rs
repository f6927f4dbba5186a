//! Matrix factorisation with biases: `score = p_u . q_i + b_u + c_i`.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, user bias `[users, 1]`, item bias `[items, 1]`
//! - the mean of the ratings is not learnt: centre the ratings, or let the biases absorb it
//! - source: Koren, Bell and Volinsky 2009; the notebooks "baseline" (MovieLens 20M), "adding bias" (latest small) and
//!   the MovieLens latest small of 2016

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Graph, Initializer, L2On, Sym, TableOptions, add, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of matrix factorisation with biases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BiasedMf {
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
}

impl Default for BiasedMf {
    fn default() -> Self {
        Self {
            factors: 50,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
        }
    }
}

/// The parts of matrix factorisation with biases, for models that build on it.
pub(crate) struct Parts {
    pub user_factors: Sym,
    pub item_factors: Sym,
    pub score: Sym,
}

impl BiasedMf {
    /// The score with this name, and its factors.
    pub(crate) fn parts(&self, schema: &Schema, score: &str) -> Parts {
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let (factors, bias) = (table(self.l2), table(self.bias_l2));
        let (user, item) = (Sym::user(schema.users()), Sym::item(schema.items()));
        let user_factors = user.embed_with("user_factors", self.factors, factors);
        let item_factors = item.embed_with("item_factors", self.factors, factors);
        let affinity = dot("affinity", &user_factors, &item_factors);
        let user_bias = user.embed_with("user_bias", 1, bias);
        let item_bias = item.embed_with("item_bias", 1, bias);
        Parts {
            score: add(score, [&affinity, &user_bias, &item_bias]),
            user_factors,
            item_factors,
        }
    }
}

impl Architecture for BiasedMf {
    const NAME: &'static str = "biased_mf";
    const ABOUT: &'static str = "user factors . item factors + user bias + item bias";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        Ok(Graph::new(Self::NAME, &self.parts(schema, "score").score)?)
    }
}
