//! A trained model together with its ids.
//!
//! Training speaks of rows; people speak of users and titles. A [`Recommender`] holds both sides: a network, the maps
//! between raw ids and rows, the titles, the rating scale, the mean that was subtracted, and what each user has seen.
//! It answers for raw ids, and is saved as one folder, whole or not at all, with equal answers after loading.

mod embeddings;
mod error;
mod evaluate;
mod folder;
mod lists;
mod near;
#[cfg(feature = "parquet")]
mod parquet;
mod recommender;
mod seen;
mod similar;
mod top;
mod warm;

pub use embeddings::EmbeddingTable;
pub use error::RecommenderError;
pub use evaluate::Evaluation;
pub use lists::{List, ListOptions, Recommendation};
pub use recommender::{Prediction, Recommender, Scores};
pub use seen::{Role, Rows, Seen};
pub use similar::{Similar, SimilarList, SimilarOptions};
