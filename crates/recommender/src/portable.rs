//! Models that can be saved and rebuilt.

use burn::tensor::Device;
use recburn_graph::Graph;
use recburn_nn::{MemoryError, Model, Network, Weights, WeightsError};
use serde_json::Value;
use thiserror::Error;

/// A model that can be described as JSON and rebuilt from that description. Its weights are saved separately, under their
/// paths in the module.
///
/// The description of a [`Network`] is its graph. A custom module describes whatever its constructor needs, such as numbers
/// of rows and widths.
pub trait Portable: Model + Sync {
    /// The description, without weights.
    fn describe(&self) -> Value;

    /// A model with this description and arbitrary weights.
    ///
    /// # Errors
    /// A description of another model, or too little memory.
    fn rebuild(described: &Value, device: &Device) -> Result<Self, RebuildError>;

    /// Checks that weights fit a description before the model is built, since a file may describe a model of any size. By
    /// default the model is built first, and weights that do not fit are an error then.
    ///
    /// # Errors
    /// [`RebuildError::Weights`], or a description of another model.
    fn check(described: &Value, weights: &Weights) -> Result<(), RebuildError> {
        let _ = (described, weights);
        Ok(())
    }
}

/// Why a model cannot be rebuilt.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// Not a description of this model.
    #[error("not a description of this model")]
    Description(#[from] serde_json::Error),
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Weights of another model.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl Portable for Network {
    fn describe(&self) -> Value {
        // Through text, which has single floats as they are written: 0.1, and not 0.10000000149011612.
        let text = serde_json::to_string(self.graph()).expect("a graph is plain data");
        serde_json::from_str(&text).expect("what was written can be read")
    }

    fn rebuild(described: &Value, device: &Device) -> Result<Self, RebuildError> {
        let graph: Graph = serde_json::from_value(described.clone())?;
        Ok(Self::try_new(graph, 0, device)?)
    }

    fn check(described: &Value, weights: &Weights) -> Result<(), RebuildError> {
        let graph: Graph = serde_json::from_value(described.clone())?;
        Ok(weights.check(&graph)?)
    }
}
