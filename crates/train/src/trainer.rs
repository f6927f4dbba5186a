//! The trainer: settings of a training run, its state, and a single step.

use crate::callback::{Callback, Stop};
use crate::error::TrainError;
use crate::evaluate::{Judge, wanted};
use crate::fit::Fit;
use crate::history::History;
use crate::loss::{backward_on_host, mean_loss};
use crate::memory::Plan;
use crate::optimizer::Optimizer;
use crate::provenance::Rows;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_data::{DataError, Examples};
use recburn_nn::{Columns, Inputs, Memory, Model, device_of, tables};
use recburn_optim::{Goal, Loss, Mode, Rule, SettingError};
use recburn_schema::{Batch, Candidates};
use serde_json::Value;
use std::path::PathBuf;

/// The scores of a step: already read, or still on the device.
pub(crate) enum Scored {
    Host(Vec<f32>),
    Device(Box<Tensor<2>>),
}

/// Trains models. Holds what does not belong to a model: hyper-parameters, optimizer state, history.
pub struct Trainer {
    pub(crate) rule: Rule,
    pub(crate) mode: Mode,
    pub(crate) loss: Loss,
    pub(crate) batch: usize,
    pub(crate) seed: u64,
    pub(crate) learning_rate: f64,
    pub(crate) optimizer: Optimizer,
    pub(crate) history: History,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
    pub(crate) checkpoints: Option<(PathBuf, usize)>,
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
}

impl Trainer {
    /// A trainer with Keras's defaults: mean squared error, batches of 32; exact updates, seed 0.
    pub fn new(rule: Rule, learning_rate: f64) -> Self {
        Self {
            rule,
            mode: Mode::Exact,
            loss: Loss::Mse,
            batch: 32,
            seed: 0,
            learning_rate,
            optimizer: Optimizer::new(rule, Mode::Exact),
            history: History::default(),
            callbacks: Vec::new(),
            checkpoints: None,
            memory_limit: None,
            planned: 0,
            provenance: Value::Null,
            rows: None,
            resumed: None,
            saves: false,
        }
    }

    /// The loss; mean squared error by default.
    pub fn loss(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }

    /// Ratings per step.
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// The seed of the order of the ratings and of dropout masks.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Which rows a step updates.
    pub fn mode(self, mode: Mode) -> Self {
        let mut optimizer = Optimizer::new(self.rule, mode);
        if self.optimizer.keeps_tensors() {
            optimizer.keep_tensors();
        }
        if self.optimizer.walks_tables() {
            optimizer.walk_tables();
        }
        optimizer.by_autodiff = self.optimizer.by_autodiff;
        Self {
            mode,
            optimizer,
            ..self
        }
    }

    /// Keeps tables as tensors even on a CPU, as on a GPU, which is slower there.
    pub fn dense_tables(self) -> Self {
        self.optimizer.keep_tensors();
        self
    }

    /// Updates every row of a tensor table at every step of [`Mode::Exact`], as a dense optimizer does, instead of
    /// letting rows catch up when they are next read. The cost grows with the tables: this is the reference for the
    /// tests of rows that catch up.
    pub fn walk_tables(self) -> Self {
        self.optimizer.walk_tables();
        self
    }

    /// Trains a model that is a graph by autodiff, as for custom modules and on GPUs. Slower on a CPU; this is the
    /// reference for compiled steps.
    #[doc(hidden)]
    pub fn reference(mut self) -> Self {
        self.optimizer.by_autodiff = true;
        self
    }

    /// Whether the model that was last taken up trains by compiled steps.
    #[doc(hidden)]
    pub fn is_compiled(&self) -> bool {
        self.optimizer.compiled.is_some()
    }

    /// Adds a callback; they are called in the order in which they were added.
    pub fn with(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
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
        self.optimizer.penalty()
    }

