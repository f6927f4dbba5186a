//! A trained model together with its ids.
//!
//! Training speaks of rows; people speak of users and titles. A [`Recommender`] holds both sides: a network, the maps
//! between raw ids and rows, the titles, the rating scale, the mean that was subtracted, and what each user has seen.
//! It answers for raw ids, and is saved as one folder, whole or not at all, with equal answers after loading.
//!
//! [`Recommender::profile`] represents a known user, a visitor with a few ratings (whose row is fitted while the model is
//! left unchanged), or a known user with new ratings; [`Recommender::top`] returns the list for a profile. A custom model
//! can replace the network; to be saved and loaded it implements [`Portable`].

mod ask;
mod embeddings;
mod error;
mod evaluate;
mod fold;
mod folder;
mod lists;
mod near;
mod noise;
#[cfg(feature = "parquet")]
mod parquet;
mod portable;
mod predict;
mod profile;
mod query;
mod recommender;
mod seen;
mod seen_file;
mod similar;
mod tables;
mod top;
mod vectors;
mod warm;

pub use embeddings::EmbeddingTable;
pub use error::RecommenderError;
pub use evaluate::Evaluation;
pub use lists::{List, ListOptions, Recommendation};
pub use portable::{Portable, RebuildError};
pub use predict::Prediction;
#[doc(hidden)]
pub use profile::Prior;
pub use profile::{Profile, ProfileRow, Source};
pub use query::Query;
pub use recommender::{Recommender, Scores};
pub use seen::{Role, Rows, Seen};
pub use similar::{Similar, SimilarList, SimilarOptions};
