//! An experiment: a run from a ratings file to a report, as plain data shared by examples, recipes and the binary.

mod contestant;
mod measured;
mod objective;
mod prepared;
mod provenance;
mod report;
mod search;
mod spread;
mod warm;
mod whole;

pub use contestant::Trained;
pub use prepared::Prepared;
pub use search::SearchError;
pub use spread::{SpreadHome, SpreadPrepared};
pub use warm::WarmStart;

use crate::classical::ClassicalError;
use crate::data::{
    Centre, DataError, Dataset, Examples, Features, IdOrder, ReadError, SplitKind, WordError,
};
use crate::graph::Graph;
use crate::metrics::{EvaluationError, MetricError};
use crate::models::{ModelError, find};
use crate::nn::Model;
use crate::recipe::{ExampleKind, Recipe, RecipeError, Training, Watch};
use crate::recommender::{Recommender, RecommenderError, Scores, Seen};
use crate::train::{
    Best, EarlyStopping, Judge, RateRange, RateTest, Stop, TrainError, Trainer, find_rate,
};
use burn::tensor::Device;
use recburn_nn::{Memory, MemoryError, Network};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::convert::Infallible;
use std::path::Path;
use thiserror::Error;

/// A model of the zoo, its options, its training settings, and the seed of everything random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name of the model: one of the zoo, or a method of [`classical`](crate::classical).
    pub model: String,
    /// Its options.
    pub options: Value,
    /// Data, split, hyper-parameters.
    pub training: Training,
    /// The seed of the split, the initial weights, the order of the ratings and the dropout masks.
    pub seed: u64,
}

