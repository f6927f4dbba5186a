//! A trained model together with its ids.
//!
//! Training works with rows; users of a model work with ids and titles. A [`Recommender`] holds both: a network, the
//! maps between raw ids and rows, the titles, the rating scale, the subtracted mean, and the items that each user has
//! seen. It answers queries for raw ids, and is saved as one folder, completely or not at all; after loading, its
//! answers are identical.
//!
//! [`Recommender::profile`] makes out who somebody is: a known user, a visitor with a few ratings of their own, whose row is
//! fitted while the model stays as it is, or both. [`Recommender::top`] makes a list for a profile. A model of your own takes
//! the place of the network if it is [`Portable`].

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
