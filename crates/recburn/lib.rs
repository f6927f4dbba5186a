//! A deep-learning model zoo for recommendation on [Burn](burn).
//!
//! Port a Keras or fastai collaborative-filtering notebook line by line, train it at the speed of the hardware, and put
//! the result into a product.
//!
//! ```
//! use recburn::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = device(None)?;
//! let dataset = open("sample", &Open::default())?;
//! let split = dataset.split(&SplitKind::Fraction { train: 0.8 }, 42)?;
//!
//! let user = Sym::user(dataset.users.rows());
//! let item = Sym::item(dataset.items.rows());
//! let score = dot("score", &user.embed("user_factors", 8), &item.embed("item_factors", 8));
//! let mut model = Network::new(Graph::new("dot_mf", &score)?, 42, &device);
//! println!("{model}");
//!
//! let mut trainer = Trainer::new(Rule::ADAM, 0.005).batch(1_024).seed(42);
//! trainer.fit(&mut model, &split.train, Some(&split.valid), 1)?;
//! # Ok(())
//! # }
//! ```
//!
//! The rooms, each a crate of its own: [`data`], [`metrics`], [`graph`], [`models`], [`optim`], [`nn`], [`train`],
//! [`recommender`], [`report`], [`files`]. What a product or a notebook needs of them is in the [`prelude`].
//!
//! Backends are features: `flex` (the default) and `ndarray` on processors, `wgpu` on GPUs through Vulkan, Metal or
//! DirectX 12, `cuda` on those of NVIDIA's. Several can be compiled in; [`device()`] chooses. Building `cuda` fetches a
//! prebuilt LLVM 23.1 from GitHub and takes a C++ compiler; running it takes NVIDIA's driver.

mod device;
mod epochs;
mod experiment;
mod show;

pub use burn;
pub use recburn_files as files;
pub use recburn_graph as graph;
pub use recburn_metrics as metrics;
pub use recburn_models as models;
pub use recburn_nn as nn;
pub use recburn_optim as optim;
pub use recburn_recommender as recommender;
pub use recburn_report as report;
pub use recburn_train as train;

/// Data sets, from their files to batches: the crates `recburn-read` (files) and `recburn-data` (everything else).
pub mod data {
    pub use recburn_data::*;
    pub use recburn_read::*;
}

pub use device::{BACKENDS, DeviceError, backends, device, device_name};
pub use epochs::epochs_of;
pub use experiment::{Experiment, ExperimentError, Prepared, WarmStart};
pub use show::curves;

/// The version of Burn that this version of recburn is built and tested with.
pub const BURN_VERSION: &str = "0.22.1";

/// The items that most programs need.
pub mod prelude {
    pub use crate::data::{Centre, Dataset, IdOrder, Open, Ratings, Split, SplitKind, open};
    pub use crate::graph::{
        Activation, Graph, Initializer, Kernel, Sym, Table, add, concat, dot, multiply,
    };
    pub use crate::metrics::{RatingMetrics, rating_metrics};
    pub use crate::models::{Architecture, Schema, find, zoo};
    pub use crate::nn::{
        Dense, Draw, Dropout, Embedding, Ids, Inputs, Layout, Model, Network, PairModel, Weights,
    };
    pub use crate::recommender::Recommender;
    pub use crate::report::{Description, Picture, RunReport, data_picture, diagram};
    pub use crate::train::{
        Best, CsvLog, EarlyStopping, History, Loss, Measures, Mode, Plateau, Progress, Rule,
        Schedule, Trainer, evaluate, score_rows,
    };
    pub use crate::{Experiment, Prepared, curves, device, device_name};
    pub use burn::module::Module;
    pub use burn::tensor::{Device, Tensor};
}
