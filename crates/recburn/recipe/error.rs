//! Errors of recipes.

use crate::models::ModelError;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no recipe.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The model has no recipe with this name.
    #[error("{model} has no preset `{name}`; it has {known}")]
    Unknown {
        /// The model.
        model: String,
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// There is no such model, or its options are not these.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file is not a recipe.
    #[error("{name} is not a recipe")]
    Parse {
        /// The file.
        name: String,
        /// What is wrong, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A figure cannot be compared.
    #[error("{name}: {what}")]
    Figure {
        /// The file.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
}
