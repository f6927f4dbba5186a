//! A model in training, step by step.

use crate::error::TrainError;
use crate::loss::{backward_on_host, mean_loss};
use crate::optimizer::Optimizer;
use crate::trainer::Trainer;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_data::DataError;
use recburn_nn::{Columns, Inputs, Memory, Model, device_of};
use recburn_optim::Goal;
use recburn_schema::{Batch, Candidates};

/// The scores of a step: already read, or still on the device.
pub(crate) enum Scored {
    Host {
        scores: Vec<f32>,
        /// The sum of the queries' losses, if the step computed it.
        loss: Option<f64>,
    },
    Device(Box<Tensor<2>>),
}

/// A model between [`Trainer::begin`] and [`Session::end`]: its tables are held by the trainer, which updates their
/// rows, and its other weights are ready for gradients. Only a session takes steps.
///
/// A step involves three files: this one (which of three paths a model takes), `read.rs` (the rows that it reads) and
/// `store.rs` (how they are updated). The paths are a factorisation without tensors (`factorise.rs`), a graph with
/// compiled steps (`compiled.rs`), and any other module by autodiff, here.
pub struct Session<'t, M> {
    pub(crate) trainer: &'t mut Trainer,
    /// `None` only while an autodiff step holds it.
    live: Option<M>,
    device: Device,
    memory: Memory,
}

impl<'t, M: Model> Session<'t, M> {
    /// Moves the model's tables to where they are trained. The model and the settings have been checked.
    /// On several processes, a model that `hands_over` its rows has none until the end.
    pub(crate) fn new(trainer: &'t mut Trainer, model: &M, hands_over: bool) -> Self {
        let model = &trainer.optimizer().take(model, hands_over);
        let device = device_of(model);
        Self {
            trainer,
            live: Some(model.clone().train()),
            memory: Memory::of(&device),
            device,
        }
    }

    /// Takes one step on one batch; returns the scores before it, `[queries, candidates]`.
    ///
    /// # Errors
    /// For a row outside the model's tables, an invalid learning rate, scores with the wrong shape, or more scores than
    /// the device's largest tensor holds. The model is then unchanged.
    pub fn step(&mut self, batch: &Batch) -> Result<Tensor<2>, TrainError> {
        self.check(batch)?;
        Ok(match self.scored_step(batch)? {
            Scored::Device(scores) => *scores,
            Scored::Host { scores, .. } => {
                let shape = [batch.queries, batch.candidates.per_query()];
                let device = self.device.clone().inner();
                Tensor::from_data(TensorData::new(scores, shape), &device)
            }
        })
    }

    /// As [`Session::step`] on a batch whose rows are known to fit, without reading the scores from the device.
    pub(crate) fn scored_step(&mut self, batch: &Batch) -> Result<Scored, TrainError> {
        let asked = self.ask(batch)?;
        self.take_step(asked.as_ref().unwrap_or(batch))
    }

    /// Checks what a step needs, and asks other processes for the rows of its batch if they are distributed: see
    /// [`Optimizer::ask`].
    pub(crate) fn ask(&mut self, batch: &Batch) -> Result<Option<Batch>, TrainError> {
        // A callback may have changed it after the last step.
        self.trainer.check_rate()?;
        self.memory
            .check_scores(batch.queries, batch.candidates.per_query())?;
        Ok(self.trainer.optimizer().ask(batch))
    }

    /// Takes a step whose rows have been asked for.
    pub(crate) fn take_step(&mut self, batch: &Batch) -> Result<Scored, TrainError> {
        let (live, trainer) = (&mut self.live, &mut *self.trainer);
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
            return Ok(Scored::Host { scores, loss: None });
        }
        // The seed of a step is its number, so that a resumed training draws the same masks.
        let number = optimizer.steps().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seed = seed.wrapping_add(number);
        if let Some((scores, sum)) = optimizer.step_compiled(batch, loss, rate, seed) {
            let loss = Some(sum);
            return Ok(Scored::Host { scores, loss });
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
            let (gradients, scores, sum) =
                backward_on_host(loss, scores, &goal, pass.take_penalty());
            let loss = Some(sum);
            (gradients, Scored::Host { scores, loss })
        } else {
            let mean = mean_loss(loss, scores.clone(), &goal);
            let gradients = match pass.take_penalty() {
                Some(penalty) => (mean + penalty).backward(),
                None => mean.backward(),
            };
            (gradients, Scored::Device(Box::new(scores.inner())))
        };
        let model = live.take().expect(BETWEEN_STEPS);
        *live = Some(optimizer.step(model, &pass, &columns, gradients, rate));
        Ok(scored)
    }

    /// Begins the first epoch, or another one.
    pub(crate) fn begin_epoch(&mut self) {
        self.trainer.optimizer().begin_epoch();
    }

    /// Changes the learning rate of future steps.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.trainer.set_learning_rate(learning_rate);
    }

    /// The current model: every row up to date, the tables copied into it, without autodiff. Training can continue.
    pub fn model(&mut self) -> M {
        self.settle();
        self.live().valid()
    }

    /// Ends the session; returns the model as [`Session::model`] does.
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

    /// The model between steps; its tables are those of the last settling.
    pub(crate) fn live(&self) -> &M {
        self.live.as_ref().expect(BETWEEN_STEPS)
    }

    /// The trainer, and the model between steps.
    pub(crate) fn parts(&mut self) -> (&mut Trainer, &mut M) {
        let live = self.live.as_mut().expect(BETWEEN_STEPS);
        (self.trainer, live)
    }

    /// Checks that the model has the rows of a batch.
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

const BETWEEN_STEPS: &str = "only a step takes the model away";
