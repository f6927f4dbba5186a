//! Matrix factorisation with biases: `score = p_u . q_i + b_u + c_i`.
//!
//! - tables: user factors `[users, k]`, item factors `[items, k]`, user bias `[users, 1]`, item bias `[items, 1]`
//! - the mean of the ratings is not learnt: centre the ratings, or let the biases absorb it
//! - source: Koren, Bell and Volinsky 2009; the notebooks "baseline" (MovieLens 20M), "adding bias" (latest small) and
//!   the MovieLens latest small of 2016

use crate::architecture::{Architecture, ModelError};
use crate::preset::{Preset, Training, phases};
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

    fn presets() -> Vec<Preset> {
        let of = |factors, l2, initializer| Self {
            factors,
            l2,
            initializer,
            ..Self::default()
        };
        let keras = Initializer::EMBEDDING;
        vec![
            Preset::new(
                "default",
                "ours: a second or two on the sample",
                &Self {
                    bias_l2: 5e-5,
                    ..of(10, 1e-4, keras)
                },
                Training::quick(true),
            ),
            Preset::new(
                "ml20m",
                "notebook 000, baseline",
                &of(10, 0.0, keras),
                Training::ml20m(),
            ),
            Preset::new(
                "small18",
                "notebook 001, adding bias",
                &of(50, 1e-4, keras),
                Training {
                    split: "mask:0.8".to_string(),
                    phases: phases([(7, 0.01), (10, 0.001)]),
                    ..Training::on("ml-latest-small")
                },
            ),
            Preset::new(
                "small16",
                "notebook 002: every table starts uniform in [0, 1), as Keras 1 had it",
                &of(50, 1e-4, Initializer::Uniform { min: 0.0, max: 1.0 }),
                Training {
                    split: "mask:0.8".to_string(),
                    phases: phases([(10, 0.001), (10, 0.001)]),
                    ..Training::on("ml-latest-small-2016")
                },
            ),
            Preset::new(
                "100k",
                "notebook 003 with biases",
                &of(40, 1e-6, keras),
                Training::explicit_100k(),
            ),
        ]
    }
}
