//! Errors of a recommender.

use recburn_classical::ClassicalError;
use recburn_data::{DataError, Scale, shown};
use recburn_nn::{MemoryError, WeightsError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecommenderError {
    /// A raw id that is not in the data.
    #[error(
        "there is no {what} `{}` among the {known} that the model knows{near}",
        shown(id)
    )]
    UnknownId {
        /// `user` or `item`.
        what: &'static str,
        /// The requested name.
        id: String,
        /// The number of known ids.
        known: usize,
        /// As text: similar ids, or a few examples.
        near: String,
    },
    /// A rating off the scale of the data.
    #[error(
        "the rating {rating} of item `{}` is not on the scale of {} to {}",
        shown(item),
        scale.min,
        scale.max
    )]
    OffScale {
        /// The item's raw id.
        item: String,
        /// Its rating.
        rating: f32,
        /// The scale of the ratings that the model was trained on.
        scale: Scale,
    },
    /// Two different ratings of one item.
    #[error(
        "item `{}` has two different ratings, {} and {}",
        shown(item),
        ratings[0],
        ratings[1]
    )]
    RatedTwice {
        /// The item's raw id.
        item: String,
        /// Both ratings, in their order.
        ratings: [f32; 2],
    },
    /// Too many ratings.
    #[error("{seen} ratings, but at most {most} can be folded in")]
    TooManyRatings {
        /// Number of ratings.
        seen: usize,
        /// The maximum.
        most: usize,
    },
    /// Ratings none of whose items is known.
    #[error(
        "the model knows none of the {} rated items, such as `{}`",
        items.len(),
        shown(items.first().map_or("", String::as_str))
    )]
    NothingKnown {
        /// The raw ids of the items.
        items: Vec<String>,
    },
    /// The training ratings are not kept with the model.
    #[error(
        "the model keeps no ratings of its users, which this requires: a folder written by an older version has none, nor has one of data with more than 256 different ratings"
    )]
    NoRatings,
    /// A profile from a model with other tables.
    #[error("this profile was made by another model")]
    OtherProfile,
    /// The name is not an embedding table of the model.
    #[error("the model has no embedding table `{name}`; it has {known}")]
    UnknownTable {
        /// The requested name.
        name: String,
        /// The existing tables.
        known: String,
    },
    /// A table of users instead of items.
    #[error("`{name}` is a table of users; {known}")]
    UserTable {
        /// The requested name.
        name: String,
        /// The tables of items, as text.
        known: String,
    },
    /// A feature that the model reads is missing, or does not fit.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A classical model cannot answer.
    #[error(transparent)]
    Classical(#[from] ClassicalError),
    /// The model has no embedding tables.
    #[error("{method} has no embedding tables, which this requires")]
    NoTables {
        /// The method.
        method: String,
    },
    /// A genre that no item has.
    #[error("there is no genre `{}`: {known}", shown(genre))]
    UnknownGenre {
        /// The requested name.
        genre: String,
        /// The existing genres, as text.
        known: String,
    },
    /// The model's scores are not linear in a user's row.
    #[error(
        "a visitor's ratings can be folded in without the service only where a score is the product of a user's and an item's vector, and here {reason}; dot_mf, biased_mf, scaled_mf, gmf, non_negative_mf, bpr_mf and light_gcn are such models"
    )]
    NotLinear {
        /// Why it is not.
        reason: &'static str,
    },
    /// The folder does not contain a model.
    #[error("{path} is not a saved model: {reason}")]
    NotAModel {
        /// The folder or the file in it.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The sizes of data and model differ.
    #[error("the model's {what} table has {rows} rows, but the ids need {needed}")]
    Rows {
        /// `user` or `item`.
        what: &'static str,
        /// The rows of the table.
        rows: usize,
        /// The rows that the ids need.
        needed: usize,
    },
    /// The network differs from the saved model in more than the number of rows.
    #[error(
        "only a model of the same graph can start from a saved one's weights: {}",
        differences.join("; ")
    )]
    OtherGraph {
        /// The differences, as text.
        differences: Vec<String>,
    },
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Weights cannot be read, written or loaded.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The weights of a saved model do not match its graph.
    #[error("{path} holds the weights of another model")]
    Saved {
        /// The file.
        path: PathBuf,
        /// The mismatch.
        source: WeightsError,
    },
    /// A file cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
