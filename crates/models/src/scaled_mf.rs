//! Bounded matrix factorisation: `score = min + (max - min) sigmoid(p_u . q_i + b_u + c_i)`.
//!
//! - tables: as in `biased_mf`, all four with a penalty
//! - the score is bounded to the rating scale, so ratings are not centred
//! - source: Salakhutdinov and Mnih 2007 (the logistic), Koren, Bell and Volinsky 2009 (the biases); the notebook
//!   "explicit MF", sigmoid-scaled (MovieLens 100K)

use crate::architecture::{Architecture, ModelError};
use crate::biased_mf::BiasedMf;
use recburn_graph::{Activation, Graph, Initializer, L2On};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of bounded matrix factorisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScaledMf {
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
    /// Lowest and highest score; the scale of the data by default.
    pub range: Option<(f32, f32)>,
}

impl Default for ScaledMf {
    fn default() -> Self {
        Self {
            factors: 50,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            range: None,
        }
    }
}

impl Architecture for ScaledMf {
    const NAME: &'static str = "scaled_mf";
    const ABOUT: &'static str = "sigmoid of biased_mf, rescaled to the rating range";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let inside = BiasedMf {
            factors: self.factors,
            l2: self.l2,
            bias_l2: self.bias_l2,
            l2_on: self.l2_on,
            initializer: self.initializer,
        };
        let (min, max) = self.range.unwrap_or(schema.scale);
        let score = inside
            .parts(schema, "sum")
            .score
            .activation("squashed", Activation::Sigmoid)
            .rescale("score", min, max);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
