//! The trait of architectures, and their registry entries.

use recburn_graph::{Graph, GraphError};
use recburn_schema::{Schema, SchemaError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// A struct of options that builds a graph.
pub trait Architecture: Default + Serialize + DeserializeOwned {
    /// Its name, shared by the file, the example and the registry.
    const NAME: &'static str;
    /// The formula, in one line.
    const ABOUT: &'static str;

    /// Draws the picture at the size of the data, out of the inputs that the data offer.
    ///
    /// # Errors
    ///
    /// [`ModelError::Schema`] for an input that the model needs and the data lack, [`ModelError::Graph`] for settings that
    /// cannot run.
    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError>;
}

/// An entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// The formula.
    pub about: &'static str,
    /// The default options.
    pub options: fn() -> Value,
    build: fn(&Value, &Schema) -> Result<Graph, ModelError>,
}

/// Why a model cannot be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// There is no such architecture.
    #[error("there is no model `{name}`; there are {known}")]
    Unknown {
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// The options do not match the architecture.
    #[error("these options are not those of {model}")]
    Options {
        /// The architecture.
        model: &'static str,
        /// The error.
        source: serde_json::Error,
    },
    /// The data lack an input that the model reads.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The graph is invalid.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl Entry {
    /// The entry of an architecture.
    pub fn of<A: Architecture>() -> Self {
        Self {
            name: A::NAME,
            about: A::ABOUT,
            options: || serde_json::to_value(A::default()).expect("options are plain data"),
            build: |options, schema| {
                let architecture: A =
                    serde_json::from_value(options.clone()).map_err(|source| {
                        ModelError::Options {
                            model: A::NAME,
                            source,
                        }
                    })?;
                architecture.graph(schema)
            },
        }
    }

    /// Builds the graph with these options; missing ones take their defaults.
    ///
    /// # Errors
    ///
    /// [`ModelError::Options`] for options that the model does not have, and as [`Architecture::graph`].
    pub fn graph(&self, options: &Value, schema: &Schema) -> Result<Graph, ModelError> {
        (self.build)(options, schema)
    }
}
