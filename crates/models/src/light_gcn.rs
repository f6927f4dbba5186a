//! LightGCN: a factorisation whose tables are smoothed along the graph of users and items: `score = e_u . e_i`, where `e` is
//! the mean over `L + 1` layers of `e^(0)`, which training learns, and
//! `e_u^(l+1) = sum over the items i of u of e_i^(l) / sqrt(d_u d_i)`, and likewise for items with their users.
//!
//! - tables: user factors `[users, k]` and item factors `[items, k]`, the only parameters; no biases and no layers with weights
//! - `d` is the number of interactions of a user or an item in the training part
//! - trained under a loss of pairs (the paper's BPR) or of lists; each step smooths both tables and smooths their gradients
//!   back, so its cost grows with the number of interactions: few large batches are cheaper than many small ones
//! - a trained model holds the smoothed tables, and predicts as a factorisation does
//! - source: He, Deng, Wang, Li, Zhang and Wang 2020, "LightGCN: simplifying and powering graph convolution network for
//!   recommendation", equations 3 to 8

use crate::architecture::{Architecture, ModelError};
use recburn_graph::{Graph, Initializer, L2On, Sym, Table, TableOptions, dot};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of LightGCN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LightGcn {
    /// Factors of a user and of an item.
    pub factors: usize,
    /// Layers of propagation, 1 or more.
    pub layers: usize,
    /// Penalty on the tables that are learnt, before propagation.
    pub l2: f64,
    /// Whether this is a penalty on the whole tables, as Keras has it, or on the rows of each batch, as in the paper.
    pub l2_on: L2On,
    /// Start of both tables.
    pub initializer: Initializer,
}

impl Default for LightGcn {
    fn default() -> Self {
        Self {
            factors: 64,
            layers: 2,
            l2: 1e-4,
            l2_on: L2On::Batch,
            initializer: Initializer::Normal {
                mean: 0.0,
                std: 0.1,
            },
        }
    }
}

impl Architecture for LightGcn {
    const NAME: &'static str = "light_gcn";
    const ABOUT: &'static str =
        "user factors . item factors, both smoothed along the graph of interactions";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let options = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            ..TableOptions::default()
        };
        let table =
            |name, rows| Table::with(name, rows, self.factors, options).propagated(self.layers);
        let (users, items) = (schema.users(), schema.items());
        let score = dot(
            "score",
            &Sym::user(users).look_up("user_factors", &table("user_factors", users)),
            &Sym::item(items).look_up("item_factors", &table("item_factors", items)),
        );
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
