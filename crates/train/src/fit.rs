//! The training loop of one fit: epochs, steps, callbacks.

use crate::advice::Advice;
use crate::ahead;
use crate::callback::{Callback, Moment, Stop};
use crate::error::TrainError;
use crate::evaluate::{Judge, Sums, wanted};
use crate::history::EpochRecord;
use crate::live::Live;
use crate::provenance::Rows;
use crate::session::{Scored, Session};
use crate::smoothed::propagated;
use crate::trainer::Trainer;
use burn::tensor::Tensor;
use recburn_data::{Examples, Feed, Share};
use recburn_nn::{Model, device_of, tables};
use recburn_optim::Goal;
use recburn_schema::Batch;
use std::ops::ControlFlow;
use std::time::Instant;

/// The number of steps whose scores stay on the device before the host reads them.
const READ_EVERY: usize = 16;

/// A fit in progress.
pub(crate) struct Fit<'a, M> {
    pub(crate) session: Session<'a, M>,
    train: &'a dyn Examples,
    valid: Option<&'a dyn Judge<M>>,
    /// Completes batches that several processes share.
    pub(crate) sharing: Option<Box<dyn Share + 'a>>,
    /// The next batch, if that has been completed.
    completed: Option<Batch>,
    /// Batches per epoch.
    steps: usize,
    last_epoch: usize,
    advice: Option<Advice>,
    /// The model with the averages of its weights, from the first averaged epoch on.
    pub(crate) averaged: Option<M>,
    /// When the last checkpoint was written, or training began.
    pub(crate) saved: Instant,
}

/// The position within an epoch.
#[derive(Default)]
pub(crate) struct Position {
    epoch: usize,
    pub(crate) step: usize,
    steps: usize,
    pub(crate) queries: usize,
    loss: f64,
}

/// What follows a step.
enum Stepped {
    On,
    Save,
    Stop(Stop),
}

/// The ratings that so many queries are made of, on average.
fn ratings_of(train: &dyn Examples, queries: usize) -> usize {
    (queries as u128 * train.ratings() as u128 / train.queries().max(1) as u128) as usize
}

impl Position {
    fn interrupted(&self) -> Stop {
        let Self {
            epoch, step, steps, ..
        } = self;
        Stop {
            reason: format!("interrupted after step {step} of {steps} of epoch {epoch}"),
        }
    }
}

impl<'a, M: Model> Fit<'a, M> {
    pub(crate) fn begin(
        trainer: &'a mut Trainer,
        model: &M,
        train: &'a dyn Examples,
        valid: Option<&'a dyn Judge<M>>,
        epochs: usize,
    ) -> Result<Self, TrainError> {
        trainer.check(model, train, valid)?;
        let rows = Rows::of(train, valid);
        if let Some(resumed) = &trainer.resumed {
            resumed.agrees_with(&rows)?;
        }
        trainer.rows = Some(rows);
        let device = device_of(model);
        let advice = trainer.advice(model, train.queries());
        let last_epoch = trainer.history.epochs.len() + epochs;
        // A model with the averages of the last fit's weights continues from those weights.
        let (start, averaged) = match trainer.average.plain_of(model) {
            Some(plain) => (plain.load_into(model.valid())?, Some(model.valid())),
            None => (model.clone(), None),
        };
        match averaged {
            Some(_) => trainer.average.aside = None,
            None => trainer.average.restart(),
        }
        let keeps = averaged.is_some() || trainer.hyper.averaging.is_some();
        // Smoothed rows are evaluated and left behind as averages are.
        let hands_over = !keeps && propagated(&start).is_none();
        let session = Session::new(trainer, &start, hands_over);
        session.trainer.check_spread()?;
        session.trainer.optimizer().smooth(&start, train)?;
        // Devices report failures late: a failed allocation is detected here, before the first step.
        if let Err(error) = device.sync() {
            session.trainer.optimizer = None;
            session.trainer.average.restart();
            return Err(TrainError::of_device(
                "before the first step".into(),
                &error,
            ));
        }
        Ok(Self {
            session,
            train,
            valid,
            sharing: None,
            completed: None,
            steps: 0,
            last_epoch,
            advice,
            averaged,
            saved: Instant::now(),
        })
    }

