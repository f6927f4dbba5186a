//! User neighbours: a user's score of an item comes from the similar users who have rated it.
//!
//! For order: `score(user, item) = sum of similarity(user, other)` over the raters of the item among the nearest of `user`.
//!
//! For ratings: `score(user, item) = baseline + sum of similarity * (rating - its baseline) / sum of similarity` over the
//! `neighbours` most similar users among the raters of the item, where the baselines are those of [`Bias`]. Herlocker,
//! Konstan, Borchers and Riedl, *An algorithmic framework for performing collaborative filtering*, SIGIR 1999; Surprise's
//! `KNNBaseline`.
//!
//! Somebody who is folded in is compared with all users. A user of the model who is folded in with the same ratings
//! therefore meets themself, and scores differ from those of the user.

use crate::bias::Bias;
use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Scores};
use crate::rating_neighbours::{self, RatingNeighbours, Side};
use crate::registry::Described;
use crate::rows;
use crate::similarity::{Neighbourhood, Similarity};
use crate::user_neighbours::UserNeighbours;
use serde::{Deserialize, Serialize};

/// The settings of user neighbours; the defaults are for order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserKnn {
    /// What is predicted.
    pub predicts: Scores,
    /// How similar two users are.
    pub similarity: Similarity,
    /// The number of neighbours, at least 1.
    pub neighbours: usize,
    /// The shrinkage of similarities, at least 0; see [`Similarity`].
    pub shrinkage: f64,
    /// For ratings: the least number of items that two similar users share, at least 1.
    pub least_shared: usize,
    /// For ratings: the settings of the baselines.
    pub baseline: Bias,
}

impl Default for UserKnn {
    fn default() -> Self {
        Self {
            predicts: Scores::Order,
            similarity: Similarity::TfIdf,
            neighbours: 50,
            shrinkage: 10.0,
            least_shared: 1,
            baseline: Bias::default(),
        }
    }
}

impl UserKnn {
    /// Settings for ratings: 40 neighbours under the mean squared difference.
    pub fn for_ratings() -> Self {
        Self {
            predicts: Scores::Ratings,
            similarity: Similarity::Msd,
            neighbours: 40,
            shrinkage: 0.0,
            ..Self::default()
        }
    }

    fn settings(&self) -> Neighbourhood {
        Neighbourhood {
            similarity: self.similarity,
            neighbours: self.neighbours,
            shrinkage: self.shrinkage,
            least_shared: self.least_shared,
        }
    }
}

impl Described for UserKnn {
    const NAME: &'static str = "user_knn";
    const ABOUT: &'static str =
        "similarity-weighted raters of the item, or their ratings, near the user";

    fn scores(&self) -> Scores {
        self.predicts
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        match self.predicts {
            Scores::Order => {
                let sparse = 5 * rows::bytes(users.max(items), context.train.len());
                let neighbours = users.saturating_mul(self.neighbours.min(users));
                sparse + 2 * rows::bytes(users, neighbours)
            }
            Scores::Ratings => rating_neighbours::bytes(context, users),
        }
    }

    fn check(&self) -> Result<(), ClassicalError> {
        self.settings().check(Self::NAME, self.predicts)?;
        self.baseline.check()
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        match self.predicts {
            Scores::Order => UserNeighbours::fitted(context, self.settings()),
            Scores::Ratings => {
                let (side, settings) = (Side::Users, self.settings());
                RatingNeighbours::fitted(context, side, settings, &self.baseline)
            }
        }
    }
}
