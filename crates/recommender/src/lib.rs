//! A trained model together with its ids.
//!
//! Training works with rows; users of a model work with ids and titles. A [`Recommender`] holds both: a network, the
//! maps between raw ids and rows, the titles, the rating scale, the subtracted mean, and the items that each user has
//! seen. It answers queries for raw ids, and is saved as one folder, completely or not at all; after loading, its
//! answers are identical.
//!
//! [`Recommender::profile`] represents a known user, a visitor with a few ratings (whose row is fitted while the model is
//! left unchanged), or a known user with new ratings; [`Recommender::top`] returns the list for a profile. A custom model
//! can replace the network; to be saved and loaded it implements [`Portable`].

mod all;
mod any;
mod ask;
mod candidates;
mod classical;
mod digests;
mod embeddings;
mod error;
mod evaluate;
mod everybody;
mod explain;
mod factors;
mod fold;
mod folder;
mod library;
mod lists;
mod near;
mod noise;
mod of_all;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod parts;
mod portable;
mod predict;
mod profile;
mod query;
mod recommender;
mod seen;
mod seen_file;
mod seen_merged;
mod similar;
mod stars;
mod tables;
mod top;
mod vectors;
mod warm;

pub use all::Parts;
pub use any::AnyRecommender;
pub use classical::ClassicalRecommender;
pub use digests::SavedAs;
pub use embeddings::EmbeddingTable;
pub use error::RecommenderError;
pub use evaluate::Evaluation;
pub use explain::{Contribution, Explanation};
pub use factors::FoldInFactors;
pub use library::Scores;
pub use lists::{List, ListOptions, Recommendation};
pub use part::Part;
pub use parts::ModelParts;
pub use portable::{Portable, RebuildError};
pub use predict::Prediction;
#[doc(hidden)]
pub use profile::Prior;
pub use profile::{Profile, ProfileRow, Source};
pub use query::Query;
pub use recommender::Recommender;
pub use seen::{Role, Rows, Seen};
pub use similar::{Similar, SimilarList, SimilarOptions};
#[doc(hidden)] // for the service, which filters by more than lists do
pub use top::best_where;