/// Why an experiment failed.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ExperimentError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Word(#[from] WordError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Metric(#[from] MetricError),
    #[error(transparent)]
    Recommender(#[from] RecommenderError),
    #[error(transparent)]
    Write(#[from] std::io::Error),
    #[error(
        "the filter `{filter}` would change a split that is given by two files: filter the files, or use another split"
    )]
    FilterOfGiven { filter: String },
    #[error(
        "epoch {epoch} of the checkpoint was trained at learning rate {saved}, but the settings say {own}: continuing does not change past epochs; use the checkpoint's rate, or train from the start"
    )]
    OtherRate { epoch: usize, saved: f64, own: f64 },
    #[error(
        "patience goes by the loss of held-out rows, and the split `none` holds none out: leave the patience out, or hold rows out"
    )]
    PatienceWithoutRows,
    #[error(
        "negatives require positives, but the examples are {examples}: omit the negatives, or train on `positives` or `next-item`"
    )]
    NegativesOfRatings { examples: ExampleKind },
    #[error(
        "only the items of profiles can be hidden in training, but the examples are {examples}"
    )]
    HiddenOfOthers { examples: ExampleKind },
    #[error(
        "{watch} needs predicted ratings, but a model trained on {examples} predicts none: watch loss, ndcg@K, recall@K, hit@K or mrr@K"
    )]
    RatingsOfPositives { watch: Watch, examples: ExampleKind },
    #[error(
        "every row that the split {split} holds out is one that the saved model was trained on: hold out others (when rows are appended, `mask` holds the same rows out again and the splits by time the latest), or none with the split `none`"
    )]
    NothingNewHeldOut { split: String },
    #[error(
        "the saved model was trained on ratings {}, which its weights depend on: do not change the centring", if *centred { "with their mean subtracted" } else { "as they are" }
    )]
    OtherCentring { centred: bool },
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error(transparent)]
    Classical(#[from] ClassicalError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError<Infallible>),
    #[error(transparent)]
    Spread(#[from] crate::spread::SpreadError),
    #[error("training on several processes: {what}")]
    NotSpread { what: String },
    #[error("{model} is fitted as a whole: it has no network and no epochs")]
    FittedAsAWhole { model: String },
}

impl Experiment {
    /// A model with the hyper-parameters of one of its presets.
    ///
    /// # Errors
    ///
    /// As [`Recipe::preset`].
    pub fn preset(model: &str, preset: &str) -> Result<Self, RecipeError> {
        Ok(Recipe::preset(model, preset)?.experiment(42))
    }

    /// Sets the total number of epochs: earlier phases are cut short, the last one is extended.
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

    /// How raw ids are numbered.
    pub fn order(&self) -> Result<IdOrder, WordError> {
        self.training.ids.parse()
    }

    /// How the ratings are split.
    pub fn split(&self) -> Result<SplitKind, WordError> {
        self.training.split.parse()
    }

    /// The model's graph, at the size of the data.
    pub fn graph(&self, prepared: &Prepared) -> Result<Graph, ExperimentError> {
        if self.method()?.is_some() {
            let model = self.model.clone();
            return Err(ExperimentError::FittedAsAWhole { model });
        }
        Ok(find(&self.model)?.graph(&self.options, &prepared.schema)?)
    }

    /// The model at the size of the data with its initial weights, after checking that the device and this machine have
    /// room for them.
    pub fn network(
        &self,
        prepared: &Prepared,
        device: &Device,
    ) -> Result<Network, ExperimentError> {
        // Counts and sums of the ratings by row, for the report and the saved model.
        let rows = (prepared.schema.users() as u64).saturating_add(prepared.schema.items() as u64);
        Memory::host().take("counting the ratings of every row", rows.saturating_mul(28))?;
        Ok(Network::try_new(self.graph(prepared)?, self.seed, device)?)
    }

    /// As [`Experiment::trainer`], for these data, which its checkpoints record.
    pub fn trainer_of(&self, prepared: &Prepared) -> Trainer {
        self.trainer().provenance(self.provenance(prepared))
    }

    /// A trainer with the experiment's hyper-parameters, for the first phase, with early stopping if configured.
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
        let trainer = match self.training.average {
            Some(average) => trainer.average(average),
            None => trainer,
        };
        let Some(patience) = self.training.patience else {
            return trainer;
        };
        let stopping = EarlyStopping::new(patience);
        trainer.with(match self.training.watched() {
            Some(watch) if watch.highest_is_best() => stopping.watch(watch.name(), Best::Highest),
            Some(watch) => stopping.watch(watch.name(), Best::Lowest),
            None => stopping,
        })
    }

    /// The learning rate range test on the training part: see [`find_rate`]. The model is left as it is.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn find_rate<M: Model>(
        &self,
        model: &M,
        prepared: &Prepared,
        range: RateRange,
    ) -> Result<RateTest, ExperimentError> {
        let features = prepared.features(&model.inputs())?;
        let train = self.examples(prepared, &features)?;
        Ok(find_rate(&self.trainer(), model, &*train, range)?)
    }

    /// Trains through all phases, or until a callback stops. A resumed trainer continues in the middle.
    pub fn fit<M: Model>(
        &self,
        trainer: &mut Trainer,
        model: &mut M,
        prepared: &Prepared,
    ) -> Result<Option<Stop>, ExperimentError> {
        let features = prepared.features(&model.inputs())?;
        let train = self.examples(prepared, &features)?;
        let judge = self.judge(prepared, &features);
        self.fit_phases(trainer, model, &*train, judge.as_deref())
    }

    fn fit_phases<M: Model>(
        &self,
        trainer: &mut Trainer,
        model: &mut M,
        train: &dyn Examples,
        judge: Option<&dyn Judge<M>>,
    ) -> Result<Option<Stop>, ExperimentError> {
        let mut done = trainer.history().epochs.len();
        trainer.out_of(self.training.phases.iter().map(|phase| phase.epochs).sum());
        for phase in &self.training.phases {
            let epochs = phase.epochs.saturating_sub(done);
            if done > 0 && epochs < phase.epochs {
                // The checkpoint restores the rate as changed by callbacks within the phase.
                done -= phase.epochs - epochs;
            } else {
                trainer.set_learning_rate(phase.learning_rate);
            }
            if epochs == 0 {
                continue;
            }
            let stop = trainer.fit(model, train, judge, epochs)?;
            if stop.is_some() {
                return Ok(stop);
            }
        }
        Ok(None)
    }

    /// Continues from a checkpoint of the same experiment on the same data; differences are refused by name, before
    /// anything is written. The number of remaining epochs and their learning rates may differ.
    pub fn resume<M: Model>(
        &self,
        trainer: &mut Trainer,
        folder: &Path,
        model: &mut M,
        prepared: &Prepared,
    ) -> Result<(), ExperimentError> {
        trainer.resume(folder, model)?;
        let features = prepared.features(&model.inputs())?;
        let judge = self.judge::<M>(prepared, &features);
        trainer.check_data(&*self.examples(prepared, &features)?, judge.as_deref())?;
        self.check_rates(trainer)
    }

    /// Refuses a checkpoint whose epochs had other learning rates than the phases.
    fn check_rates(&self, trainer: &Trainer) -> Result<(), ExperimentError> {
        let phases = self.training.phases.iter();
        let planned =
            phases.flat_map(|phase| std::iter::repeat_n(phase.learning_rate, phase.epochs));
        for (epoch, planned) in trainer.history().epochs.iter().zip(planned) {
            if epoch.learning_rate != planned {
                return Err(ExperimentError::OtherRate {
                    epoch: epoch.epoch,
                    saved: epoch.learning_rate,
                    own: planned,
                });
            }
        }
        Ok(())
    }

    /// The model with the ids of the data and the record of its training rows.
    pub fn recommender(
        &self,
        model: &Network,
        prepared: &Prepared,
    ) -> Result<Recommender, ExperimentError> {
        let (dataset, centre) = (&prepared.dataset, prepared.centre);
        let features = prepared.features(&model.inputs())?;
        let recommender =
            self.recommender_of(model, dataset, prepared.seen(), centre, &features)?;
        Ok(recommender.with_provenance(self.provenance(prepared)))
    }

    /// The model with these ids, this record of its training rows, and the features that it reads.
    fn recommender_of(
        &self,
        model: &Network,
        dataset: &Dataset,
        seen: Seen,
        centre: Centre,
        features: &Features,
    ) -> Result<Recommender, ExperimentError> {
        let training = serde_json::to_value(self).expect("an experiment is plain data");
        let recommender = Recommender::new(model.clone(), dataset, seen, centre, training)?;
        let recommender = recommender.with_features(features)?;
        Ok(
            recommender.with_scores(match self.training.examples.are_positives() {
                true => Scores::Order,
                false => Scores::Ratings,
            }),
        )
    }
}
