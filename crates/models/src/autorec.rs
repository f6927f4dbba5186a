//! AutoRec, an autoencoder of the ratings of an item (or of a user): `score = w_u . g(sum of r_vi V_v + mu) + b_u`, the sum
//! over all users `v` that have rated item `i`.
//!
//! - by item: encoder `V` `[users, k]`, decoder `W` `[users, k]`, biases `b` `[users, 1]` and `mu` `[k]`; by user the two
//!   sides exchange their roles
//! - an item's code is computed once per batch from all its training ratings, including the one to be predicted; with
//!   `examples = "whole-items"` each code is computed once per epoch
//! - the code of an item without ratings is `g(mu)`
//! - source: Sedhain, Menon, Sanner and Xie 2015, "AutoRec: autoencoders meet collaborative filtering", equation 2

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{
    Activation, Graph, Initializer, L2On, Pool, Sym, Table, TableOptions, add, dot,
};
use recburn_schema::{Input, Schema};
use serde::{Deserialize, Serialize};

/// Options of AutoRec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoRec {
    /// Whose ratings are encoded.
    pub by: By,
    /// Width of the code.
    pub hidden: usize,
    /// The function `g`.
    pub activation: Activation,
    /// Penalty on the encoder and the decoder.
    pub l2: f64,
    /// Penalty on the decoder's biases.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of the encoder and the decoder.
    pub initializer: Initializer,
}

/// Whose ratings an autoencoder encodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Those of each item, of which the paper finds the better predictions.
    #[default]
    Item,
    /// Those of each user.
    User,
}

impl Default for AutoRec {
    fn default() -> Self {
        Self {
            by: By::Item,
            hidden: 500,
            activation: Activation::Sigmoid,
            l2: 1e-4,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for AutoRec {
    const NAME: &'static str = "autorec";
    const ABOUT: &'static str =
        "the code of all ratings of an item . user factors + user bias, or the reverse";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let (ratings, decoded, side) = match self.by {
            By::Item => (Input::RATERS, Sym::user(schema.users()), "user"),
            By::User => (Input::RATED_HISTORY, Sym::item(schema.items()), "item"),
        };
        let ratings = schema.require(ratings)?;
        let rows = ratings.kind.rows().unwrap_or(0);
        let encoder = Table::with("encoder", rows, self.hidden, table(self.l2));
        let code = Sym::bag(ratings)
            .pool("encoded", &encoder, Pool::Sum)
            .bias("mu")
            .activation("code", self.activation);
        let decoder = decoded.embed_with(&format!("{side}_factors"), self.hidden, table(self.l2));
        let bias = decoded.embed_with(&format!("{side}_bias"), 1, table(self.bias_l2));
        let score = add("score", [&dot("affinity", &code, &decoder), &bias]);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
