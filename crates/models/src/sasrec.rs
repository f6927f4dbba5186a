//! SASRec: what comes next in a history, by self-attention over its latest items: `score = h . q_i`, where `h` is the last
//! step of a transformer over the rows `q` of these items.
//!
//! - tables: item factors `[items, width]`, read for the history and for the candidate alike; no users, so that a history is
//!   all there is to know of somebody
//! - layers: a learnt row for each position added to each item's row, dropout; then `blocks` times
//!   `x + dropout(attention(norm(x)))` and `x + dropout(W2 relu(W1 norm(x)))`, and a normalisation at the end
//! - trained on every position of a history at once (`NextItem`), each seeing itself and what was before it; asked for a
//!   list it is the last position that counts. Histories longer than `length` are cut to their latest items; a history
//!   without items scores every item 0
//! - source: Kang and McAuley 2018, "Self-Attentive Sequential Recommendation", with the dropout of their section III-B and
//!   the last normalisation of their code

use crate::architecture::{Architecture, ModelError};
use crate::history::{history, item_table, scored};
use recburn_graph::{Activation, Graph, Initializer, Sym, add};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of SASRec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SasRec {
    /// Numbers of an item, and of each step.
    pub width: usize,
    /// The most items of a history that are read.
    pub length: usize,
    /// Blocks of attention and dense layers.
    pub blocks: usize,
    /// Heads of each attention; they divide the width.
    pub heads: usize,
    /// Dropout rate.
    pub dropout: f64,
    /// Penalty on the item table.
    pub l2: f64,
    /// Start of the item table and of the positions.
    pub initializer: Initializer,
}

impl Default for SasRec {
    fn default() -> Self {
        Self {
            width: 50,
            length: 50,
            blocks: 2,
            heads: 1,
            dropout: 0.2,
            l2: 0.0,
            initializer: Initializer::EMBEDDING,
        }
    }
}

impl SasRec {
    /// `x + dropout(attention(norm(x)))`, and `x + dropout(W2 relu(W1 norm(x)))`.
    fn block(&self, at: usize, steps: &Sym) -> Sym {
        let name = |part: &str| format!("{part}_{at}");
        let seen = steps
            .layer_norm(&name("attention_norm"))
            .attention(&name("attention"), self.heads);
        let seen = self.dropped(&seen, &name("attention_dropout"));
        let steps = add(&name("attended"), [steps, &seen]);
        let dense = steps
            .layer_norm(&name("dense_norm"))
            .dense(&name("hidden"), self.width, Activation::Relu)
            .dense(&name("dense"), self.width, Activation::Linear);
        let dense = self.dropped(&dense, &name("dense_dropout"));
        add(&name("block"), [&steps, &dense])
    }

    fn dropped(&self, value: &Sym, name: &str) -> Sym {
        match self.dropout > 0.0 {
            true => value.dropout(name, self.dropout),
            false => value.clone(),
        }
    }
}

impl Architecture for SasRec {
    const NAME: &'static str = "sasrec";
    const ABOUT: &'static str =
        "(last step of a transformer over the item factors of the latest items) . item factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let items = item_table(schema, self.width, self.initializer, self.l2);
        let steps = history(schema, self.length, &items)?.positions("positions", self.initializer);
        let steps = self.dropped(&steps, "input_dropout");
        let steps = (1..=self.blocks).fold(steps, |steps, at| self.block(at, &steps));
        scored(Self::NAME, schema, &steps.layer_norm("norm"), &items)
    }
}
