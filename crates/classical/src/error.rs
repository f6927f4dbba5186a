//! Errors of fitting, folding in, saving and loading.

use recburn_data::DataError;

/// Why a model cannot be fitted, or cannot answer.
///
/// As in every crate, the cause of an error is its `source()` and not part of its message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassicalError {
    /// There is no such method.
    #[error("there is no method `{name}`; there are {known}")]
    Unknown {
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// The options do not match the method.
    #[error("these options are not those of {method}")]
    Options {
        /// The method.
        method: &'static str,
        /// The error.
        source: serde_json::Error,
    },
    /// A setting out of its range.
    #[error("{method}: {setting} is {value}, but must be {wanted}")]
    Setting {
        /// The method.
        method: &'static str,
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Its range, in words.
        wanted: &'static str,
    },
    /// There is nothing to fit.
    #[error("{method}: there are no ratings to fit")]
    NoRatings {
        /// The method.
        method: &'static str,
    },
    /// Ratings that no model can be fitted to.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The scores do not fit into the slice for them.
    #[error("the slice for the scores holds {given} values, but the model has {expected}")]
    Length {
        /// The number of scores.
        expected: usize,
        /// The length of the slice.
        given: usize,
    },
    /// A profile contains an item that the model does not have.
    #[error("item {item} of the profile is beyond the {items} items of the model")]
    Item {
        /// The item.
        item: u32,
        /// The number of items of the model.
        items: usize,
    },
    /// A profile contains a rating that is infinite or not a number.
    #[error("the profile rates item {item} with {rating}, which is not a rating")]
    NotARating {
        /// The item.
        item: u32,
        /// The rating.
        rating: f32,
    },
    /// A computation failed although the settings are in range.
    #[error("{method}: {what}")]
    Numerical {
        /// The method.
        method: &'static str,
        /// What failed.
        what: String,
    },
    /// A saved model whose parts do not fit together.
    #[error("the saved {method} is damaged: {what}")]
    Damaged {
        /// The method.
        method: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The threads cannot be started.
    #[error("cannot start {threads} threads")]
    Threads {
        /// The requested number of threads.
        threads: usize,
        /// The error.
        source: rayon::ThreadPoolBuildError,
    },
}
