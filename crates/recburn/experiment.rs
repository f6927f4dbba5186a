//! A run from a ratings file to a report, as plain data: what the examples, recipes and the binary share.

use crate::BURN_VERSION;
use crate::data::{
    BadLines, Centre, DataError, Dataset, Filter, IdOrder, Open, Ratings, Split, SplitKind, open,
    open_pair, shown,
};
use crate::device::device_name;
use crate::epochs::epochs_of;
use crate::graph::Graph;
use crate::metrics::{Baselines, Means, MetricError, RatingMetrics, rating_metrics};
use crate::models::{Dims, ModelError, Training, find};
use crate::nn::PairModel;
use crate::recommender::{Recommender, RecommenderError, Seen};
use crate::report::{ColdReport, RunReport, VersionsReport};
use crate::train::{EarlyStopping, Stop, TrainError, Trainer, score_rows};
use burn::tensor::Device;
use recburn_nn::{Memory, MemoryError, Network};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A model of the zoo, its options, how it is trained, and the seed of everything random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name of the model.
    pub model: String,
    /// Its options.
    pub options: Value,
    /// Data, split, hyper-parameters.
    pub training: Training,
    /// Of the split, the initial weights, the order of the ratings and the dropout masks.
    pub seed: u64,
}

/// Data ready to train on.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// All of it.
    pub dataset: Dataset,
    /// Its two parts, in stars.
    pub split: Split,
    /// The mean of the training part, or 0 where ratings are not centred.
    pub centre: Centre,
    /// The training part as the model sees it: centred, if it is.
    pub train: Ratings,
    /// The validation part as the model sees it.
    pub valid: Ratings,
    /// What architectures need to know.
    pub dims: Dims,
}

/// Why an experiment did not come to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ExperimentError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Metric(#[from] MetricError),
    #[error(transparent)]
    Recommender(#[from] RecommenderError),
    #[error(
        "the filter `{filter}` would change a split that is given by two files: filter the files, or split otherwise"
    )]
    FilterOfGiven { filter: String },
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Experiment {
    /// A model with the hyper-parameters of one of its presets.
    pub fn preset(model: &str, preset: &str) -> Result<Self, ModelError> {
        let preset = find(model)?.preset(preset)?;
        Ok(Self {
            model: model.to_string(),
            options: preset.options,
            training: preset.training,
            seed: 42,
        })
    }

    /// Trains for so many epochs instead: earlier phases are cut short, the last is drawn out.
    pub fn set_epochs(&mut self, epochs: usize) {
        let mut left = epochs;
        for phase in &mut self.training.phases {
            phase.epochs = phase.epochs.min(left);
            left -= phase.epochs;
        }
        if let Some(last) = self.training.phases.last_mut() {
            last.epochs += left;
        }
        self.training.phases.retain(|phase| phase.epochs > 0);
    }

    /// Opens the data, filters, splits and centres them.
    pub fn prepare(&self, data_dir: Option<&Path>) -> Result<Prepared, ExperimentError> {
        let columns = self.training.columns.as_deref().map(str::parse);
        let how = Open {
            order: self.order()?,
            data_dir: data_dir.map(Path::to_path_buf),
            columns: columns.transpose()?,
            items: self.training.items.clone().map(PathBuf::from),
            bad_lines: self
                .training
                .bad_lines
                .as_deref()
                .map_or(Ok(BadLines::Stop), str::parse)?,
            ..Open::default()
        };
        match self.split()? {
            SplitKind::Given { train, valid } => {
                if let Some(filter) = &self.training.filter {
                    return Err(ExperimentError::FilterOfGiven {
                        filter: filter.clone(),
                    });
                }
                let (dataset, split) = open_pair(&train, &valid, &how)?;
                Ok(self.prepared(dataset, split))
            }
            _ => self.prepare_from(open(&self.training.data, &how)?),
        }
    }

    /// Filters, splits and centres data that are open already.
    pub fn prepare_from(&self, dataset: Dataset) -> Result<Prepared, ExperimentError> {
        let dataset = match &self.training.filter {
            Some(filter) => filter.parse::<Filter>()?.apply(&dataset)?.0,
            None => dataset,
        };
        let split = dataset.split(&self.split()?, self.seed)?;
        Ok(self.prepared(dataset, split))
    }

    /// How raw ids become rows.
    pub fn order(&self) -> Result<IdOrder, DataError> {
        self.training.ids.parse()
    }

    /// How the ratings are split.
    pub fn split(&self) -> Result<SplitKind, DataError> {
        self.training.split.parse()
    }

    fn prepared(&self, dataset: Dataset, split: Split) -> Prepared {
        let centre = match self.training.centre {
            true => Centre::of(&split.train),
            false => Centre::none(),
        };
        let dims = Dims {
            users: dataset.users.rows(),
            items: dataset.items.rows(),
            scale: (
                dataset.scale.min - centre.mean,
                dataset.scale.max - centre.mean,
            ),
        };
        Prepared {
            train: centre.applied(&split.train),
            valid: centre.applied(&split.valid),
            dataset,
            split,
            centre,
            dims,
        }
    }

    /// The model's picture, at the size of the data.
    pub fn graph(&self, prepared: &Prepared) -> Result<Graph, ExperimentError> {
        Ok(find(&self.model)?.graph(&self.options, prepared.dims)?)
    }

    /// The model at the size of the data with its initial weights, if the device and this machine have room for them.
    pub fn network(
        &self,
        prepared: &Prepared,
        device: &Device,
    ) -> Result<Network, ExperimentError> {
        // Counts and sums of the ratings by row, for the report and the saved model.
        let rows = (prepared.dims.users as u64).saturating_add(prepared.dims.items as u64);
        Memory::host().take("counting the ratings of every row", rows.saturating_mul(28))?;
        Ok(Network::try_new(self.graph(prepared)?, self.seed, device)?)
    }

    /// A trainer with the experiment's hyper-parameters, for the first of its phases; it stops early if they say so.
    pub fn trainer(&self) -> Trainer {
        let rate = self
            .training
            .phases
            .first()
            .map_or(0.001, |phase| phase.learning_rate);
        let trainer = Trainer::new(self.training.rule, rate)
            .mode(self.training.mode)
            .loss(self.training.loss)
            .batch(self.training.batch)
            .seed(self.seed);
        match self.training.patience {
            Some(patience) => trainer.with(EarlyStopping::new(patience)),
            None => trainer,
        }
    }

    /// Trains through all phases, or until a callback stops one. A trainer that has been resumed goes on in the middle.
    pub fn fit<M: PairModel>(
        &self,
        trainer: &mut Trainer,
        model: &mut M,
        prepared: &Prepared,
    ) -> Result<Option<Stop>, ExperimentError> {
        let mut done = trainer.history().epochs.len();
        trainer.out_of(self.training.phases.iter().map(|phase| phase.epochs).sum());
        for phase in &self.training.phases {
            let epochs = phase.epochs.saturating_sub(done);
            if done > 0 && epochs < phase.epochs {
                // What a callback has made of the rate within the phase comes back with the checkpoint.
                done -= phase.epochs - epochs;
            } else {
                trainer.set_learning_rate(phase.learning_rate);
            }
            if epochs == 0 {
                continue;
            }
            let stop = trainer.fit(model, &prepared.train, Some(&prepared.valid), epochs)?;
            if stop.is_some() {
                return Ok(stop);
            }
        }
        Ok(None)
    }

    /// The model with the data's ids.
    pub fn recommender(
        &self,
        model: &Network,
        prepared: &Prepared,
    ) -> Result<Recommender, ExperimentError> {
        let training = serde_json::to_value(self).expect("an experiment is plain data");
        Ok(Recommender::new(
            model.clone(),
            &prepared.dataset,
            Seen::of_split(&prepared.dataset, &prepared.split),
            prepared.centre,
            training,
        )?)
    }

    /// What `report.json` says of the run.
    pub fn report<M: PairModel>(
        &self,
        prepared: &Prepared,
        model: &M,
        trainer: &Trainer,
        stop: Option<&Stop>,
        device: &Device,
    ) -> Result<RunReport, ExperimentError> {
        let split = &prepared.split;
        Ok(RunReport {
            model: self.model.clone(),
            data: prepared.dataset.name.clone(),
            split: self.split()?.to_string(),
            seed: self.seed,
            parameters: model.num_params(),
            train_rows: split.train.len(),
            valid_rows: split.valid.len(),
            noise_floor: prepared.dataset.noise_floor_of(&split.valid_rows),
            epochs: epochs_of(trainer.history()),
            metrics: Some(prepared.metrics(model)?),
            baselines: prepared.baselines(),
            cold: ColdReport {
                users: split.cold.users,
                items: split.cold.items,
                rows: split.cold.rows,
            },
            device: device_name(device),
            versions: VersionsReport {
                recburn: env!("CARGO_PKG_VERSION").to_string(),
                burn: BURN_VERSION.to_string(),
            },
            stopped: stop.map(|stop| stop.reason.clone()),
        })
    }
}

