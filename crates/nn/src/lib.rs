//! The picture run.
//!
//! A [`Network`] is the one Burn `Module` behind every [`Graph`](recburn_graph::Graph). Its tables are [`Embedding`]s,
//! whose weights stay off the autodiff device: in training a forward pass asks the step's [`Pass`] for what the batch
//! reads of them, gets it as a leaf that collects its gradient, and notes it. A step costs its batch, not its tables. A
//! hand-written `#[derive(Module)]` struct that uses the same layers is as welcome: [`PairModel`] is all it needs, or
//! [`Model`] if it reads more than users and items.
//!
//! Nodes that belong together are run together (`plan`): a product of two embeddings with its biases is one [`Factors`]
//! score, embeddings side by side are one read, and a dense layer is one operation where Burn's processor backend runs
//! it (feature `flex`). The picture stays as it was drawn, and a test holds both ways to the same numbers.

mod columns;
mod dense;
mod dropout;
mod embedding;
mod factors;
mod forward;
#[cfg(feature = "flex")]
mod fused;
mod home;
mod host;
mod import;
mod initialize;
mod inputs;
mod memory;
mod model;
mod network;
mod pass;
mod plan;
mod predict;
mod tables;
mod walk;
mod weights;

pub use columns::{Axis, ColumnId, Columns, Ids, Key};
pub use dense::{Dense, activate};
pub use dropout::Dropout;
pub use embedding::{Embedding, pool_scale};
pub use factors::{Factorisation, Factors, Link};
pub use home::{Backend, Home, backend_of, home_of};
pub use import::{Layout, Misfit};
pub use initialize::Draw;
pub use inputs::{Bag, Inputs};
pub use memory::{Bytes, Memory, MemoryError, bytes};
pub use model::{Model, PairModel, device_of};
pub use network::Network;
pub use pass::{Pass, Read, RowSource, Touched};
pub use predict::{Fill, predict, predict_for_user, predict_with, score_batch};
pub use recburn_graph::{L2On, Pool};
pub use tables::{TableInfo, tables};
pub use weights::{Weight, Weights, WeightsError};
