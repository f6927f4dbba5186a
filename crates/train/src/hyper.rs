//! The settings of a training run, as plain data.

use crate::averaging::Averaging;
use recburn_optim::{Loss, Mode, Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The settings that a checkpoint and its trainer share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hyper {
    pub rule: Rule,
    pub mode: Mode,
    pub loss: Loss,
    pub batch: usize,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub averaging: Option<Averaging>,
}

impl Hyper {
    /// Each setting by name and in full: if one number of a rule differs, all of them are of interest.
    pub fn words(&self) -> Value {
        json!({
            "rule": format!("{:?}", self.rule),
            "mode": format!("{:?}", self.mode),
            "loss": format!("{:?}", self.loss),
            "batch": self.batch,
            "seed": self.seed,
            "averaging": self.averaging,
        })
    }
}

/// Slower ways of computing the same weights, as references for tests and benchmarks, and the way used on GPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    /// Tables are tensors, see [`Trainer::dense_tables`](crate::Trainer::dense_tables).
    pub tensors: bool,
    /// Every step updates every row of a tensor, see [`Trainer::walk_tables`](crate::Trainer::walk_tables).
    pub walks: bool,
    /// A graph trains by autodiff.
    pub autodiff: bool,
}
