//! Evaluation of models.

use crate::error::TrainError;
use crate::spread::Spread;
use crate::store::least_rows;
use recburn_data::{DataError, Examples, Fingerprint, Ratings};
use recburn_metrics::Measures;
use recburn_nn::{Model, TableInfo, device_of, predict, score_batch, tables};
use recburn_optim::{Goal, Loss};
use recburn_schema::{Batch, Input};
use serde::{Deserialize, Serialize};

/// Queries scored at a time outside training.
const BATCH: usize = 8_192;

/// Running sums of a loss and, if scores have targets, of their errors.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sums {
    weight: f64,
    loss: f64,
    errors: usize,
    squares: f64,
    sizes: f64,
}

impl Sums {
    /// Adds a batch and returns its mean loss.
    pub fn add(&mut self, loss: Loss, goal: &Goal<'_>, scores: &[f32]) -> f64 {
        self.add_loss(loss.sum(goal, scores), goal, scores)
    }

    /// As [`Sums::add`], with the known sum of the queries' losses.
    pub fn add_loss(&mut self, sum: f64, goal: &Goal<'_>, scores: &[f32]) -> f64 {
        let weight = goal.total_weight();
        self.loss += sum;
        self.weight += weight;
        for (score, target) in scores.iter().zip(goal.targets) {
            let error = f64::from(*score) - f64::from(*target);
            self.squares += error * error;
            self.sizes += error.abs();
        }
        self.errors += goal.targets.len().min(scores.len());
        match weight > 0.0 {
            true => sum / weight,
            false => 0.0,
        }
    }

    /// Adds the sums of all processes.
    pub fn over(&mut self, spread: &Spread) {
        let errors = self.errors as f64;
        let mut sums = [self.weight, self.loss, errors, self.squares, self.sizes];
        recburn_spread::sum(spread.ranks(), &mut sums);
        let [weight, loss, errors, squares, sizes] = sums;
        *self = Self {
            weight,
            loss,
            errors: errors as usize,
            squares,
            sizes,
        };
    }

    /// The mean loss so far.
    pub fn loss(&self) -> f64 {
        match self.weight > 0.0 {
            true => self.loss / self.weight,
            false => 0.0,
        }
    }

    /// The mean loss and, if scores have targets, their errors.
    pub fn measures(&self) -> Measures {
        let mut measures = Measures::default();
        measures.set(Measures::LOSS, self.loss());
        if self.errors > 0 {
            let count = self.errors as f64;
            measures.set(Measures::RMSE, (self.squares / count).sqrt());
            measures.set(Measures::MAE, self.sizes / count);
        }
        measures
    }
}

/// The inputs of a model; users and items with the rows of their tables if these are known only from the tables.
pub(crate) fn wanted<M: Model>(model: &M, tables: &[TableInfo]) -> Vec<Input> {
    let mut inputs = model.inputs();
    let [users, items] = least_rows(tables);
    for (input, rows) in [(Input::users as fn(_) -> _, users), (Input::items, items)] {
        let input: Input = input(rows);
        if rows != usize::MAX && !inputs.iter().any(|known| known.name == input.name) {
            inputs.push(input);
        }
    }
    inputs
}

/// A model's validation: examples that it scores, or lists that it ranks.
pub trait Judge<M> {
    /// Checks that the model can be evaluated: every input exists, and no row is outside its tables.
    ///
    /// # Errors
    /// The input that does not fit, with the row.
    fn check(&self, wanted: &[Input]) -> Result<(), DataError>;

    /// Evaluates the model and returns named measures; `loss` is the one that is watched by default.
    ///
    /// # Errors
    /// As [`Judge::check`].
    fn judge(&self, model: &M, loss: Loss) -> Result<Measures, TrainError>;

    /// Identifies the data of the evaluation, so that a checkpoint is not resumed on other data.
    fn fingerprint(&self) -> Fingerprint;
}

/// Evaluates by the loss, and by the errors if there are targets.
impl<M: Model, E: Examples> Judge<M> for E {
    fn check(&self, wanted: &[Input]) -> Result<(), DataError> {
        self.serves(wanted)
    }

    fn judge(&self, model: &M, loss: Loss) -> Result<Measures, TrainError> {
        score(model, self, loss)
    }

    fn fingerprint(&self) -> Fingerprint {
        Examples::fingerprint(self)
    }
}

/// Refuses rows whose ids are outside the model's tables, as a fit does. For rows that do not belong to the data the
/// model was built for.
pub fn check_rows<M: Model>(model: &M, ratings: &Ratings) -> Result<(), TrainError> {
    let [users, items] = least_rows(&tables(model));
    Ok(ratings.check(users, items)?)
}

/// The scores of these rows, in their order, by a model that reads only users and items.
///
/// # Panics
/// If an id is outside the model's tables, on every backend; check with [`check_rows`] first.
pub fn score_rows<M: Model>(model: &M, ratings: &Ratings) -> Vec<f32> {
    predict(model, &ratings.users, &ratings.items, BATCH)
}

/// Evaluates the model on ratings or other examples: `loss` and, if scores have targets, `rmse` and `mae`. Without rows
/// the error is 0.
///
/// # Errors
/// As [`Examples::serves`], except that there may be no rows.
pub fn evaluate<M: Model>(
    model: &M,
    examples: &dyn Examples,
    loss: Loss,
) -> Result<Measures, TrainError> {
    match examples.queries() {
        0 => Ok([Measures::LOSS, Measures::RMSE, Measures::MAE]
            .map(|name| (name, 0.0))
            .into_iter()
            .collect()),
        _ => score(model, examples, loss),
    }
}

fn score<M: Model>(model: &M, examples: &dyn Examples, loss: Loss) -> Result<Measures, TrainError> {
    let model = model.valid();
    let wanted = wanted(&model, &tables(&model));
    let inputs = model.inputs();
    let device = device_of(&model);
    let (mut sums, mut batch) = (Sums::default(), Batch::default());
    let mut feed = examples.feed(&wanted, BATCH)?;
    feed.begin(0, 0);
    while feed.fill(&mut batch) {
        let scores = score_batch(&model, &inputs, &batch, &device);
        sums.add(loss, &Goal::of(&batch), &scores);
    }
    Ok(sums.measures())
}
