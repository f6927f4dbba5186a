//! Graphs on Burn: layers, networks and weights.
//!
//! A [`Network`] is the Burn `Module` that runs any [`Graph`](recburn_graph::Graph). Its tables are [`Embedding`]s,
//! whose weights stay off the autodiff device: in training a forward pass requests the rows that the batch reads from
//! the step's [`Pass`], which returns them as a leaf that collects their gradient, and records it. The cost of a step
//! depends on the batch, not on the tables. A custom `#[derive(Module)]` struct can use the same layers: it only needs
//! to implement [`PairModel`], or [`Model`] if it reads more than users and items.
//!
//! Some nodes are run together (`plan`): a product of two embeddings with its biases is one [`Factors`] score,
//! concatenated embeddings are one read, and a dense layer is one operation on Burn's CPU backend (feature `flex`). The
//! graph itself is unchanged, and a test checks that both ways give the same results.

mod catalogue;
mod columns;
mod dense;
mod dropout;
mod embedding;
mod factors;
mod forward;
#[cfg(feature = "flex")]
mod fused;
mod gru;
mod halves;
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
mod sampling;
mod steps;
mod tables;
mod tower_plan;
mod towers;
mod walk;
mod weights;
mod weights_file;

pub use catalogue::{Catalogue, UserScores};
pub use columns::{Axis, ColumnId, Columns, Ids, Key};
pub use dense::{Dense, activate};
pub use dropout::Dropout;
pub use embedding::{Embedding, pool_scale};
pub use factors::{Factorisation, Factors, Link};
pub use gru::Gru;
pub use halves::Halves;
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
pub use steps::{AdditiveAttention, Attention, Positions};
pub use tables::{TableInfo, tables};
pub use towers::Towers;
pub use weights::{Numbers, Weight, Weights, WeightsError, save_numbers};
pub use weights_file::{Sink, WeightsFile, write_numbers};
