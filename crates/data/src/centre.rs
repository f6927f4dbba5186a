//! Mean-centring, as the notebooks do it: train on `rating - mean`, predict `score + mean`.

use serde::{Deserialize, Serialize};

use crate::ratings::Ratings;

/// The number taken off every rating before training and put back on every score.
///
/// Take it from the training part only: the mean of the validation part is not known when training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Centre {
    /// What is taken off; 0 for no centring.
    pub mean: f32,
}

impl Centre {
    /// No centring.
    pub fn none() -> Self {
        Self::default()
    }

    /// The mean of these ratings, summed in double precision.
    pub fn of(train: &Ratings) -> Self {
        Self {
            mean: train.mean() as f32,
        }
    }

    /// Takes the mean off every rating.
    pub fn apply(&self, ratings: &mut Ratings) {
        for rating in &mut ratings.ratings {
            *rating -= self.mean;
        }
    }

    /// A copy with the mean taken off every rating.
    pub fn applied(&self, ratings: &Ratings) -> Ratings {
        let mut centred = ratings.clone();
        self.apply(&mut centred);
        centred
    }

    /// A score on the scale of the ratings again.
    pub fn restore(&self, score: f32) -> f32 {
        score + self.mean
    }
}
