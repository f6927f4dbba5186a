//! A model in training, step by step.

use crate::error::TrainError;
use crate::loss::{backward_on_host, mean_loss};
use crate::optimizer::Optimizer;
use crate::trainer::Trainer;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_data::DataError;
use recburn_nn::{Columns, Inputs, Model, device_of};
use recburn_optim::Goal;
use recburn_schema::{Batch, Candidates};

/// The scores of a step: read already, or still on their way.
pub(crate) enum Scored {
    Host(Vec<f32>),
    Device(Box<Tensor<2>>),
}

/// A model between [`Trainer::begin`] and [`Session::end`]: its tables are where the trainer moves their rows, its other
/// weights are ready for gradients. Only a session has steps.
///
/// One step goes through three files: this one (which of three ways a model takes), `read.rs` (the rows that it reads) and
/// `store.rs` (how they move). The ways are a factorisation without a tensor (`factorise.rs`), a graph whose steps are
/// compiled (`compiled.rs`), and any other module by autodiff, here.
pub struct Session<'t, M> {
    pub(crate) trainer: &'t mut Trainer,
    /// Away only while a step by autodiff has it.
    live: Option<M>,
    device: Device,
}

impl<'t, M: Model> Session<'t, M> {
    /// Puts the model's tables where they are trained. The model and the settings have been checked.
    pub(crate) fn new(trainer: &'t mut Trainer, model: &M) -> Self {
        trainer.optimizer().adopt(model);
        Self {
            trainer,
            live: Some(model.clone().train()),
            device: device_of(model),
        }
    }

    /// One step on one batch: the scores before it, `[queries, candidates]`.
    ///
    /// # Errors
    /// A row beyond the model's tables, a learning rate that the rule cannot use, or scores of another shape. The model is
    /// then as it was.
    pub fn step(&mut self, batch: &Batch) -> Result<Tensor<2>, TrainError> {
        self.check(batch)?;
        Ok(match self.scored_step(batch)? {
            Scored::Device(scores) => *scores,
            Scored::Host(scores) => {
                let shape = [batch.queries, batch.candidates.per_query()];
                let device = self.device.clone().inner();
                Tensor::from_data(TensorData::new(scores, shape), &device)
            }
        })
    }

    /// As [`Session::step`] on a batch whose rows are known to fit, with the scores where they are.
    pub(crate) fn scored_step(&mut self, batch: &Batch) -> Result<Scored, TrainError> {
        let (live, trainer) = (&mut self.live, &mut *self.trainer);
        // A callback may have changed it after the last step.
        trainer.check_rate()?;
        let (loss, rate, seed) = (
            trainer.hyper.loss,
            trainer.learning_rate,
            trainer.hyper.seed,
        );
        let optimizer = trainer.optimizer();
        let model = live.as_ref().expect(BETWEEN_STEPS);
        optimizer.begin_step(batch);
        let pairs = batch.candidates == Candidates::Each(1);
        if let Some(factorisation) = model.factorisation().filter(|_| pairs)
            && let Some(scores) = optimizer.step_factorisation(&factorisation, batch, loss, rate)
        {
            return Ok(Scored::Host(scores));
        }
        // A step's seed is its number, so that a resumed training draws the masks that it would have drawn.
        let number = optimizer.steps().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seed = seed.wrapping_add(number);
        if let Some(scores) = optimizer.step_compiled(batch, loss, rate, seed) {
            return Ok(Scored::Host(scores));
        }
        let device = self.device.clone().inner();
        let pass = optimizer.pass(seed);
        let inputs = model.inputs();
        let columns = Columns::new(batch, &inputs, &device);
        let scores = model.score(&Inputs::new(&columns, &pass));
        let wanted = [batch.queries, batch.candidates.per_query()];
        if scores.dims() != wanted {
            let seen = scores.dims().to_vec();
            return Err(TrainError::ScoreShape { wanted, seen });
        }
        let goal = Goal::of(batch);
        let (gradients, scored) = if optimizer.on_host() {
            let (gradients, numbers) = backward_on_host(loss, scores, &goal);
            (gradients, Scored::Host(numbers))
        } else {
            let gradients = mean_loss(loss, scores.clone(), &goal).backward();
            (gradients, Scored::Device(Box::new(scores.inner())))
        };
        let model = live.take().expect(BETWEEN_STEPS);
        *live = Some(optimizer.step(model, &pass, &columns, gradients, rate));
        Ok(scored)
    }

    /// Changes the learning rate of the steps to come.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.trainer.set_learning_rate(learning_rate);
    }

    /// The model as it is now: every row up to date, the tables copied into it, off autodiff. Training goes on.
    pub fn model(&mut self) -> M {
        self.settle();
        self.live().valid()
    }

    /// Ends the session: the model as [`Session::model`] gives it.
    pub fn end(mut self) -> M {
        self.model()
    }

    /// Brings every row up to date and copies the tables into the model.
    pub(crate) fn settle(&mut self) {
        let optimizer = self.trainer.optimizer();
        optimizer.settle();
        let live = self.live.take().expect(BETWEEN_STEPS);
        self.live = Some(self.trainer.optimizer().hand_back(live));
    }

    /// The model between steps; its tables are as they were when it was last settled.
    pub(crate) fn live(&self) -> &M {
        self.live.as_ref().expect(BETWEEN_STEPS)
    }

    /// The trainer, and the model between steps.
    pub(crate) fn parts(&mut self) -> (&mut Trainer, &mut M) {
        let live = self.live.as_mut().expect(BETWEEN_STEPS);
        (self.trainer, live)
    }

    /// Whether the model's steps are compiled ones.
    #[doc(hidden)]
    pub fn is_compiled(&self) -> bool {
        self.trainer.is_compiled()
    }

    /// Whether the model has the rows of a batch.
    fn check(&self, batch: &Batch) -> Result<(), TrainError> {
        let optimizer = self.trainer.optimizer.as_ref();
        let [users, items] = optimizer.map_or([0, 0], Optimizer::rows);
        let (of_users, of_items) = (&batch.users, &batch.items);
        for (column, rows, ids) in [
            ("users", users, &of_users.rows),
            ("items", items, &of_items.rows),
            ("positions of users", of_users.rows.len(), &of_users.inverse),
            ("positions of items", of_items.rows.len(), &of_items.inverse),
        ] {
            if let Some(row) = ids.iter().position(|&id| id as usize >= rows) {
                let id = ids[row];
                let error = DataError::OutOfTable {
                    row,
                    column,
                    id,
                    rows,
                };
                return Err(error.into());
            }
        }
        Ok(())
    }
}

const BETWEEN_STEPS: &str = "the model is away only while a step has it";
