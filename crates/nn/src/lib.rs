//! The picture run.
//!
//! A [`Network`] is the one Burn `Module` behind every [`Graph`](recburn_graph::Graph). Its tables are [`Embedding`]s,
//! whose weights stay off the autodiff device: in training a forward pass asks the step's [`Tape`] for what the batch
//! reads of them, gets it as a leaf that collects its gradient, and notes it. A step costs its batch, not its tables. A
//! hand-written `#[derive(Module)]` struct that uses the same layers is as welcome: [`PairModel`] is all it needs.
//!
//! Nodes that belong together are run together (`plan`): a product of two embeddings with its biases is one [`Factors`]
//! score, embeddings side by side are one read, and a dense layer is one operation where Burn's processor backend runs
//! it (feature `flex`). The picture stays as it was drawn, and a test holds both ways to the same numbers.

mod dense;
mod dropout;
mod embedding;
mod factors;
#[cfg(feature = "flex")]
mod fused;
mod home;
mod host;
mod ids;
mod import;
mod initialize;
mod memory;
mod network;
mod pair_model;
mod plan;
#[cfg(feature = "flex")]
mod product;
mod tape;
mod walk;
mod weights;

pub use dense::{Dense, activate};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use factors::{Factorisation, Factors, Link};
pub use home::{Backend, Home, backend_of, home_of};
pub use ids::{Ids, Side};
pub use import::{Layout, Misfit};
pub use initialize::Draw;
pub use memory::{Bytes, Memory, MemoryError, bytes};
pub use network::Network;
pub use pair_model::{PairModel, TableInfo, device_of, predict, predict_for_user, tables};
pub use recburn_graph::L2On;
pub use tape::{Read, RowSource, Tape, Touched};
pub use weights::{Weight, Weights, WeightsError};
