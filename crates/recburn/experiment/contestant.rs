//! Experiments as contestants of protocols.

use super::{Experiment, ExperimentError, Prepared};
use crate::BURN_VERSION;
use crate::data::{Dataset, Features, Input, Part, Ratings, UserIx};
use crate::nn::{Catalogue, Model, UserScores, score_batch};
use crate::protocol::{Contestant, ModelError, Occasion, Scorer};
use crate::train::Trainer;
use burn::module::Module;
use burn::tensor::Device;
use recburn_nn::{Network, device_of};
use recburn_schema::{Batch, Candidates, Column};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A model that is trained by steps as a [`Contestant`]: the options and hyper-parameters of an experiment, whose own data,
/// filter, split and seed play no role, since those are the protocol's.
///
/// An experiment with a patience needs a validation part: its best epoch there is the number of epochs. Others train for
/// the epochs that they name.
#[derive(Clone, Debug)]
pub struct Trained {
    experiment: Experiment,
    device: Device,
}

impl Trained {
    /// The contestant of an experiment, trained on this device.
    pub fn new(experiment: Experiment, device: Device) -> Self {
        Self { experiment, device }
    }

    /// The experiment for an occasion: with its seed, and without patience if the number of epochs is known or nothing is
    /// held out.
    fn experiment(&self, occasion: &Occasion<'_>) -> Experiment {
        let mut experiment = self.experiment.clone();
        experiment.seed = occasion.seed;
        experiment.training.filter = None;
        if let Some(epochs) = occasion.epochs {
            experiment.set_epochs(epochs);
        }
        if occasion.valid.is_none() {
            experiment.training.patience = None;
        }
        experiment
    }
}

impl Contestant for Trained {
    fn name(&self) -> String {
        self.experiment.model.clone()
    }

    fn describe(&self) -> Value {
        let mut training = serde_json::to_value(&self.experiment.training).unwrap_or_default();
        if let Some(training) = training.as_object_mut() {
            for of_the_protocol in ["data", "data_dir", "split", "filter", "ids"] {
                training.remove(of_the_protocol);
            }
        }
        json!({ "options": self.experiment.options, "training": training })
    }

    fn needs_validation(&self) -> bool {
        self.experiment.training.patience.is_some()
    }

    fn predicts_ratings(&self) -> bool {
        !self.experiment.training.examples.are_positives()
    }

    fn versions(&self) -> Vec<(String, String)> {
        vec![("burn".to_string(), BURN_VERSION.to_string())]
    }

    fn fit(&self, occasion: &Occasion<'_>) -> Result<Box<dyn Scorer>, ModelError> {
        let experiment = self.experiment(occasion);
        let prepared = experiment.prepare_occasion(occasion)?;
        let mut model = experiment.network(&prepared, &self.device)?;
        let mut trainer = experiment.trainer();
        experiment.fit(&mut trainer, &mut model, &prepared)?;
        let model = model.valid();
        let inputs = model.inputs();
        Ok(Box::new(TrainedScorer {
            features: prepared.features(&inputs)?,
            epochs: experiment.best_epoch(&trainer),
            inputs,
            prepared,
            model,
            scores: OnceLock::new(),
        }))
    }
}

impl Experiment {
    /// The parts of an occasion, prepared as those of a split; the rows that are asked for are the test part.
    fn prepare_occasion(&self, occasion: &Occasion<'_>) -> Result<Prepared, ExperimentError> {
        let none = Ratings::default();
        let valid = occasion.valid.unwrap_or(&none);
        let ratings = occasion.train.joined(valid).joined(occasion.asked);
        let sizes = [
            (Part::Train, occasion.train.len()),
            (Part::Valid, valid.len()),
            (Part::Test, occasion.asked.len()),
        ];
        let parts = sizes
            .into_iter()
            .flat_map(|(part, rows)| std::iter::repeat_n(part, rows));
        let dataset = Dataset {
            ratings,
            ..occasion.dataset.clone()
        };
        self.prepare_parts(dataset, parts.collect())
    }

    /// The epoch whose weights a training leaves: the best one by the watched measure with a patience, else the last.
    pub fn best_epoch(&self, trainer: &Trainer) -> Option<usize> {
        let epochs = &trainer.history().epochs;
        let last = epochs.last().map(|epoch| epoch.epoch);
        if self.training.patience.is_none() {
            return last;
        }
        let cost = |epoch: &crate::train::EpochRecord| match self.training.watched() {
            Some(watch) => {
                let value = epoch.valid.as_ref()?.get(watch.name())?;
                Some(if watch.highest_is_best() {
                    -value
                } else {
                    value
                })
            }
            None => epoch.valid_total(),
        };
        let costs = epochs
            .iter()
            .filter_map(|epoch| Some((cost(epoch)?, epoch.epoch)));
        // Of equal ones the first, whose weights are kept.
        let best = costs.min_by(|(one, _), (other, _)| one.total_cmp(other));
        best.map(|(_, epoch)| epoch).or(last)
    }
}

/// A trained model with the data of its occasion.
struct TrainedScorer {
    model: Network,
    inputs: Vec<Input>,
    features: Features,
    prepared: Prepared,
    epochs: Option<usize>,
    scores: OnceLock<Option<UserScores>>,
}

impl TrainedScorer {
    /// The rows of all users and items, computed once, of a model that has them.
    fn scores(&self) -> Option<&UserScores> {
        let dataset = &self.prepared.dataset;
        let scores = self.scores.get_or_init(|| {
            let mut gather = self.features.gather(&self.inputs).ok()?;
            let mut fill = |batch: &mut Batch| gather.fill(batch);
            let items: Vec<u32> = (0..dataset.items.rows() as u32).collect();
            let users = (0..dataset.users.rows() as u32).collect();
            let catalogue = Catalogue::new(&self.model, &items, &mut fill)?;
            Some(catalogue.for_users(&self.model, users, &mut fill))
        });
        scores.as_ref()
    }
}

impl Scorer for TrainedScorer {
    fn rate(&self, rows: &Ratings) -> Result<Vec<f32>, ModelError> {
        let asked = &self.prepared.test;
        match (&asked.users, &asked.items) == (&rows.users, &rows.items) {
            true => Ok(self.prepared.predicted(&self.model, asked)?),
            false => {
                Err("these are not the rows that were asked for when the model was trained".into())
            }
        }
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) -> Result<(), ModelError> {
        if let Some(scores) = self.scores() {
            let users: Vec<u32> = users.iter().map(|user| user.0).collect();
            scores.write(&users, into);
            return Ok(());
        }
        let items = self.prepared.dataset.items.rows();
        let mut batch = Batch {
            queries: users.len(),
            candidates: Candidates::Shared(items),
            users: Column::plain(users.iter().map(|user| user.0).collect()),
            items: Column::plain((0..items as u32).collect()),
            ..Batch::default()
        };
        self.features.gather(&self.inputs)?.fill(&mut batch);
        let device = device_of(&self.model);
        into.copy_from_slice(&score_batch(&self.model, &self.inputs, &batch, &device));
        Ok(())
    }

    fn epochs(&self) -> Option<usize> {
        self.epochs
    }

    fn shared(&self) -> Option<&(dyn Scorer + Sync)> {
        self.scores().map(|_| self as &(dyn Scorer + Sync))
    }
}