impl Prepared {
    /// Sums of the training ratings, in stars.
    pub fn means(&self) -> Means {
        let (users, items) = (self.dataset.users.rows(), self.dataset.items.rows());
        Means::of(users, items, plain(&self.split.train))
    }

    /// How well the means of the training ratings predict the validation part; `None` where there is none.
    pub fn baselines(&self) -> Option<Baselines> {
        self.means().baselines(plain(&self.split.valid))
    }

    /// How well a model predicts the validation part, in stars.
    pub fn metrics<M: PairModel>(&self, model: &M) -> Result<RatingMetrics, MetricError> {
        let scores = score_rows(model, &self.valid);
        let stars: Vec<f32> = scores
            .into_iter()
            .map(|score| self.centre.restore(score))
            .collect();
        let scale = self.dataset.scale;
        rating_metrics(&stars, &self.split.valid.ratings, (scale.min, scale.max))
    }
}

/// The rows of ratings, in plain numbers.
fn plain(ratings: &Ratings) -> impl Iterator<Item = (u32, u32, f32)> {
    let ids = ratings.users.iter().zip(&ratings.items);
    let rows = ids.zip(&ratings.ratings);
    rows.map(|((user, item), &rating)| (user.0, item.0, rating))
}

/// The data set, the sizes of its parts, what validation has that training never sees, and the noise floor.
impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let split = &self.split;
        writeln!(f, "{}", self.dataset)?;
        if let Some(read_as) = &self.dataset.read_as {
            writeln!(f, "read as {}", shown(read_as))?;
        }
        writeln!(
            f,
            "{} ratings train, {} validate: {}",
            split.train.len(),
            split.valid.len(),
            split.cold
        )?;
        if self.centre.mean != 0.0 {
            writeln!(
                f,
                "centred: the training mean of {:.4} is subtracted and carried with the model",
                self.centre.mean
            )?;
        }
        if let Some(floor) = self.dataset.noise_floor_of(&split.valid_rows) {
            writeln!(
                f,
                "noise floor: the planted truth itself has an rmse of {floor:.4} on the validation part"
            )?;
        }
        Ok(())
    }
}
