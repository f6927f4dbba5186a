//! A deep-learning model zoo for recommendation on [Burn](burn).
//!
//! Port a Keras or fastai collaborative-filtering notebook line by line, train it at the speed of the hardware, and put
//! the result into a product.
//!
//! ```
//! use recburn::prelude::*;
//! use recburn::recommender::Seen;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dataset = Dataset::open("sample")?; // synthetic, embedded; or a file, or a MovieLens set by name
//! let split = dataset.split(&SplitKind::Mask { train: 0.8 }, 42)?;
//!
//! let user = Sym::user(dataset.users.rows());
//! let item = Sym::item(dataset.items.rows());
//! let affinity = dot("affinity", &user.embed("user_factors", 8), &item.embed("item_factors", 8));
//! let score = add("score", [&affinity, &user.embed("user_bias", 1), &item.embed("item_bias", 1)]);
//! let mut model = Network::new(Graph::new("biased_mf", &score)?, 42, &pick_device(None)?);
//! println!("{model}");
//!
//! let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(256).with(Progress::new());
//! trainer.fit(&mut model, &split.train, Some(&split.valid), 3)?;
//!
//! let seen = Seen::of_split(&dataset, &split);
//! let recommender = Recommender::new(model, &dataset, seen, Centre::none(), Default::default())?;
//! for film in recommender.recommend("1", 10)? {
//!     println!("{:.2}  {}", film.clipped, film.title);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It prints a summary of the model like Keras's, a line per epoch, and the recommendations:
//!
//! ```text
//! Model: biased_mf
//! | Layer (type)             | Output shape | Parameters | Connected to                   |
//! |--------------------------|--------------|------------|--------------------------------|
//! | user (Input)             | [batch]      |          0 | -                              |
//! | user_factors (Embedding) | [batch, 8]   |      4,880 | user                           |
//! | item (Input)             | [batch]      |          0 | -                              |
//! | item_factors (Embedding) | [batch, 8]   |     77,792 | item                           |
//! | affinity (Dot)           | [batch, 1]   |          0 | user_factors, item_factors     |
//! | user_bias (Embedding)    | [batch, 1]   |        610 | user                           |
//! | item_bias (Embedding)    | [batch, 1]   |      9,724 | item                           |
//! | score (Add)              | [batch, 1]   |          0 | affinity, user_bias, item_bias |
//! Total parameters: 93,006
//! Trainable parameters: 93,006
//! Non-trainable parameters: 0
//!
//! epoch 1/3  loss 5.0129  valid loss 1.5403  rmse 1.2411  mae 0.9720  0.06 s  1,410,990 ratings/s
//! epoch 2/3  loss 1.1264  valid loss 1.2097  rmse 1.0999  mae 0.8696  0.04 s  1,954,721 ratings/s
//! epoch 3/3  loss 0.9068  valid loss 1.1630  rmse 1.0784  mae 0.8491  0.06 s  1,445,455 ratings/s
//! 5.00  The Marble Anchor (1979)
//! 5.00  The Gilded Autumn (2004)
//! 5.00  The Early Theater (2015)
//! 4.81  Empty Library (1984)
//! 4.79  The Crimson Prophet (2004)
//! 4.66  Return of the Painted Heart (2002)
//! 4.65  The Elegant Judge (1996)
//! 4.59  Radiant Road (2008)
//! 4.56  Patient Castle (2004)
//! 4.56  Quiet Museum (1990)
//! ```
//!
//! # Models
//!
//! | model | score |
//! |---|---|
//! | [`dot_mf`](models::dot_mf) | user factors · item factors |
//! | [`biased_mf`](models::biased_mf) | … + user bias + item bias |
//! | [`scaled_mf`](models::scaled_mf) | sigmoid of that, rescaled to the rating range |
//! | [`non_negative_mf`](models::non_negative_mf) | user factors · item factors, all non-negative |
//! | [`concat_mlp`](models::concat_mlp) | a stack of dense layers over the concatenated factors |
//! | [`residual_mf`](models::residual_mf) | `biased_mf` plus such a stack |
//! | [`gmf`](models::gmf) | the elementwise product of both factors, weighted |
//! | [`svdpp`](models::svdpp) | (user factors + pooled factors of the user's rated items) · item factors, with biases |
//! | [`neumf`](models::neumf) | an elementwise product and a stack of dense layers over separate factors, in one output layer |
//! | [`autorec`](models::autorec) | the code of all ratings of an item · user factors + user bias, or with exchanged roles |
//! | [`two_tower`](models::two_tower) | dense layers over a user's features · dense layers over an item's features, with biases |
//! | [`factorisation_machine`](models::factorisation_machine) | linear terms and pairwise products of ids, features and event columns |
//! | [`wide_and_deep`](models::wide_and_deep) | linear terms of all columns + dense layers over their factors |
//! | [`deep_fm`](models::deep_fm) | a factorisation machine + dense layers over the same factors |
//! | [`dcn_v2`](models::dcn_v2) | cross layers and dense layers over the factors of all columns |
//! | [`sasrec`](models::sasrec) | the last step of a transformer over the user's latest items · item factors |
//! | [`gru4rec`](models::gru4rec) | the last state of recurrent units over the user's latest items · item factors |
//! | [`narm`](models::narm) | the last state and an attentive sum of all states, through a dense layer · item factors |
//! | [`bpr_mf`](models::bpr_mf) | a factorisation trained on positives and sampled negatives, evaluated by lists |
//! | [`light_gcn`](models::light_gcn) | user factors · item factors, both smoothed along the graph of interactions |
//! | [`mult_vae`](models::mult_vae) | a draw around the encoded items of a user, decoded · item factors + item bias |
//! | [`mult_dae`](models::mult_dae) | the encoded items of a user, some of them hidden · item factors + item bias |
//! | [`ease`](classical::ease), [`slim`](classical::slim), [`ials`](classical::ials), [`pure_svd`](classical::pure_svd) | lists in closed form: item-item weights, or factors of positives against all pairs |
//! | [`item_knn`](classical::item_knn), [`user_knn`](classical::user_knn), [`popularity`](classical::popularity), [`blend`](classical::blend) | neighbours, counts, and a weighted sum of several |
//! | [`bayesian_fm`](classical::bayesian_fm), [`bias`](classical::bias), [`mean`](classical::mean) | ratings without gradient steps |
//! | your own | a graph of [`graph::Sym`] values, or any Burn module that implements [`nn::PairModel`] or [`nn::Model`] |
//!
//! [`Experiment::preset`] trains a model of the zoo with the hyper-parameters of the notebook that it comes from. Losses for
//! ratings and for rankings are in [`optim::Loss`].
//!
//! # Where to start
//!
//! - [Port from Keras](from_keras): how the parts of a Keras notebook are written here.
//! - [`prelude`]: the items that most programs need.
//! - Crates by purpose: [`data`] reads ratings, splits them and makes batches; [`graph`], [`models`] and [`nn`] define models;
//!   [`optim`] and [`train`] train them; [`classical`] has those that are fitted as a whole; [`protocol`] has named protocols,
//!   cards and comparisons, and [`tune`] searches for hyper-parameters; [`metrics`] and [`report`] evaluate and show the results; [`recommender`] answers
//!   for raw ids, saves and loads; [`files`] writes files atomically.
//!
//! # Backends
//!
//! Backends are features: `flex` (the default) and `ndarray` on CPUs, `wgpu` on GPUs through Vulkan, Metal or DirectX 12,
//! `cuda` on NVIDIA GPUs. Several can be compiled in; [`pick_device`] selects one. Building `cuda` downloads a prebuilt LLVM 23.1
//! from GitHub and requires a C++ compiler; running it requires NVIDIA's driver.

