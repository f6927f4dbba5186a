//! Trials: what is evaluated, and with what result.

use crate::space::Values;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A configuration to evaluate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trial {
    /// Its number in the study, from 0.
    pub id: usize,
    /// A value per parameter.
    pub values: Values,
    /// The number of epochs, or of whatever else the caller counts.
    pub budget: usize,
    /// A seed for the evaluation, below 2^32. It is a function of the seed of the study and the id; a configuration that
    /// is continued with a larger budget keeps that of its first trial.
    pub seed: u64,
    /// The trial of the same configuration with the next smaller budget. A caller that has kept its checkpoint may
    /// continue from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The objective.
    pub value: f64,
    /// Anything else worth recording: all metrics, the best epoch. `null` for nothing.
    pub more: Value,
}

impl Outcome {
    /// An outcome with nothing to add.
    pub fn new(value: f64) -> Self {
        Self {
            value,
            more: Value::Null,
        }
    }

    /// The outcome with something to add.
    pub fn with(self, more: impl Into<Value>) -> Self {
        Self {
            more: more.into(),
            ..self
        }
    }
}

/// A trial with its result: a line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finished {
    /// The trial.
    #[serde(flatten)]
    pub trial: Trial,
    /// The objective, finite; `None` if the trial failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the evaluation added.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub more: Value,
    /// Wall-clock seconds of the evaluation.
    pub seconds: f64,
}
