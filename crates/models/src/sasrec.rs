//! SASRec: predicts the next item of a history by self-attention over its latest items: `score = h . q_i`, where `h` is the
//! last step of a transformer over the rows `q` of these items.
//!
//! - tables: item factors `[items, width]`, shared by history and candidates; there are no user factors, so that a user is
//!   known by the history alone
//! - layers: a learned row per position added to each item's row, dropout; then `blocks` times
//!   `x + dropout(attention(norm(x)))` and `x + dropout(W2 relu(W1 norm(x)))`, and a final layer normalisation
//! - trained on every position of a history at once (`NextItem`), each of which sees itself and the positions before it; a
//!   list of recommendations comes from the last position. Of histories longer than `length` the latest items are read; an
//!   empty history scores every item 0
//! - source: Kang and McAuley 2018, "Self-Attentive Sequential Recommendation", with the dropout of section III-B and the
//!   final normalisation of the authors' code

use crate::architecture::{Architecture, ModelError};
use crate::objective::ExampleKind;
use crate::preset::{Preset, Training, phases};
use recburn_graph::{
    Activation, Graph, Initializer, Input, Kind, Side, Sym, Table, TableOptions, add, dot,
};
use recburn_optim::Loss;
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of SASRec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SasRec {
    /// Width of the item factors and of each step.
    pub width: usize,
    /// How many of the latest items of a history are read.
    pub length: usize,
    /// Number of blocks of attention and dense layers.
    pub blocks: usize,
    /// Heads of each attention layer, a divisor of the width.
    pub heads: usize,
    /// Dropout rate.
    pub dropout: f64,
    /// Penalty on the item factors.
    pub l2: f64,
    /// Initial values of the item factors and of the positions.
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
        let rows = schema.items();
        let options = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            ..TableOptions::default()
        };
        let items = Table::with("item_factors", rows, self.width, options);
        let kind = Kind::Sequence {
            rows,
            length: self.length,
        };
        let recent = Input::new("recent", Side::User, kind);
        schema.serves(std::slice::from_ref(&recent))?;
        let steps = Sym::sequence(&recent)
            .look_up("recent_items", &items)
            .positions("positions", self.initializer);
        let steps = self.dropped(&steps, "input_dropout");
        let steps = (1..=self.blocks).fold(steps, |steps, at| self.block(at, &steps));
        let user_vector = steps.layer_norm("norm").at_query("user_vector");
        let item_vector = Sym::item(rows).look_up("item_vector", &items);
        let score = dot("score", &user_vector, &item_vector);
        Ok(Graph::new(Self::NAME, &score)?)
    }

    fn presets() -> Vec<Preset> {
        let next_item = |data: &str| Training {
            split: "leave-last-out:1".to_string(),
            examples: ExampleKind::NextItem,
            negatives: Some("catalogue".to_string()),
            loss: Loss::Softmax,
            ..Training::on(data)
        };
        vec![
            Preset::new(
                "default",
                "ours: the sample, a few seconds",
                &Self {
                    width: 32,
                    length: 20,
                    blocks: 1,
                    ..Self::default()
                },
                Training {
                    batch: 32,
                    phases: phases([(20, 0.005)]),
                    ..next_item("sample")
                },
            ),
            Preset::new(
                "100k",
                "ours: MovieLens 100K, the last item of each user held out",
                &Self::default(),
                Training {
                    batch: 64,
                    phases: phases([(40, 0.001)]),
                    ..next_item("ml-100k")
                },
            ),
        ]
    }
}
