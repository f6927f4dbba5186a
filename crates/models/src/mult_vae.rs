//! Variational autoencoder of a user's items with a multinomial likelihood: `score_i = w_i . h + c_i`, where `h` is decoded
//! from a latent vector `z` that is drawn around what is encoded from the user's items.
//!
//! - encoder: `tanh(x W + b)` of the normalised items `x_i = 1 / sqrt(n)`, as pooled rows of a table `[items, hidden]`;
//!   dense layers of one mean and one logarithm of a variance for each of `latent` numbers
//! - decoder: `h = tanh(z V + d)`, `[batch, hidden]`; item factors `w` `[items, hidden]` and item bias `c` `[items, 1]`
//! - no table of users: who is not in the data is encoded like everybody else
//! - the loss is the multinomial log-likelihood of all items of a user (`examples = "profiles"`, `loss = "softmax"`) plus
//!   `kl` times the divergence of the latent Gaussian from the standard one, a weight that rises over `warm_up` steps; the
//!   printed loss is the likelihood alone
//! - source: Liang, Krishnan, Hoffman and Jebara 2018, "Variational autoencoders for collaborative filtering"

use crate::architecture::{Architecture, ModelError};
use crate::features::items_of_user;
use recburn_graph::{
    Activation, Graph, Initializer, Pool, Sym, Table, TableOptions, add, dot, sample,
};
use recburn_schema::{Input, Schema};
use serde::{Deserialize, Serialize};

/// Options of the variational autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MultVae {
    /// Width of the hidden layer of the encoder, and of the decoder.
    pub hidden: usize,
    /// Latent numbers of a user.
    pub latent: usize,
    /// The weight of the divergence, beta.
    pub kl: f64,
    /// The steps over which that weight rises.
    pub warm_up: u64,
    /// Penalty on the item tables of encoder and decoder.
    pub l2: f64,
    /// Start of these tables.
    pub initializer: Initializer,
}

impl Default for MultVae {
    fn default() -> Self {
        Self {
            hidden: 600,
            latent: 200,
            kl: 0.2,
            warm_up: 1_000,
            l2: 0.0,
            initializer: Initializer::GlorotUniform,
        }
    }
}

/// The hidden layer of the encoder, `[batch, hidden]`.
pub(crate) fn encoded(history: &Input, hidden: usize, options: TableOptions) -> Sym {
    let rows = history.kind.rows().unwrap_or(0);
    Sym::bag(history)
        .pool(
            "encoder",
            &Table::with("encoder", rows, hidden, options),
            Pool::RootMean,
        )
        .bias("encoder_bias")
        .activation("encoded", Activation::Tanh)
}

/// The score of an item for a decoded user, `[batch, 1]`.
pub(crate) fn decoded(user: &Sym, items: usize, hidden: usize, options: TableOptions) -> Sym {
    let item = Sym::item(items);
    let free = TableOptions {
        initializer: Initializer::Zeros,
        ..TableOptions::default()
    };
    let affinity = dot(
        "affinity",
        user,
        &item.embed_with("item_factors", hidden, options),
    );
    add("score", [&affinity, &item.embed_with("item_bias", 1, free)])
}

impl Architecture for MultVae {
    const NAME: &'static str = "mult_vae";
    const ABOUT: &'static str =
        "the decoded draw around the encoded items of the user . item factors + item bias";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let options = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            ..TableOptions::default()
        };
        let encoded = encoded(&items_of_user(schema)?, self.hidden, options);
        let latent = sample(
            "latent",
            &encoded.dense("mean", self.latent, Activation::Linear),
            &encoded.dense("log_variance", self.latent, Activation::Linear),
            self.kl,
            self.warm_up,
        );
        let user = latent.dense("decoded", self.hidden, Activation::Tanh);
        let score = decoded(&user, schema.items(), self.hidden, options);
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