    pub(crate) fn run(mut self, model: &mut M) -> Result<Option<Stop>, TrainError> {
        let wanted = wanted(model, &tables(model));
        let mut feed = self.train.feed(&wanted, self.session.trainer.hyper.batch)?;
        self.steps = feed.steps();
        if self.session.trainer.spread.is_some() {
            *model = self.left(); // without the rows that it has handed over
            self.sharing = self
                .train
                .share(&wanted, self.session.trainer.hyper.batch)?;
        }
        self.tell(&self.position(), |callback, moment| {
            callback.on_fit_begin(moment).map(ControlFlow::Continue)
        })?;
        let mut stop = None;
        while stop.is_none() && self.session.trainer.history.epochs.len() < self.last_epoch {
            let mut at = self.position();
            stop = self.tell(&at, |callback, moment| callback.on_epoch_begin(moment))?;
            if stop.is_none() {
                stop = self.epoch(&mut *feed, &mut at)?;
            }
            // The caller's model is at most one epoch behind, whatever goes wrong in the next.
            *model = self.left();
            // An epoch that was stopped begins anew, or where the last checkpoint within it was written.
            if at.step == at.steps {
                self.save_checkpoint(model)?;
            }
        }
        self.tell(&self.position(), |callback, moment| {
            callback.on_fit_end(moment).map(ControlFlow::Continue)
        })?;
        *model = self.left();
        self.put_aside();
        Ok(stop)
    }

    /// The position before the first step of the next epoch.
    fn position(&self) -> Position {
        Position {
            epoch: self.session.trainer.history.epochs.len() + 1,
            steps: self.steps,
            ..Position::default()
        }
    }