/// How the parts of a Keras notebook are written here.
#[cfg(doc)]
pub mod from_keras {
    #![doc = include_str!("../../docs/keras.md")]
}

// The programs on the pages of docs/, which are tested with the documentation.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/add_a_model.md")]
    struct AddAModel;
    #[doc = include_str!("../../docs/data.md")]
    struct Data;
    #[doc = include_str!("../../docs/fastai.md")]
    struct Fastai;
    #[doc = include_str!("../../docs/recbole.md")]
    struct RecBole;
    #[doc = include_str!("../../docs/surprise.md")]
    struct Surprise;
}

mod device;
mod epochs;
mod experiment;
pub mod recipe;
mod show;

pub use burn;
pub use recburn_classical as classical;
pub use recburn_files as files;
pub use recburn_graph as graph;
pub use recburn_metrics as metrics;
pub use recburn_models as models;
pub use recburn_nn as nn;
pub use recburn_optim as optim;
pub use recburn_protocol as protocol;
pub use recburn_recommender as recommender;
pub use recburn_report as report;
pub use recburn_spread as spread;
pub use recburn_train as train;
pub use recburn_tune as tune;

/// Data sets, from their files to batches: the crates `recburn-read` (files) and `recburn-data` (everything else).
pub mod data {
    pub use recburn_data::*;
    pub use recburn_read::*;
}

pub use device::{BACKENDS, DeviceError, backends, device_name, pick_device};
pub use epochs::epochs_of;
pub use experiment::{
    Experiment, ExperimentError, Prepared, SearchError, SpreadHome, SpreadPrepared, Trained,
    WarmStart,
};
pub use show::{comparison_picture, curves, effects_picture, rate_picture};

/// The version of Burn that this version of recburn is built and tested with.
pub const BURN_VERSION: &str = "0.22.1";

/// The items that most programs need.
pub mod prelude {
    pub use crate::data::{
        Centre, Dataset, IdOrder, OpenDataset, OpenOptions, Ratings, Split, SplitKind,
    };
    pub use crate::graph::{
        Activation, Graph, Initializer, Kernel, Sym, Table, TableOptions, add, concat, dot,
        multiply,
    };
    pub use crate::metrics::{RatingMetrics, rating_metrics};
    pub use crate::models::{Architecture, Schema, zoo};
    pub use crate::nn::{
        Dense, Draw, Dropout, Embedding, Ids, Inputs, Layout, Model, Network, PairModel, Weights,
    };
    pub use crate::recommender::Recommender;
    pub use crate::report::{Description, Picture, RunReport, data_picture, diagram};
    pub use crate::train::{
        Best, CsvLog, EarlyStopping, History, Loss, Measures, Mode, Plateau, Progress, Rule,
        Schedule, Trainer, evaluate, score_rows,
    };
    pub use crate::{Experiment, Prepared, curves, device_name, pick_device};
    pub use burn::module::Module;
    pub use burn::tensor::{Device, Tensor};
}