    /// Trains for `epochs` epochs on ratings or any other [`Examples`], with a validation part or any other [`Judge`],
    /// continuing from the end of the last fit; returns the reason if it stopped early.
    ///
    /// After an error the model has the weights of the last complete epoch, and the optimizer starts afresh.
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
            self.optimizer.reset();
        }
        answer
    }

    /// Takes one step on one batch; returns the updated model, and its scores before the step, `[queries, candidates]`.
    /// The model must have been prepared with [`Trainer::take_up`].
    pub fn step<M: Model>(
        &mut self,
        model: M,
        batch: &Batch,
        device: &Device,
    ) -> Result<(M, Tensor<2>), TrainError> {
        self.check_batch(batch)?;
        let (model, scores) = self.scored_step(model, batch, device)?;
        Ok((
            model,
            match scores {
                Scored::Device(scores) => *scores,
                Scored::Host(scores) => {
                    let shape = [batch.queries, batch.candidates.per_query()];
                    Tensor::from_data(TensorData::new(scores, shape), &device.clone().inner())
                }
            },
        ))
    }

    /// As [`Trainer::step`], without reading the scores from the device.
    pub(crate) fn scored_step<M: Model>(
        &mut self,
        model: M,
        batch: &Batch,
        device: &Device,
    ) -> Result<(M, Scored), TrainError> {
        // A callback may have changed it after the last step.
        self.check_rate()?;
        self.optimizer.begin_step(batch);
        let pairs = batch.candidates == Candidates::Each(1);
        if let Some(factorisation) = model.factorisation().filter(|_| pairs) {
            let rate = self.learning_rate;
            let optimizer = &mut self.optimizer;
            let scores = optimizer.step_factorisation(&factorisation, batch, self.loss, rate);
            if let Some(scores) = scores {
                return Ok((model, Scored::Host(scores)));
            }
        }
        // The seed of a step is its number, so that a resumed training draws the same masks.
        let steps = self.optimizer.steps();
        let seed = self
            .seed
            .wrapping_add(steps.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (loss, rate) = (self.loss, self.learning_rate);
        if let Some(scores) = self.optimizer.step_compiled(batch, loss, rate, seed) {
            return Ok((model, Scored::Host(scores)));
        }
        let device = device.clone().inner();
        let pass = self.optimizer.pass(seed);
        let inputs = model.inputs();
        let columns = Columns::new(batch, &inputs, &device);
        let scores = model.score(&Inputs::new(&columns, &pass));
        let wanted = [batch.queries, batch.candidates.per_query()];
        if scores.dims() != wanted {
            let seen = scores.dims().to_vec();
            return Err(TrainError::ScoreShape { wanted, seen });
        }
        let goal = Goal::of(batch);
        let (gradients, scored) = if self.optimizer.on_host() {
            let (gradients, numbers) = backward_on_host(self.loss, scores, &goal);
            (gradients, Scored::Host(numbers))
        } else {
            let gradients = mean_loss(self.loss, scores.clone(), &goal).backward();
            (gradients, Scored::Device(Box::new(scores.inner())))
        };
        let model = self
            .optimizer
            .step(model, &pass, &columns, gradients, self.learning_rate);
        Ok((model, scored))
    }

    /// Prepares a model for [`Trainer::step`]: moves its dense weights to autodiff and its tables into the optimizer.
    pub fn take_up<M: Model>(&mut self, model: &M) -> M {
        self.optimizer.adopt(model);
        model.clone().train()
    }

    /// The model as it would be saved: every row up to date, tables copied back, without autodiff.
    pub fn hand_back<M: Model>(&mut self, model: M) -> M {
        self.optimizer.settle();
        self.optimizer.hand_back(model).valid()
    }

    pub(crate) fn check<M: Model>(
        &self,
        model: &M,
        train: &dyn Examples,
        valid: Option<&dyn Judge<M>>,
    ) -> Result<(), TrainError> {
        self.rule.check()?;
        self.loss.check()?;
        self.check_rate()?;
        if self.learning_rate == 0.0 {
            let (what, wanted, seen) = ("the learning rate", "finite and above 0", 0.0);
            return Err(SettingError { what, wanted, seen }.into());
        }
        let device = device_of(model);
        // Must come before reading a tensor that the device may have failed to create.
        Memory::of(&device).check_tensors(model)?;
        let tables = tables(model);
        let wanted = wanted(model, &tables);
        let of_part = |part| move |error| TrainError::of_part(part, error);
        train.serves(&wanted).map_err(of_part("training"))?;
        self.check_goal(train)?;
        if let Some(valid) = valid {
            valid.check(&wanted).map_err(of_part("validation"))?;
        }
        if self.optimizer.holds_all(&tables) {
            return Ok(()); // a fit that continues has its memory already
        }
        let plan = Plan {
            rule: self.rule,
            mode: self.mode,
            batch: self.batch.min(train.queries()),
            as_tensors: self.optimizer.keeps_tensors(),
            saves: self.saves || self.checkpoints.is_some(),
            limit: self.memory_limit,
        };
        Ok(plan.check(model, &tables, &device)?)
    }

    /// Refuses a loss that cannot be computed from these examples.
    fn check_goal(&self, train: &dyn Examples) -> Result<(), TrainError> {
        let alone = train.candidates(self.batch).per_query() < 2;
        match self.loss.ranks() && (alone || train.has_targets()) {
            true => Err(TrainError::NoNegatives { loss: self.loss }),
            false => Ok(()),
        }
    }

    /// Checks that the model that was taken up has the rows of a batch.
    fn check_batch(&self, batch: &Batch) -> Result<(), TrainError> {
        let [users, items] = self.optimizer.rows();
        for (column, rows, ids) in [
            ("users", users, &batch.users.rows),
            ("items", items, &batch.items.rows),
            (
                "positions of users",
                batch.users.rows.len(),
                &batch.users.inverse,
            ),
            (
                "positions of items",
                batch.items.rows.len(),
                &batch.items.inverse,
            ),
        ] {
            if let Some(row) = ids.iter().position(|&id| id as usize >= rows) {
                let id = ids[row];
                return Err(DataError::OutOfTable {
                    row,
                    column,
                    id,
                    rows,
                }
                .into());
            }
        }
        Ok(())
    }

    /// Checks the learning rate. A schedule may end at 0, which pauses training.
    fn check_rate(&self) -> Result<(), TrainError> {
        Ok(self.rule.check_rate(self.learning_rate)?)
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
            assert!(trainer.optimizer.keeps_tensors(), "{order:?}");
            assert_eq!(trainer.mode, Mode::Touched, "{order:?}");
            assert_eq!(trainer.optimizer.mode(), Mode::Touched, "{order:?}");
            assert_eq!(
                (trainer.loss, trainer.batch, trainer.seed),
                (Loss::Mae, 7, 3)
            );
            assert_eq!(trainer.memory_limit, Some(9));
        }
    }
}
