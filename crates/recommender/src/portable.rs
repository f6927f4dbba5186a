//! Models that can be saved with their ids and made again.

use burn::tensor::Device;
use recburn_graph::Graph;
use recburn_nn::{MemoryError, Model, Network, Weights, WeightsError};
use serde_json::Value;
use thiserror::Error;

/// A model that can say what it is made of, and be made again from that. Its weights are saved beside it, under the names
/// that they have in the module.
///
/// A [`Network`] is one: its description is its graph. For a module of your own it is whatever its constructor needs, such as
/// numbers of rows and widths.
pub trait Portable: Model + Sync {
    /// What it is made of; without weights.
    fn describe(&self) -> Value;

    /// A model of this description, with any weights.
    ///
    /// # Errors
    /// A description that is none of this model, or one for which there is no memory.
    fn rebuild(described: &Value, device: &Device) -> Result<Self, RebuildError>;

    /// Whether weights are those of such a model, before it is made: a file may describe a model of any size. A model that
    /// leaves this out is made first, and refuses the weights then.
    ///
    /// # Errors
    /// [`RebuildError::Weights`], or a description that is none.
    fn check(described: &Value, weights: &Weights) -> Result<(), RebuildError> {
        let _ = (described, weights);
        Ok(())
    }
}

/// Why a model cannot be made again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// It is not described by this.
    #[error("this does not describe the model")]
    Description(#[from] serde_json::Error),
    /// The device or this machine has too little memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The weights are those of another model.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// What else is wrong, in words.
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
