//! How far the scores of a model are from what they stand for.

use crate::library::Scores;
use crate::of_all::{Sums, of_all};
use crate::recommender::Recommender;
use crate::seen::Role;
use recburn_data::{ItemIx, Ratings, UserIx};
use recburn_nn::Model;
use serde::{Deserialize, Serialize};

/// So many ratings, evenly taken, say how far a model is off.
const MOST_MEASURED: usize = 100_000;

/// The least mean squared error that is believed, in parts of the squared width of the scale: a model that has its training
/// ratings by heart is not as sure of others.
const LEAST_NOISE: f64 = 1e-4;

/// The noise of a rating, as a model sees it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Noise {
    /// The mean squared error, in squared stars; of scores that are no ratings their variance over what was trained on.
    pub variance: f64,
    /// The mean score of what was trained on, of scores that are no ratings: whatever somebody has rated is to score like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical: Option<f64>,
}

impl Noise {
    /// Whether it can be computed with: a file may say what it likes.
    pub fn is_sound(&self) -> bool {
        let typical = self.typical.unwrap_or(0.0);
        self.variance.is_finite() && self.variance > 0.0 && typical.is_finite()
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The noise of a rating: on what was held out, or else on what the model was trained on.
    pub(crate) fn noise(&self) -> Noise {
        *self.noise.get_or_init(|| self.noise_of_all(&|_| {}))
    }

    /// The noise of all parts together, of which this is one: `sums` adds up the numbers of all.
    pub(crate) fn noise_of_all(&self, sums: &Sums<'_>) -> Noise {
        match self.library.scores {
            Scores::Ratings => Noise {
                variance: self.mean_squared_error(sums),
                typical: None,
            },
            Scores::Order => self.spread_of_positives(sums),
        }
    }

    fn mean_squared_error(&self, sums: &Sums<'_>) -> f64 {
        let range = f64::from(self.library.scale.max) - f64::from(self.library.scale.min);
        let held_out = [Role::Valid, Role::Test].map(|role| self.library.seen.held_out(role));
        let measured = held_out.iter().chain([&self.sample]);
        let mut errors = measured.filter_map(|ratings| {
            let scored = self.scored(ratings, sums);
            let errors = scored.iter().map(|(stars, score)| (stars - score).powi(2));
            mean(errors.collect(), sums)
        });
        // Of a model without any rating: that of a guess in the middle of the scale.
        let error = errors.next().unwrap_or(range * range / 16.0);
        error
            .max(LEAST_NOISE * range * range)
            .max(f64::MIN_POSITIVE)
    }

    fn spread_of_positives(&self, sums: &Sums<'_>) -> Noise {
        let scored = self.scored(&self.library.seen.pairs(Role::Train), sums);
        let scores = || scored.iter().map(|(_, score)| score);
        let typical = mean(scores().copied().collect(), sums).unwrap_or(0.0);
        let squares = scores().map(|score| (score - typical).powi(2)).collect();
        Noise {
            variance: mean(squares, sums).unwrap_or(1.0).max(LEAST_NOISE),
            typical: Some(typical),
        }
    }

    /// Ratings in stars with what the model says, of users and items that something was learnt of; evenly taken.
    fn scored(&self, ratings: &Ratings, sums: &Sums<'_>) -> Vec<(f64, f64)> {
        let learnt = |row: &usize| {
            self.library.seen.trained_of_user(ratings.users[*row]) > 0
                && self.library.seen.trained_of_item(ratings.items[*row]) > 0
        };
        let every = of_all(ratings.len(), sums).div_ceil(MOST_MEASURED).max(1);
        let rows: Vec<usize> = (0..ratings.len()).step_by(every).filter(learnt).collect();
        let users: Vec<UserIx> = rows.iter().map(|&row| ratings.users[row]).collect();
        let items: Vec<ItemIx> = rows.iter().map(|&row| ratings.items[row]).collect();
        let scores = self.scores_of_pairs(&users, &items).into_iter();
        let scores = scores.map(|score| f64::from(self.library.centre.restore(score)));
        rows.iter()
            .map(|&row| f64::from(ratings.ratings[row]))
            .zip(scores)
            .collect()
    }
}

/// The mean of numbers; `None` of none, and where one is not finite.
fn mean(numbers: Vec<f64>, sums: &Sums<'_>) -> Option<f64> {
    let mut whole = [numbers.iter().sum::<f64>(), numbers.len() as f64];
    sums(&mut whole);
    let mean = whole[0] / whole[1];
    mean.is_finite().then_some(mean)
}
