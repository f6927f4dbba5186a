//! NARM: what comes next in a history, by gated recurrent units and attention to all of their states:
//! `score = (B c) . q_i` with `c = (h, sum over j of alpha_j h_j)`, where `h` is the last of the states `h_j` over the rows
//! `q` of the latest items.
//!
//! - tables: item factors `[items, width]`, read for the history and for the candidate alike; no users, so that a history is
//!   all there is to know of somebody
//! - layers: dropout of the items' rows; a gated recurrent unit of `units` numbers; attention with the weights
//!   `alpha_j = v . sigmoid(A_1 h + A_2 h_j)`, which are not normalised; dropout of both halves of `c`; a dense layer `B`
//!   from `2 * units` to `width`, the bilinear decoder, with a bias that the paper does not have
//! - the last state represents the whole history, the weighted ones its main purpose; one recurrent layer computes both,
//!   where the paper's equations have two of them
//! - trained on every position of a history at once (`NextItem`), each seeing itself and what was before it; asked for a
//!   list it is the last position that counts. Histories longer than `length` are cut to their latest items; a history
//!   without items scores every item 0
//! - source: Li, Ren, Chen, Ren, Lian and Ma 2017, "Neural attentive session-based recommendation"

use crate::architecture::{Architecture, ModelError};
use crate::history::{dropped, history, item_table, scored};
use recburn_graph::{Activation, Graph, Initializer, concat};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of NARM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Narm {
    /// Numbers of an item.
    pub width: usize,
    /// The most items of a history that are read.
    pub length: usize,
    /// Numbers of a state.
    pub units: usize,
    /// Dropout rate of the items' rows, in `[0, 1)`.
    pub dropout: f64,
    /// Dropout rate of the last state and of the weighted ones, in `[0, 1)`.
    pub hidden_dropout: f64,
    /// Penalty on the item table.
    pub l2: f64,
    /// Start of the item table.
    pub initializer: Initializer,
}

impl Default for Narm {
    fn default() -> Self {
        Self {
            width: 50,
            length: 50,
            units: 100,
            dropout: 0.25,
            hidden_dropout: 0.5,
            l2: 0.0,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for Narm {
    const NAME: &'static str = "narm";
    const ABOUT: &'static str = "(last state of a recurrent unit over the latest items, and all by attention) B . item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let items = item_table(schema, self.width, self.initializer, self.l2);
        let steps = history(schema, self.length, &items)?;
        let steps = dropped(&steps, "input_dropout", self.dropout);
        let states = steps.gru("gru", self.units);
        let purpose = states.additive_attention("attention");
        let both = concat("both", [&states, &purpose]);
        let both = dropped(&both, "hidden_dropout", self.hidden_dropout);
        let decoded = both.dense("decoder", self.width, Activation::Linear);
        scored(Self::NAME, schema, &decoded, &items)
    }
}
