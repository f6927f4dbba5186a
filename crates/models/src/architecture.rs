//! What an architecture is, and how the table holds architectures of different options.

use crate::preset::Preset;
use recburn_graph::{Graph, GraphError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// What of a data set an architecture needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dims {
    /// Rows of the user tables.
    pub users: usize,
    /// Rows of the item tables.
    pub items: usize,
    /// Lowest and highest rating, as the model is to predict them (after centring, if there is one).
    pub scale: (f32, f32),
}

/// A struct of options that draws a graph.
pub trait Architecture: Default + Serialize + DeserializeOwned {
    /// Its name: of the file, of the example, in the table.
    const NAME: &'static str;
    /// One line: the formula.
    const ABOUT: &'static str;

    /// Draws the picture.
    fn graph(&self, dims: Dims) -> Result<Graph, GraphError>;

    /// Hyper-parameters to start from; the first is what is used when none is asked for.
    fn presets() -> Vec<Preset>;
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// The formula.
    pub about: &'static str,
    /// Named hyper-parameters; the first is the default.
    pub presets: fn() -> Vec<Preset>,
    /// The default options.
    pub options: fn() -> Value,
    build: fn(&Value, Dims) -> Result<Graph, ModelError>,
}

/// Why a model cannot be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No such architecture.
    #[error("there is no model `{name}`; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No such preset.
    #[error("{model} has no preset `{name}`; it has {known}")]
    UnknownPreset {
        /// The architecture.
        model: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Options that the architecture does not have, or of another type.
    #[error("these options are not those of {model}")]
    Options {
        /// The architecture.
        model: &'static str,
        /// What is wrong with them.
        source: serde_json::Error,
    },
    /// The picture cannot run.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl Entry {
    /// The row of one architecture.
    pub fn of<A: Architecture>() -> Self {
        Self {
            name: A::NAME,
            about: A::ABOUT,
            presets: A::presets,
            options: || serde_json::to_value(A::default()).expect("options are plain data"),
            build: |options, dims| {
                let architecture: A =
                    serde_json::from_value(options.clone()).map_err(|source| {
                        ModelError::Options {
                            model: A::NAME,
                            source,
                        }
                    })?;
                Ok(architecture.graph(dims)?)
            },
        }
    }

    /// Draws the picture with these options; what they leave out has its default.
    pub fn graph(&self, options: &Value, dims: Dims) -> Result<Graph, ModelError> {
        (self.build)(options, dims)
    }

    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Result<Preset, ModelError> {
        let presets = (self.presets)();
        let known = presets
            .iter()
            .map(|preset| preset.name)
            .collect::<Vec<_>>()
            .join(", ");
        presets
            .into_iter()
            .find(|preset| preset.name == name)
            .ok_or_else(|| ModelError::UnknownPreset {
                model: self.name,
                name: name.to_string(),
                known,
            })
    }
}
