//! What a recommender refuses.

use recburn_data::{DataError, shown};
use recburn_nn::{MemoryError, WeightsError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecommenderError {
    /// A raw id that the data did not have.
    #[error(
        "there is no {what} `{}` among the {known} that the model knows{near}",
        shown(id)
    )]
    UnknownId {
        /// `user` or `item`.
        what: &'static str,
        /// What was asked for.
        id: String,
        /// How many there are.
        known: usize,
        /// In words: those that may be meant, or a few examples.
        near: String,
    },
    /// A name that is no embedding table of the model.
    #[error("the model has no embedding table `{name}`; it has {known}")]
    UnknownTable {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A table of users where one of items is needed.
    #[error("`{name}` is a table of users; {known}")]
    UserTable {
        /// What was asked for.
        name: String,
        /// The tables of items, in words.
        known: String,
    },
    /// What the model reads of users and items is missing, or does not fit.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A folder that holds no model.
    #[error("{path} is not a saved model: {reason}")]
    NotAModel {
        /// The folder or the file in it.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// Data and model of different sizes.
    #[error("the model's {what} table has {rows} rows, but the ids need {needed}")]
    Rows {
        /// `user` or `item`.
        what: &'static str,
        /// Of the table.
        rows: usize,
        /// Of the ids.
        needed: usize,
    },
    /// A network that is not the saved model's, apart from the number of rows.
    #[error(
        "only a model of the same graph can start from a saved one's weights: {}",
        differences.join("; ")
    )]
    OtherGraph {
        /// What differs, in words.
        differences: Vec<String>,
    },
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Weights that cannot be read, written or loaded.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Weights of a saved model that are not those of its graph.
    #[error("{path} holds the weights of another model")]
    Saved {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: WeightsError,
    },
    /// A file that cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A file that cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
