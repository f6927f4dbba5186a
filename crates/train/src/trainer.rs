//! The trainer: settings of a training run and its state. `fit.rs` has the loop, `session.rs` a single step.

use crate::average::Average;
use crate::averaging::Averaging;
use crate::callback::{Callback, Stop};
use crate::error::TrainError;
use crate::evaluate::Judge;
use crate::fit::Fit;
use crate::history::History;
use crate::hyper::{Hyper, Ways};
use crate::optimizer::Optimizer;
use crate::provenance::Rows;
use crate::session::Session;
use crate::smoothed::propagated;
use crate::spread::Spread;
use crate::within::Within;
use recburn_data::Examples;
use recburn_nn::{Memory, Model, device_of};
use recburn_optim::{Loss, Mode, Rule};
use serde_json::Value;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Trains models. Holds what does not belong to a model: hyper-parameters, optimizer state, history.
pub struct Trainer {
    pub(crate) hyper: Hyper,
    pub(crate) ways: Ways,
    pub(crate) learning_rate: f64,
    /// Created on first use, with the settings at that time.
    pub(crate) optimizer: Option<Optimizer>,
    pub(crate) history: History,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
    pub(crate) checkpoints: Option<(PathBuf, usize)>,
    /// The longest time without a checkpoint, if they are also written within epochs.
    pub(crate) checkpoint_within: Option<Duration>,
    /// The part of the next epoch that a checkpoint has behind it.
    pub(crate) within: Option<Within>,
    pub(crate) memory_limit: Option<u64>,
    /// Epochs of all fits together, if set.
    pub(crate) planned: usize,
    /// What the caller recorded about the origin of the data.
    pub(crate) provenance: Value,
    /// The rows of the current fit, or of the last one.
    pub(crate) rows: Option<Rows>,
    /// The rows of the checkpoint that training continues from.
    pub(crate) resumed: Option<Rows>,
    /// Whether memory is reserved for a copy of the weights.
    pub(crate) saves: bool,
    pub(crate) average: Average,
    /// The other processes, if there are any.
    pub(crate) spread: Option<Rc<Spread>>,
}

impl Trainer {
    /// A trainer with Keras's defaults: mean squared error, batches of 32; exact updates, seed 0.
    pub fn new(rule: Rule, learning_rate: f64) -> Self {
        Self {
            hyper: Hyper {
                rule,
                mode: Mode::Exact,
                loss: Loss::Mse,
                batch: 32,
                seed: 0,
                averaging: None,
            },
            ways: Ways::default(),
            learning_rate,
            optimizer: None,
            history: History::default(),
            callbacks: Vec::new(),
            checkpoints: None,
            checkpoint_within: None,
            within: None,
            memory_limit: None,
            planned: 0,
            provenance: Value::Null,
            rows: None,
            resumed: None,
            saves: false,
            average: Average::default(),
            spread: None,
        }
    }

    /// Trains together with other processes, each of which has a part of the data, see [`Spread`]. All of them must be
    /// given the same settings.
    ///
    /// From the first step on, the rows of tables are with the trainer only: the model that [`Trainer::fit`] leaves has empty
    /// forms of its tables, and [`Spread::collect`] returns the weights. Averages of weights are in the model.
    pub fn over(self, spread: Rc<Spread>) -> Self {
        let spread = Some(spread);
        Self { spread, ..self }.afresh()
    }

