//! GRU4Rec: what comes next in a history, by gated recurrent units over its latest items: `score = h . q_i`, where `h` is
//! the last state over the rows `q` of these items.
//!
//! - tables: item factors `[items, width]`, read for the history and for the candidate alike; no users, so that a history is
//!   all there is to know of somebody
//! - layers: dropout of the items' rows; then `layers` times a gated recurrent unit of `units` numbers, whose states are
//!   dropped, too; and a dense layer from `units` to `width`, unless they are equal
//! - trained on every position of a history at once (`NextItem`), each seeing itself and what was before it; asked for a
//!   list it is the last position that counts. Histories longer than `length` are cut to their latest items, before which
//!   the state is 0; a history without items scores every item 0
//! - source: Hidasi, Karatzoglou, Baltrunas and Tikk 2016, "Session-based recommendations with recurrent neural networks",
//!   with one table for the items of the history and the candidates, and dropout of the embeddings, as in Hidasi and
//!   Karatzoglou 2018, "Recurrent neural networks with top-k gains for session-based recommendations". Their losses over
//!   sampled candidates are settings of the training: `bpr`, or `softmax` against candidates that a batch shares

use crate::architecture::{Architecture, ModelError};
use crate::history::{dropped, history, item_table, scored};
use recburn_graph::{Activation, Graph, Initializer};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of GRU4Rec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gru4Rec {
    /// Numbers of an item.
    pub width: usize,
    /// The most items of a history that are read.
    pub length: usize,
    /// Numbers of a state.
    pub units: usize,
    /// Recurrent layers, one after the other; with 0 only the last item counts.
    pub layers: usize,
    /// Dropout rate of the items' rows, in `[0, 1)`.
    pub dropout: f64,
    /// Dropout rate of the states of each layer, in `[0, 1)`; the recurrence itself is not dropped.
    pub hidden_dropout: f64,
    /// Penalty on the item table.
    pub l2: f64,
    /// Start of the item table.
    pub initializer: Initializer,
}

impl Default for Gru4Rec {
    fn default() -> Self {
        Self {
            width: 64,
            length: 50,
            units: 64,
            layers: 1,
            dropout: 0.2,
            hidden_dropout: 0.0,
            l2: 0.0,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl Architecture for Gru4Rec {
    const NAME: &'static str = "gru4rec";
    const ABOUT: &'static str =
        "(last state of recurrent units over the item factors of the latest items) . item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let items = item_table(schema, self.width, self.initializer, self.l2);
        let steps = history(schema, self.length, &items)?;
        let steps = dropped(&steps, "input_dropout", self.dropout);
        let states = (1..=self.layers).fold(steps, |steps, at| {
            let states = steps.gru(&format!("gru_{at}"), self.units);
            dropped(&states, &format!("state_dropout_{at}"), self.hidden_dropout)
        });
        let states = match self.units == self.width {
            true => states,
            false => states.dense("dense", self.width, Activation::Linear),
        };
        scored(Self::NAME, schema, &states, &items)
    }
}
