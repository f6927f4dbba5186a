//! Mean-centring, as in the notebooks: train on `rating - mean`, predict `score + mean`.

use serde::{Deserialize, Serialize};

use crate::ratings::Ratings;

/// The number subtracted from every rating before training and added back to every score.
///
/// Compute it from the training part only, since the mean of the validation part is not known during training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Centre {
    /// The number subtracted; 0 for no centring.
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

    /// Subtracts the mean from every rating.
    pub fn apply(&self, ratings: &mut Ratings) {
        for rating in &mut ratings.ratings {
            *rating -= self.mean;
        }
    }

    /// A copy with the mean subtracted from every rating.
    pub fn applied(&self, ratings: &Ratings) -> Ratings {
        let mut centred = ratings.clone();
        self.apply(&mut centred);
        centred
    }

    /// Maps a score back to the scale of the ratings.
    pub fn restore(&self, score: f32) -> f32 {
        score + self.mean
    }
}
