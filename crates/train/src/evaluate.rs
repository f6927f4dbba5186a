//! Scores of ratings.

use crate::error::TrainError;
use crate::history::Scores;
use crate::store::least_rows;
use recburn_data::{ItemIx, Ratings, UserIx};
use recburn_nn::{Model, predict, tables};
use recburn_optim::Loss;

/// Pairs scored at a time outside of training.
const BATCH: usize = 8_192;

/// Rows whose scores are held at a time: whole batches, so that every pair is scored as among all of them.
const BLOCK: usize = 32 * BATCH;

/// Running sums of a loss and of the two metrics that every history has.
#[derive(Default)]
pub(crate) struct Sums {
    count: usize,
    loss: f64,
    squares: f64,
    sizes: f64,
}

impl Sums {
    /// Adds a batch and returns its mean loss.
    pub fn add(&mut self, loss: Loss, scores: impl Iterator<Item = f32>, ratings: &[f32]) -> f64 {
        let before = self.loss;
        for (score, rating) in scores.zip(ratings) {
            let error = f64::from(score) - f64::from(*rating);
            self.loss += loss.of(error);
            self.squares += error * error;
            self.sizes += error.abs();
        }
        self.count += ratings.len();
        (self.loss - before) / ratings.len().max(1) as f64
    }

    /// The mean loss so far.
    pub fn loss(&self) -> f64 {
        self.loss / self.count.max(1) as f64
    }

    pub fn scores(&self) -> Scores {
        let count = self.count.max(1) as f64;
        Scores {
            loss: self.loss(),
            rmse: (self.squares / count).sqrt(),
            mae: self.sizes / count,
        }
    }
}

/// Refuses rows whose ids lie beyond the model's tables, as a fit does. For rows that did not come with the data the model
/// was made for.
pub fn check_rows<M: Model>(model: &M, ratings: &Ratings) -> Result<(), TrainError> {
    let [users, items] = least_rows(&tables(model));
    Ok(ratings.check(users, items)?)
}

/// The model's scores of these rows, in their order.
///
/// # Panics
/// If an id lies beyond the model's tables, on every backend; [`check_rows`] says so before.
pub fn score_rows<M: Model>(model: &M, ratings: &Ratings) -> Vec<f32> {
    score_block(model, &ratings.users, &ratings.items)
}

fn score_block<M: Model>(model: &M, users: &[UserIx], items: &[ItemIx]) -> Vec<f32> {
    predict(model, users, items, BATCH)
}

/// How well the model scores these rows.
///
/// # Panics
/// As [`score_rows`].
pub fn evaluate<M: Model>(model: &M, ratings: &Ratings, loss: Loss) -> Scores {
    let mut sums = Sums::default();
    let rows = ratings.users.chunks(BLOCK).zip(ratings.items.chunks(BLOCK));
    for ((users, items), ratings) in rows.zip(ratings.ratings.chunks(BLOCK)) {
        sums.add(loss, score_block(model, users, items).into_iter(), ratings);
    }
    sums.scores()
}
