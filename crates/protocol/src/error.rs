//! Errors of protocols, cards and comparisons.

use recburn_data::DataError;
use recburn_metrics::{ComparisonError, MetricError, RankingError};
use recburn_read::ReadError;
use std::path::PathBuf;

/// An error of a model, of any type.
pub type ModelError = Box<dyn std::error::Error + Send + Sync>;

/// Why a protocol cannot be run.
///
/// As in every crate, the cause of an error is its `source()` and not part of its message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// There is no such protocol.
    #[error("there is no protocol `{name}`; there are {known}")]
    Unknown {
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// The parts of a protocol do not fit together.
    #[error("protocol `{protocol}`: {wrong}")]
    Setting {
        /// The protocol.
        protocol: String,
        /// What is wrong.
        wrong: String,
    },
    /// The data set cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The data set cannot be filtered or split.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The files of a given split are nowhere.
    #[error(
        "protocol `{protocol}` needs the files {files} of {data}, which are in none of these folders: {looked}"
    )]
    NoFiles {
        /// The protocol.
        protocol: String,
        /// The data set.
        data: String,
        /// The training file and the test file.
        files: String,
        /// The folders that were searched.
        looked: String,
    },
    /// The data are not those of the protocol.
    #[error("protocol `{protocol}`: {what} is {found}, but the protocol's is {expected}: {advice}")]
    Other {
        /// The protocol.
        protocol: String,
        /// What differs.
        what: String,
        /// That of the data at hand.
        found: String,
        /// That of the protocol.
        expected: String,
        /// What that means.
        advice: &'static str,
    },
    /// A model that predicts no ratings, under a protocol that asks for them.
    #[error(
        "protocol `{protocol}` asks for ratings, but the scores of {model} only order items: choose a protocol of rankings, \
         such as p1"
    )]
    NoRatings {
        /// The protocol.
        protocol: String,
        /// The model.
        model: String,
    },
    /// A run without seeds.
    #[error("at least one seed is needed")]
    NoSeeds,
    /// A model has an error.
    #[error("{model} failed on {fold}, seed {seed}")]
    Model {
        /// The model.
        model: String,
        /// The split.
        fold: String,
        /// The seed of the model.
        seed: u64,
        /// Its error.
        source: ModelError,
    },
    /// A model does not predict each row.
    #[error("{model} predicted {found} of {expected} rows")]
    Rows {
        /// The model.
        model: String,
        /// The number of predictions.
        found: usize,
        /// The number of rows.
        expected: usize,
    },
    /// Predictions that cannot be measured.
    #[error("the predictions of {model} cannot be measured")]
    Predictions {
        /// The model.
        model: String,
        /// Why.
        source: MetricError,
    },
    /// Lists that cannot be measured.
    #[error("the lists of {model} cannot be measured")]
    Lists {
        /// The model.
        model: String,
        /// Why.
        source: RankingError,
    },
}

/// Why a card cannot be saved or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The file cannot be written; the message names it.
    #[error(transparent)]
    Write(std::io::Error),
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no card.
    #[error("{} is not a card of results", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The file is a card of another version of protocols.
    #[error(
        "{} is a card of version {found}, but this program reads version {expected}: run the protocol again, since figures of \
         different versions cannot be compared",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The version that can be read.
        expected: u32,
    },
}

/// Why cards cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// Fewer than two cards.
    #[error("{cards} cards: at least two are needed for a comparison")]
    Few {
        /// The number of cards.
        cards: usize,
    },
    /// Figures under different protocols, or on different rows.
    #[error(
        "{left} and {right} cannot be compared: {what} is {of_left} of one and {of_right} of the other"
    )]
    Differ {
        /// A model.
        left: String,
        /// Another one.
        right: String,
        /// What differs.
        what: String,
        /// That of the first.
        of_left: String,
        /// That of the second.
        of_right: String,
    },
    /// A card without a measure.
    #[error("the card of {model} has no {measure}")]
    Missing {
        /// The model.
        model: String,
        /// The measure.
        measure: String,
    },
    /// Columns that no test can compare.
    #[error("{measure} of {left} and {right} cannot be tested")]
    Test {
        /// The measure.
        measure: String,
        /// A model.
        left: String,
        /// Another one.
        right: String,
        /// Why.
        source: ComparisonError,
    },
}
