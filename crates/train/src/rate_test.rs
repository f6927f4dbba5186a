//! The learning rate range test.

use crate::average::Average;
use crate::error::TrainError;
use crate::evaluate::{Judge, Sums, wanted};
use crate::history::History;
use crate::hyper::Hyper;
use crate::optimizer::Optimizer;
use crate::session::{Scored, Session};
use crate::trainer::Trainer;
use recburn_data::Examples;
use recburn_nn::{Model, device_of, score_batch, tables};
use recburn_optim::{Goal, SettingError};
use recburn_schema::Batch;
use serde_json::Value;

/// The share of the smoothed loss that a step leaves.
const KEPT: f64 = 0.98;

/// The test ends when the smoothed loss exceeds its lowest value by this factor.
const DIVERGED: f64 = 4.0;

/// A slope of the loss is measured over this part of the steps: a fifth.
const PARTS: usize = 5;

/// The smoothed loss of the last steps, where it begins to rise, is not considered for its lowest value.
const LAST: usize = 5;

/// The fewest steps of a test.
const FEWEST: usize = 20;

/// The learning rates of a range test: `low * (high / low)^(i / (steps - 1))` at step `i` from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRange {
    /// The first rate: finite and above 0.
    pub low: f64,
    /// The last rate: finite and above `low`.
    pub high: f64,
    /// The number of steps, at least 20.
    pub steps: usize,
}

impl Default for RateRange {
    /// As in fastai: 100 steps from 1e-7 to 10.
    fn default() -> Self {
        Self {
            low: 1e-7,
            high: 10.0,
            steps: 100,
        }
    }
}

impl RateRange {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Fewer than 20 steps, a rate that is not finite and above 0, or rates in the wrong order.
    pub fn check(&self) -> Result<(), SettingError> {
        let refused = |what, wanted, seen| Err(SettingError { what, wanted, seen });
        let is_rate = |rate: f64| rate.is_finite() && rate > 0.0;
        if self.steps < FEWEST {
            let what = "the number of steps of a rate test";
            return refused(what, "20 or more", self.steps as f64);
        }
        if !is_rate(self.low) {
            let what = "the lowest rate of a rate test";
            return refused(what, "finite and above 0", self.low);
        }
        if !is_rate(self.high) || self.high <= self.low {
            let what = "the highest rate of a rate test";
            return refused(what, "finite and above the lowest", self.high);
        }
        Ok(())
    }

    fn rate(&self, step: usize) -> f64 {
        match step + 1 == self.steps {
            true => self.high,
            false => {
                let way = step as f64 / (self.steps - 1) as f64;
                self.low * (self.high / self.low).powf(way)
            }
        }
    }
}

/// The outcome of a learning rate range test, see [`find_rate`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateTest {
    /// The learning rate of each step, ascending.
    pub rates: Vec<f64>,
    /// The smoothed loss at each step.
    pub losses: Vec<f64>,
    /// The rate at which the loss falls most steeply: usually a good one to train with. `None` if it never falls, or the
    /// test ended within its first fifth.
    pub suggestion: Option<f64>,
    /// A tenth of the rate with the lowest smoothed loss (fastai's `minimum`): a second opinion. `None` if the test ended
    /// within its first steps.
    pub tenth_of_lowest: Option<f64>,
    /// The rate at which the loss became more than four times its lowest value, or was not finite; `None` if it did not
    /// within the range.
    pub diverged_at: Option<f64>,
}

/// The learning rate range test of Smith 2017, as in fastai's `lr_find`: trains a copy of the model at rates that rise
/// geometrically from step to step, and returns the loss at each of them.
///
/// The loss of a step is the mean over its batch before the update, without penalty. Batches differ more from each other than
/// a step changes the loss, so the loss of the untrained model on the same batch is subtracted: `gain_i`. It is smoothed as
/// `m_i = 0.98 * m_(i-1) + 0.02 * gain_i`, divided by `1 - 0.98^i`, and the mean loss of the untrained model is added again. The test ends after the last step of the range, or when
/// the smoothed loss exceeds four times its lowest value so far.
///
/// The suggestion is the rate in the middle of the fifth of the range's steps in which a line through the losses, by least
/// squares over the logarithm of the rate, falls most steeply (Savitzky and Golay 1964). fastai's `steep` compares
/// consecutive smoothed losses instead, which are noisiest in the first steps. The lowest smoothed loss is taken, as in fastai, without the first tenth of the range's steps and the
/// last five.
///
/// Rule, loss, mode, batch and seed are those of the trainer, and the test continues from its optimizer state, on the
/// batches of its next epoch (and of the epochs after it, if there are fewer than `steps`). Trainer and model are
/// left as they are: callbacks are not called, and nothing is recorded. It takes the memory of another model in training.
///
/// # Errors
/// Those of [`RateRange::check`]; a highest rate that the rule refuses; and those of a fit on these examples.
///
/// ```no_run
/// # use recburn_nn::Network;
/// # use recburn_train::{RateRange, TrainError, Trainer, find_rate};
/// # fn example(mut trainer: Trainer, model: Network, ratings: recburn_data::Ratings) -> Result<(), TrainError> {
/// let test = find_rate(&trainer, &model, &ratings, RateRange::default())?;
/// if let Some(rate) = test.suggestion {
///     trainer.set_learning_rate(rate);
/// }
/// # Ok(())
/// # }
/// ```
pub fn find_rate<M: Model>(
    trainer: &Trainer,
    model: &M,
    train: &dyn Examples,
    range: RateRange,
) -> Result<RateTest, TrainError> {
    range.check()?;
    trainer.hyper.rule.check_rate(range.high)?;
    let mut copy = trainer.copy_at(range.low);
    let judge: Option<&dyn Judge<M>> = None;
    copy.check(model, train, judge)?;
    // As a fit, from the weights that are averaged rather than from their averages.
    let model = match trainer.average.plain_of(model) {
        Some(plain) => plain.load_into(model.valid())?,
        None => model.valid(),
    };
    let (inputs, device) = (model.inputs(), device_of(&model));
    let mut epoch = trainer.history.epochs.len() as u64 + 1;
    let (seed, loss) = (copy.hyper.seed, copy.hyper.loss);
    let mut feed = train.feed(&wanted(&model, &tables(&model)), copy.hyper.batch)?;
    feed.begin(seed, epoch);
    let mut session = Session::new(&mut copy, &model, false);
    session.trainer.optimizer().smooth(&model, train)?;
    session.begin_epoch();
    let (mut batch, mut curve) = (Batch::default(), Curve::default());
    for step in 0..range.steps {
        if !feed.fill(&mut batch) {
            epoch += 1;
            feed.begin(seed, epoch);
            session.begin_epoch();
            if !feed.fill(&mut batch) {
                break;
            }
        }
        let rate = range.rate(step);
        session.set_learning_rate(rate);
        let goal = Goal::of(&batch);
        // The session has a copy of the model, which stays as it was.
        let untrained = score_batch(&model, &inputs, &batch, &device);
        let untrained = Sums::default().add(loss, &goal, &untrained);
        let mean = match session.scored_step(&batch)? {
            Scored::Host { scores, loss: sum } => {
                let sum = sum.unwrap_or_else(|| loss.sum(&goal, &scores));
                Sums::default().add_loss(sum, &goal, &scores)
            }
            Scored::Device(scores) => {
                let scores = scores.try_into_data().map_err(|error| {
                    let when = format!("at step {} of the rate test", step + 1);
                    TrainError::of_device(when, &error)
                })?;
                let scores: Vec<f32> = scores.iter::<f32>().collect();
                Sums::default().add(loss, &goal, &scores)
            }
        };
        if !curve.add(rate, mean, untrained) {
            break;
        }
    }
    Ok(curve.end(range.steps))
}

