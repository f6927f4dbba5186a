//! SVD++: `score = (p_u + |N(u)|^(-1/2) sum of y_j over N(u)) . q_i + b_u + c_i`, where `N(u)` are the items that the user has
//! rated.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, implicit item factors `y` `[items, k]`, user bias
//!   `[users, 1]`, item bias `[items, 1]`
//! - a user is the sum of an own row and the pooled rows of the rated items, so that *which* items a user has rated
//!   counts, whatever the rating; the history is that of the training part, pooled once per user of a batch
//! - source: Koren 2008, "Factorization meets the neighborhood", equation 15

use crate::architecture::{Architecture, ModelError};
use crate::features::items_of_user;
use recburn_graph::{Graph, Initializer, L2On, Pool, Sym, Table, TableOptions, add, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of SVD++.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SvdPp {
    /// Factors per user and item.
    pub factors: usize,
    /// Penalty on the three factor tables.
    pub l2: f64,
    /// Penalty on both bias tables.
    pub bias_l2: f64,
    /// Whether the penalties apply to whole tables, as in Keras, or to the rows of each batch.
    pub l2_on: L2On,
    /// Initialiser of all tables.
    pub initializer: Initializer,
}

impl Default for SvdPp {
    fn default() -> Self {
        Self {
            factors: 20,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for SvdPp {
    const NAME: &'static str = "svdpp";
    const ABOUT: &'static str =
        "(user factors + pooled factors of the history) . item factors + user bias + item bias";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let (factors, bias) = (table(self.l2), table(self.bias_l2));
        let (user, item) = (Sym::user(schema.users()), Sym::item(schema.items()));
        let history = items_of_user(schema)?;
        let implicit = Table::with("implicit_factors", schema.items(), self.factors, factors);
        let row = user.embed_with("user_factors", self.factors, factors);
        let taste = Sym::bag(&history).pool("implicit_factors", &implicit, Pool::RootMean);
        let user_vector = add("user_vector", [&row, &taste]);
        let item_vector = item.embed_with("item_factors", self.factors, factors);
        let affinity = dot("affinity", &user_vector, &item_vector);
        let score = add(
            "score",
            [
                &affinity,
                &user.embed_with("user_bias", 1, bias),
                &item.embed_with("item_bias", 1, bias),
            ],
        );
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
