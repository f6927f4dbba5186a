//! Denoising autoencoder of a user's items with a multinomial likelihood: `score_i = w_i . h + c_i`, where
//! `h = tanh(tanh(x W + b) V + d)` or, without a second layer, `h = tanh(x W + b)`.
//!
//! - as [`mult_vae`](crate::mult_vae) without a latent Gaussian: encoder `[items, hidden]`, a code of `code` numbers if it
//!   is not 0, item factors and item bias
//! - trained on profiles of which a share is hidden (`examples = "profiles"`, `hidden = 0.5`, `loss = "softmax"`)
//! - no table of users: who is not in the data is encoded like everybody else
//! - source: Liang, Krishnan, Hoffman and Jebara 2018, "Variational autoencoders for collaborative filtering", Mult-DAE

use crate::architecture::{Architecture, ModelError};
use crate::features::items_of_user;
use crate::mult_vae::{decoded, encoded};
use recburn_graph::{Activation, Graph, Initializer, TableOptions};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of the denoising autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MultDae {
    /// Width of the hidden layer of the encoder.
    pub hidden: usize,
    /// Width of a second layer, from which the scores are decoded; 0 for none.
    pub code: usize,
    /// Penalty on the item tables of encoder and decoder.
    pub l2: f64,
    /// Start of these tables.
    pub initializer: Initializer,
}

impl Default for MultDae {
    fn default() -> Self {
        Self {
            hidden: 200,
            code: 0,
            l2: 0.0,
            initializer: Initializer::GlorotUniform,
        }
    }
}

impl Architecture for MultDae {
    const NAME: &'static str = "mult_dae";
    const ABOUT: &'static str = "the encoded items of the user . item factors + item bias";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let options = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            ..TableOptions::default()
        };
        let encoded = encoded(&items_of_user(schema)?, self.hidden, options);
        let (user, width) = match self.code {
            0 => (encoded, self.hidden),
            code => (encoded.dense("code", code, Activation::Tanh), code),
        };
        let score = decoded(&user, schema.items(), width, options);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