    /// The loss; mean squared error by default.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.hyper.loss = loss;
        self
    }

    /// Ratings per step.
    pub fn batch(mut self, batch: usize) -> Self {
        self.hyper.batch = batch;
        self
    }

    /// The seed of the order of the ratings and of dropout masks.
    pub fn seed(mut self, seed: u64) -> Self {
        self.hyper.seed = seed;
        self
    }

    /// Averages the weights at the ends of epochs; by default they are not averaged.
    ///
    /// Training itself continues from its own weights. From the first averaged epoch on, the averages are what validation
    /// and its measures, the penalty, early stopping and other callbacks see, and what [`Trainer::fit`] leaves in the
    /// model; the training loss remains that of the weights in training. An epoch that is stopped before its last step is
    /// not averaged.
    ///
    /// A following fit that is given these averages continues both from the weights in training and the averages. If the
    /// weights are replaced (the fit is given a model with other weights, or a callback sets some, as early stopping does
    /// when the best epoch was not the last), training continues from those, and the average begins again with the next
    /// epoch. A [`Session`] does not average, and trains the weights that it is given.
    ///
    /// Steps cost the same as without averages. A second set of weights is kept, on the model's device, and at the end of
    /// an epoch both sets are also copied to host memory.
    pub fn average(mut self, averaging: Averaging) -> Self {
        self.hyper.averaging = Some(averaging);
        self.average.restart();
        self
    }

    /// Which rows a step updates.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.hyper.mode = mode;
        self.afresh()
    }

    /// Keeps tables as tensors even on a CPU, as on a GPU, which is slower there.
    pub fn dense_tables(mut self) -> Self {
        self.ways.tensors = true;
        self.afresh()
    }

    /// Updates every row of a tensor table at every step of [`Mode::Exact`], as a dense optimizer does, instead of
    /// letting rows catch up when they are next read. The cost grows with the tables: this is the reference for the
    /// tests of rows that catch up.
    pub fn walk_tables(mut self) -> Self {
        self.ways.walks = true;
        self.afresh()
    }

    /// Trains a model that is a graph by autodiff, as for custom modules and on GPUs. Slower on a CPU; this is the
    /// reference for compiled steps.
    #[doc(hidden)]
    pub fn reference(mut self) -> Self {
        self.ways.autodiff = true;
        self.afresh()
    }

    /// Without optimizer state, which belongs to the settings it was created with.
    fn afresh(self) -> Self {
        Self {
            optimizer: None,
            ..self
        }
    }

    /// The optimizer; created with the current settings on first use.
    pub(crate) fn optimizer(&mut self) -> &mut Optimizer {
        let (rule, mode, ways) = (self.hyper.rule, self.hyper.mode, self.ways);
        let spread = &self.spread;
        self.optimizer.get_or_insert_with(|| {
            let mut optimizer = Optimizer::new(rule, mode, ways);
            if let Some(spread) = spread {
                optimizer.spread(spread.clone());
            }
            optimizer
        })
    }

    /// Whether the model of the last session trains by compiled steps.
    #[doc(hidden)]
    pub fn is_compiled(&self) -> bool {
        let optimizer = self.optimizer.as_ref();
        optimizer.is_some_and(|optimizer| optimizer.compiled.is_some())
    }

    /// Adds a callback; they are called in the order in which they were added.
    pub fn with(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Also writes checkpoints within epochs, after the first step that ends when this much time has passed since the last
    /// one, to the folder of [`Trainer::checkpoint`]. Training continues from one with the next step. Bringing rows up to date
    /// for it changes what follows by rounding; of an epoch that is continued, the penalty per look-up is a mean over the
    /// examples since.
    pub fn checkpoint_within(self, time: Duration) -> Self {
        Self {
            checkpoint_within: Some(time),
            ..self
        }
    }

    /// The steps of the next epoch that the checkpoint has behind it from which training continues.
    pub fn steps_within(&self) -> usize {
        self.within.as_ref().map_or(0, |within| within.steps)
    }

    /// Writes a checkpoint to this folder every `every` epochs; [`Trainer::resume`] continues from it.
    pub fn checkpoint(self, folder: impl Into<PathBuf>, every: usize) -> Self {
        let checkpoints = Some((folder.into(), every.max(1)));
        Self {
            checkpoints,
            ..self
        }
    }

    /// The origin of the data and the construction of the model, as an object of settings by name. Checkpoints store
    /// it, and [`Trainer::resume`] refuses a checkpoint with different values, naming every key that differs. Nested
    /// objects hold what follows from the other keys, and are compared only if those agree. The rows themselves and the
    /// trainer's own settings are always compared.
    pub fn provenance(self, provenance: Value) -> Self {
        Self { provenance, ..self }
    }

    /// Refuses a training known to need more than `bytes` (weights, optimizer state and the values of one batch). The
    /// device's own limit applies as well.
    pub fn memory_limit(self, bytes: u64) -> Self {
        Self {
            memory_limit: Some(bytes),
            ..self
        }
    }

    /// Includes the copy of the weights made for saving the model in the memory check.
    pub fn to_be_saved(self) -> Self {
        Self {
            saves: true,
            ..self
        }
    }

    /// Sets the total number of epochs of past and future fits, for callbacks that show progress.
    pub fn out_of(&mut self, epochs: usize) {
        self.planned = epochs;
    }

    /// Changes the learning rate of future fits.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    /// The history of all epochs so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The total penalty at the end of the last epoch: `l2 * sum(w^2)` for a whole table or kernel and, for a table
    /// that is penalised on the rows of each batch ([`L2On::Batch`](recburn_nn::L2On)), the mean over the epoch's
    /// examples of `l2 * sum(w^2)` of the row that each looked up.
    pub fn penalty(&self) -> f64 {
        match self.average.epochs {
            0 => self.optimizer.as_ref().map_or(0.0, Optimizer::penalty),
            _ => self.average.penalty,
        }
    }

    /// Trains for `epochs` epochs on ratings or any other [`Examples`], with a validation part or any other [`Judge`],
    /// continuing from the end of the last fit; returns the reason if it stopped early.
    ///
    /// After an error the model has the weights of the last complete epoch, and the optimizer starts afresh. On several
    /// processes ([`Trainer::over`]) the rows of tables are then in the last checkpoint only.
    pub fn fit<M: Model>(
        &mut self,
        model: &mut M,
        train: &dyn Examples,
        valid: Option<&dyn Judge<M>>,
        epochs: usize,
    ) -> Result<Option<Stop>, TrainError> {
        let fit = Fit::begin(self, model, train, valid, epochs)?;
        let answer = fit.run(model);
        if answer.is_err() {
            // State from the middle of an epoch, which the model never had, would corrupt the next fit.
            self.optimizer = None;
            self.average.restart();
        }
        answer
    }

    /// Starts to train a model step by step, for a custom loop: [`Session::step`] takes batches, and [`Session::end`]
    /// returns the model. The optimizer state continues from the last session or fit.
    ///
    /// # Errors
    /// An invalid setting, or not enough memory for the model's tensors.
    pub fn begin<M: Model>(&mut self, model: &M) -> Result<Session<'_, M>, TrainError> {
        self.check_settings()?;
        Memory::of(&device_of(model)).check_tensors(model)?;
        if let Some(([table, _], _)) = propagated(model) {
            return Err(TrainError::NoInteractions { table });
        }
        self.average.restart();
        let session = Session::new(self, model, false);
        session.trainer.check_spread()?;
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_mean_the_same_in_whatever_order_they_are_given() {
        let tensors = |trainer: Trainer| trainer.dense_tables();
        let mode = |trainer: Trainer| trainer.mode(Mode::Touched);
        let others = |trainer: Trainer| trainer.loss(Loss::Mae).batch(7).seed(3).memory_limit(9);
        let settings: [&dyn Fn(Trainer) -> Trainer; 3] = [&tensors, &mode, &others];
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let start = Trainer::new(Rule::ADAM, 0.01);
            let trainer = order
                .iter()
                .fold(start, |trainer, &at| settings[at](trainer));
            assert!(trainer.ways.tensors, "{order:?}");
            let hyper = trainer.hyper;
            assert_eq!(hyper.mode, Mode::Touched, "{order:?}");
            let others = (hyper.loss, hyper.batch, hyper.seed);
            assert_eq!(others, (Loss::Mae, 7, 3));
            assert_eq!(trainer.memory_limit, Some(9));
        }
    }
}