    /// Trains one epoch and returns its record.
    fn epoch(
        &mut self,
        feed: &mut dyn Feed,
        at: &mut Position,
    ) -> Result<Option<Stop>, TrainError> {
        let epoch = at.epoch;
        let start = Instant::now();
        feed.begin(self.session.trainer.hyper.seed, epoch as u64);
        self.session.begin_epoch();
        self.completed = None; // the last epoch may have been stopped
        let mut sums = Sums::default();
        let earlier = self.take_up(feed, at, &mut sums);
        let seconds = || earlier + start.elapsed().as_secs_f64();
        let mut unread = Vec::with_capacity(READ_EVERY);
        let size = self.session.trainer.hyper.batch;
        let peeks = self.session.trainer.spread.is_some();
        let stop = ahead::each(feed, size, peeks, |batch, next| {
            match self.step((batch, next), at, &mut unread, &mut sums) {
                Ok(Stepped::On) => ControlFlow::Continue(()),
                Ok(Stepped::Save) => {
                    let read = self.read(&mut unread, &mut sums, epoch, at.step);
                    match read.and_then(|()| self.save_within(at, &sums, seconds())) {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(error) => ControlFlow::Break(Err(error)),
                    }
                }
                Ok(Stepped::Stop(stop)) => ControlFlow::Break(Ok(stop)),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        });
        let stop = stop.transpose()?;
        self.read(&mut unread, &mut sums, epoch, at.step)?;
        self.session.settle();
        if at.step == at.steps {
            self.average(epoch)?;
        }
        let ratings = ratings_of(self.train, at.queries) as f64;
        let ratings = match &self.session.trainer.spread {
            Some(spread) => {
                sums.over(spread);
                spread.sum_of(ratings)
            }
            None => ratings,
        };
        let seconds = seconds();
        let record = EpochRecord {
            epoch,
            learning_rate: self.session.trainer.learning_rate,
            train: sums.measures(),
            valid: match self.valid {
                Some(judge) => {
                    let judged = self.averaged.as_ref().unwrap_or(self.session.live());
                    Some(judge.judge(judged, self.session.trainer.hyper.loss)?)
                }
                None => None,
            },
            penalty: self.session.trainer.penalty_of_all(),
            seconds,
            ratings_per_second: ratings / seconds,
        };
        // The loss of a step is computed before it: the effect of the last steps shows only in the weights.
        let left = if record.watched().is_finite() {
            let optimizer = self.session.trainer.optimizer.as_ref();
            optimizer.map_or(0.0, |own| own.sum_of_weights(self.session.live()))
        } else {
            record.watched()
        };
        if !left.is_finite() {
            return Err(self.diverged(epoch, at.step, left));
        }
        self.session.trainer.history.epochs.push(record);
        let asked = self.tell(at, |callback, moment| callback.on_epoch_end(moment))?;
        Ok(stop.or(asked))
    }

    /// Takes one step, before the next batch if it is known, and calls the callbacks.
    fn step(
        &mut self,
        (batch, next): (&Batch, Option<&Batch>),
        at: &mut Position,
        unread: &mut Vec<(Tensor<2>, Batch)>,
        sums: &mut Sums,
    ) -> Result<Stepped, TrainError> {
        let shared = self.completed.take().or_else(|| self.shared(batch));
        let batch = shared.as_ref().unwrap_or(batch);
        let completed = next.and_then(|next| self.shared(next));
        let next = completed.as_ref().or(next);
        let due = self.is_due();
        self.session.trainer.optimizer().ask_to_save(due);
        let scores = self.session.scored_step_before(batch, next)?;
        self.completed = completed;
        at.step += 1;
        at.queries += batch.len();
        match scores {
            Scored::Host { scores, loss } => {
                let goal = Goal::of(batch);
                let sum = loss.unwrap_or_else(|| {
                    let loss = self.session.trainer.hyper.loss;
                    loss.sum(&goal, &scores)
                });
                let loss = sums.add_loss(sum, &goal, &scores);
                if !loss.is_finite() {
                    return Err(self.diverged(at.epoch, at.step, loss));
                }
            }
            Scored::Device(scores) => {
                unread.push((*scores, goal_of(batch)));
                if unread.len() == READ_EVERY || at.step == at.steps {
                    self.read(unread, sums, at.epoch, at.step)?;
                }
            }
        }
        at.loss = sums.loss();
        let told = self.tell(at, |callback, moment| callback.on_step_end(moment))?;
        let optimizer = self.session.trainer.optimizer();
        let (stops, saves) = (optimizer.stops(), optimizer.saves().unwrap_or(due));
        Ok(match told.or_else(|| stops.then(|| at.interrupted())) {
            Some(stop) => Stepped::Stop(stop),
            None if saves && at.step < at.steps => Stepped::Save,
            None => Stepped::On,
        })
    }

    /// Waits for the device and reads the scores of the last steps; the only place where the host waits.
    fn read(
        &self,
        unread: &mut Vec<(Tensor<2>, Batch)>,
        sums: &mut Sums,
        epoch: usize,
        step: usize,
    ) -> Result<(), TrainError> {
        let first = step + 1 - unread.len();
        for (at, (scores, batch)) in unread.drain(..).enumerate() {
            // Whatever went wrong on the device since the last reading shows here.
            let scores = scores.try_into_data().map_err(|error| {
                let when = format!("at or before step {} of epoch {epoch}", first + at);
                TrainError::of_device(when, &error)
            })?;
            let scores: Vec<f32> = scores.iter::<f32>().collect();
            let loss = sums.add(self.session.trainer.hyper.loss, &Goal::of(&batch), &scores);
            if !loss.is_finite() {
                return Err(self.diverged(epoch, first + at, loss));
            }
        }
        Ok(())
    }

    fn diverged(&self, epoch: usize, step: usize, loss: f64) -> TrainError {
        TrainError::Diverged {
            epoch,
            step,
            loss,
            learning_rate: self.session.trainer.learning_rate,
        }
    }

    /// Calls every callback, even after one that asks to stop: the first reason is reported.
    fn tell(
        &mut self,
        at: &Position,
        call: impl Fn(&mut dyn Callback, &mut Moment<'_>) -> Result<ControlFlow<Stop>, TrainError>,
    ) -> Result<Option<Stop>, TrainError> {
        let (trainer, model) = self.session.parts();
        if trainer.callbacks.is_empty() {
            return Ok(None);
        }
        trainer.optimizer();
        let Trainer {
            optimizer: Some(optimizer),
            callbacks,
            learning_rate,
            history,
            planned,
            average,
            ..
        } = trainer
        else {
            return Ok(None); // it was made a line ago
        };
        let mut live = Live {
            model,
            optimizer,
            averaged: &mut self.averaged,
            average,
        };
        let mut moment = Moment {
            epoch: at.epoch,
            last_epoch: self.last_epoch.max(*planned),
            step: at.step,
            steps: at.steps,
            ratings: ratings_of(self.train, at.queries),
            ratings_in_all: self.train.ratings(),
            loss: at.loss,
            learning_rate,
            history,
            advice: self.advice.as_ref(),
            live: &mut live,
        };
        let mut stop = None;
        for callback in callbacks {
            if let ControlFlow::Break(asked) = call(callback.as_mut(), &mut moment)? {
                stop = stop.or(Some(asked));
            }
        }
        Ok(stop)
    }

    fn save_checkpoint(&mut self, model: &M) -> Result<(), TrainError> {
        let trainer = &self.session.trainer;
        let epochs = trainer.history.epochs.len();
        match trainer.checkpoints.clone() {
            Some((folder, every)) if epochs.is_multiple_of(every) => {
                self.write_checkpoint(&folder, model)
            }
            _ => Ok(()),
        }
    }
}

/// A batch without its inputs: only what its scores are compared with.
fn goal_of(batch: &Batch) -> Batch {
    Batch {
        queries: batch.queries,
        candidates: batch.candidates,
        targets: batch.targets.clone(),
        positives: batch.positives.clone(),
        left_out: batch.left_out.clone(),
        log_q: batch.log_q.clone(),
        weights: batch.weights.clone(),
        ..Batch::default()
    }
}
