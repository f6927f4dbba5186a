//! The report of a run.

use super::{Experiment, ExperimentError, Prepared};
use crate::BURN_VERSION;
use crate::data::Cold;
use crate::device::device_name;
use crate::epochs::epochs_of;
use crate::nn::Model;
use crate::report::{ColdReport, RunReport, VersionsReport};
use crate::train::{Stop, Trainer};
use burn::tensor::Device;

impl Experiment {
    /// The contents of `report.json` for the run.
    pub fn report<M: Model>(
        &self,
        prepared: &Prepared,
        model: &M,
        trainer: &Trainer,
        stop: Option<&Stop>,
        device: &Device,
    ) -> Result<RunReport, ExperimentError> {
        let predicts_ratings = !self.training.examples.are_positives();
        let ranking = self.ranking(prepared, model)?;
        Ok(RunReport {
            model: self.model.clone(),
            data: prepared.dataset.name.clone(),
            split: self.split()?.to_string(),
            seed: self.seed,
            parameters: model.num_params(),
            train_rows: prepared.train.len(),
            valid_rows: prepared.valid.len(),
            noise_floor: prepared.noise_floor,
            fit_seconds: None,
            epochs: epochs_of(trainer.history()),
            metrics: prepared
                .valid_part()
                .filter(|_| predicts_ratings)
                .map(|_| prepared.metrics(model))
                .transpose()?,
            baselines: match predicts_ratings {
                true => prepared.baselines(),
                false => None,
            },
            popularity: match ranking.is_some() {
                true => self.popularity(prepared)?,
                false => None,
            },
            ranking,
            cold: cold(prepared.cold),
            test_rows: prepared.test.len(),
            test: match predicts_ratings {
                true => prepared.test_metrics(model)?,
                false => None,
            },
            test_ranking: self.test_ranking(prepared, model)?,
            test_cold: cold(prepared.test_cold),
            device: device_name(device),
            versions: VersionsReport {
                recburn: env!("CARGO_PKG_VERSION").to_string(),
                burn: BURN_VERSION.to_string(),
            },
            stopped: stop.map(|stop| stop.reason.clone()),
        })
    }
}

pub(super) fn cold(cold: Cold) -> ColdReport {
    ColdReport {
        users: cold.users,
        items: cold.items,
        rows: cold.rows,
    }
}
