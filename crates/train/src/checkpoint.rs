//! Checkpoints: everything needed to continue training as if it had not been interrupted.

use crate::average::{Aside, Average};
use crate::callback::CallbackState;
use crate::error::TrainError;
use crate::evaluate::Judge;
use crate::history::{History, save};
use crate::hyper::Hyper;
use crate::optimizer::Optimizer;
use crate::provenance::{Rows, differences};
use crate::spread_checkpoint::SavedParts;
use crate::spread_resume::shapes;
use crate::trainer::Trainer;
use crate::within::Within;
use recburn_data::Examples;
use recburn_nn::{Model, Weights};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const WEIGHTS: &str = "weights.safetensors";
/// The weights of training, if those of the model are their averages.
const TRAINING: &str = "training.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
pub(crate) const PROGRESS: &str = "progress.json";

/// The part of a checkpoint that is not a tensor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    #[serde(flatten)]
    hyper: Hyper,
    /// The rows used for training and evaluation.
    pub rows: Rows,
    /// What the caller recorded about the origin of the data.
    provenance: Value,
    pub learning_rate: f64,
    pub steps: u64,
    pub history: History,
    pub callbacks: BTreeMap<String, Value>,
    /// Epochs of which the weights are the average; 0 if they are those of training.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub averaged: usize,
    /// The part of the next epoch that is behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// The files of several processes; `None` if one process wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<SavedParts>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

pub(crate) fn callback_weights(name: &str) -> String {
    format!("{name}.safetensors")
}

impl Trainer {
    /// Writes a checkpoint: a folder with the weights, the optimizer's state, the history and the state of callbacks.
    /// It is written completely or not at all, and replaces an existing one.
    pub fn save_checkpoint<M: Model>(&self, folder: &Path, model: &M) -> Result<(), TrainError> {
        if let Some(spread) = &self.spread {
            return self.save_parts(spread, folder, model);
        }
        let states: Vec<_> = self
            .callbacks
            .iter()
            .filter_map(|callback| Some((callback.name(), callback.state()?)))
            .collect();
        let optimizer = self.optimizer.as_ref();
        let state = optimizer.map_or_else(Weights::default, Optimizer::state);
        let plain = self.average.plain_of(model);
        recburn_files::write_folder(folder, |folder| {
            Weights::of(model).save(&folder.join(WEIGHTS))?;
            state.save(&folder.join(OPTIMIZER))?;
            if let Some(plain) = plain {
                plain.save(&folder.join(TRAINING))?;
            }
            let mut callbacks = BTreeMap::new();
            for (name, state) in &states {
                callbacks.insert((*name).to_string(), state.values.clone());
                if let Some(weights) = &state.weights {
                    weights.save(&folder.join(callback_weights(name)))?;
                }
            }
            let saved = Saved {
                averaged: plain.map_or(0, |_| self.average.epochs),
                ..self.saved(callbacks)
            };
            let json =
                serde_json::to_vec_pretty(&saved).expect("a checkpoint can be written as JSON");
            save(&folder.join(PROGRESS), &json)
        })
    }

    /// The part of a checkpoint that is not a tensor.
    pub(crate) fn saved(&self, callbacks: BTreeMap<String, Value>) -> Saved {
        Saved {
            hyper: self.hyper,
            rows: self.rows.clone().unwrap_or_default(),
            provenance: self.provenance.clone(),
            learning_rate: self.learning_rate,
            steps: self.optimizer.as_ref().map_or(0, Optimizer::steps),
            history: self.history.clone(),
            callbacks,
            averaged: 0,
            within: self.within.clone(),
            parts: None,
        }
    }

    /// Continues from a checkpoint with the same hyper-parameters: the model receives its weights, the trainer its
    /// state, and the following epochs are identical to those of an uninterrupted run. Differences between the
    /// checkpoint and this trainer (including its [`Trainer::provenance`]) are refused by name, and the next fit
    /// refuses rows other than those of the checkpoint.
    pub fn resume<M: Model>(&mut self, folder: &Path, model: &mut M) -> Result<(), TrainError> {
        let path = folder.join(PROGRESS);
        let bytes = std::fs::read(&path).map_err(|source| TrainError::Read {
            path: path.clone(),
            source,
        })?;
        let saved: Saved =
            serde_json::from_slice(&bytes).map_err(|error| TrainError::Checkpoint {
                path,
                reason: error.to_string(),
            })?;
        self.agrees_with(&saved)?;
        if let Some(spread) = self.spread.clone() {
            return self.resume_parts(&spread, folder, saved, model);
        }
        if let Some(parts) = &saved.parts {
            let reason = format!(
                "{} processes wrote it, by MPI: continue there, with any number of them",
                parts.processes
            );
            let path = folder.join(PROGRESS);
            return Err(TrainError::Checkpoint { path, reason });
        }
        let weights = Weights::load(&folder.join(WEIGHTS))?;
        let state = Weights::load(&folder.join(OPTIMIZER))?;
        for callback in &mut self.callbacks {
            if let Some(values) = saved.callbacks.get(callback.name()) {
                let path = folder.join(callback_weights(callback.name()));
                let weights = path.exists().then(|| Weights::load(&path)).transpose()?;
                let values = values.clone();
                callback.restore(CallbackState { values, weights })?;
            }
        }
        let loaded = weights.load_into(model.clone())?;
        if let Some(reason) = self.optimizer().misfit(&shapes(&state), &loaded) {
            let path = folder.join(OPTIMIZER);
            return Err(TrainError::Checkpoint { path, reason });
        }
        let average = match (saved.averaged, folder.join(TRAINING).exists()) {
            (0, false) => Average::default(),
            (epochs, _) => {
                let plain = Weights::load(&folder.join(TRAINING))?;
                // On its own, since copies of a module may share moving statistics.
                plain.load_into(loaded.valid())?;
                Average {
                    epochs,
                    penalty: saved.history.last().map_or(0.0, |epoch| epoch.penalty),
                    aside: Some(Aside::new(plain, &weights)),
                }
            }
        };
        *model = loaded;
        self.average = average;
        self.optimizer().restore(state, saved.steps);
        self.history = saved.history;
        self.learning_rate = saved.learning_rate;
        self.resumed = Some(saved.rows);
        self.within = saved.within;
        Ok(())
    }

    fn agrees_with(&self, saved: &Saved) -> Result<(), TrainError> {
        let mut differing = differences(&saved.hyper.words(), &self.hyper.words());
        differing.extend(differences(&saved.provenance, &self.provenance));
        match differing.is_empty() {
            true => Ok(()),
            false => Err(TrainError::Mismatch {
                differences: differing,
            }),
        }
    }

    /// After [`Trainer::resume`], refuses rows other than those that the checkpoint was trained and evaluated on; a fit
    /// does so before its first step. Without a checkpoint any rows are accepted.
    pub fn check_data<M>(
        &self,
        train: &dyn Examples,
        valid: Option<&dyn Judge<M>>,
    ) -> Result<(), TrainError> {
        match &self.resumed {
            Some(saved) => saved.agrees_with(&Rows::of(train, valid)),
            None => Ok(()),
        }
    }
}