impl Trainer {
    /// A trainer with the same settings and optimizer state, and nothing that it would tell anyone.
    fn copy_at(&self, learning_rate: f64) -> Self {
        Self {
            spread: None,
            hyper: Hyper {
                averaging: None,
                ..self.hyper
            },
            ways: self.ways,
            learning_rate,
            optimizer: self.optimizer.as_ref().map(Optimizer::copy),
            history: History::default(),
            callbacks: Vec::new(),
            checkpoints: None,
            checkpoint_within: None,
            within: None,
            memory_limit: self.memory_limit,
            planned: 0,
            provenance: Value::Null,
            rows: None,
            resumed: None,
            saves: false,
            average: Average::default(),
        }
    }
}

/// The smoothed loss by rate.
#[derive(Default)]
struct Curve {
    rates: Vec<f64>,
    /// The loss of each batch minus that of the untrained model on it, as they are.
    gains: Vec<f64>,
    /// The same, smoothed.
    smoothed: Vec<f64>,
    /// Not yet corrected for its start at 0.
    smooth: f64,
    /// The sum of the untrained model's losses.
    untrained: f64,
    lowest: Option<f64>,
    diverged_at: Option<f64>,
}

impl Curve {
    /// Adds the loss of a step; `false` if the test ends with it.
    fn add(&mut self, rate: f64, loss: f64, untrained: f64) -> bool {
        if !loss.is_finite() || !untrained.is_finite() {
            self.diverged_at = Some(rate);
            return false;
        }
        let gain = loss - untrained;
        self.smooth = KEPT * self.smooth + (1.0 - KEPT) * gain;
        self.untrained += untrained;
        self.rates.push(rate);
        self.gains.push(gain);
        let smoothed = self.smooth / (1.0 - KEPT.powi(self.rates.len() as i32));
        self.smoothed.push(smoothed);
        let smooth = self.level() + smoothed;
        let lowest = self.lowest.map_or(smooth, |lowest| lowest.min(smooth));
        self.lowest = Some(lowest);
        if smooth > DIVERGED * lowest {
            self.diverged_at = Some(rate);
        }
        self.diverged_at.is_none()
    }

    /// The mean loss of the untrained model on the batches so far.
    fn level(&self) -> f64 {
        self.untrained / self.rates.len().max(1) as f64
    }

    /// The test, of a range with this many steps.
    fn end(self, steps: usize) -> RateTest {
        let level = self.level();
        let losses: Vec<f64> = self.smoothed.iter().map(|gain| level + gain).collect();
        let end = losses.len().saturating_sub(LAST);
        let considered = (steps / 10).min(end)..end;
        let lowest = considered.min_by(|&one, &two| losses[one].total_cmp(&losses[two]));
        let width = steps / PARTS;
        let slopes = self.gains.windows(width).map(slope).enumerate();
        let steepest = slopes.min_by(|one, two| one.1.total_cmp(&two.1));
        let falls = steepest.filter(|(_, slope)| *slope < 0.0);
        RateTest {
            suggestion: falls.map(|(first, _)| self.rates[first + width / 2]),
            tenth_of_lowest: lowest.map(|step| self.rates[step] / 10.0),
            rates: self.rates,
            losses,
            diverged_at: self.diverged_at,
        }
    }
}

/// The slope of the line through these numbers by least squares, per position, times a constant. Positions are logarithms
/// of rates, which rise by one factor.
fn slope(losses: &[f64]) -> f64 {
    let middle = (losses.len() - 1) as f64 / 2.0;
    let offsets = losses.iter().enumerate();
    offsets.map(|(at, loss)| (at as f64 - middle) * loss).sum()
}
