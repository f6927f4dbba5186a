//! Item neighbours: a user's score of an item comes from the similar items that the user has rated.
//!
//! For order: `score(user, item) = sum of similarity(item, seen)` over the user's items among the nearest of `item`.
//! Deshpande and Karypis, *Item-based top-n recommendation algorithms*, TOIS 2004.
//!
//! For ratings: `score(user, item) = baseline + sum of similarity * (rating - its baseline) / sum of similarity` over the
//! `neighbours` most similar items among those of the user, where the baselines are those of [`Bias`]. Koren, *Factor in
//! the neighbors*, TKDD 2010, section 2.2; Surprise's `KNNBaseline` with `user_based = False`.

use crate::bias::Bias;
use crate::error::ClassicalError;
use crate::item_weights::SparseWeights;
use crate::method::{Context, Fitted, Scores};
use crate::rating_neighbours::{self, RatingNeighbours, Side};
use crate::registry::Described;
use crate::rows::{self, Rows};
use crate::similarity::{Neighbourhood, Similarity};
use crate::term_weights::{TermWeights, nearest};
use serde::{Deserialize, Serialize};

/// The settings of item neighbours; the defaults are for order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ItemKnn {
    /// What is predicted.
    pub predicts: Scores,
    /// How similar two items are.
    pub similarity: Similarity,
    /// The number of neighbours, at least 1.
    pub neighbours: usize,
    /// The shrinkage of similarities, at least 0; see [`Similarity`].
    pub shrinkage: f64,
    /// For ratings: the least number of users that two similar items share, at least 1.
    pub least_shared: usize,
    /// For ratings: the settings of the baselines.
    pub baseline: Bias,
}

impl Default for ItemKnn {
    fn default() -> Self {
        Self {
            predicts: Scores::Order,
            similarity: Similarity::Bm25,
            neighbours: 200,
            shrinkage: 200.0,
            least_shared: 1,
            baseline: Bias::default(),
        }
    }
}

impl ItemKnn {
    /// Settings for ratings: 40 neighbours under Pearson's correlation around the baselines, shrunk by 100.
    pub fn for_ratings() -> Self {
        Self {
            predicts: Scores::Ratings,
            similarity: Similarity::PearsonBaseline,
            neighbours: 40,
            shrinkage: 100.0,
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

impl Described for ItemKnn {
    const NAME: &'static str = "item_knn";
    const ABOUT: &'static str = "similarity-weighted items or ratings of the user near the item";

    fn scores(&self) -> Scores {
        self.predicts
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        match self.predicts {
            Scores::Order => {
                let sparse = 5 * rows::bytes(users.max(items), context.train.len());
                let neighbours = items.saturating_mul(self.neighbours.min(items));
                sparse + 3 * rows::bytes(items, neighbours)
            }
            Scores::Ratings => rating_neighbours::bytes(context, items),
        }
    }

    fn check(&self) -> Result<(), ClassicalError> {
        self.settings().check(Self::NAME, self.predicts)?;
        self.baseline.check()
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        match self.predicts {
            Scores::Order => self.order(context),
            Scores::Ratings => {
                let (side, settings) = (Side::Items, self.settings());
                RatingNeighbours::fitted(context, side, settings, &self.baseline)
            }
        }
    }
}

impl ItemKnn {
    fn order(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(context.items);
        let weighted = TermWeights::of(&profiles, &raters, self.similarity).applied(&profiles);
        let nearest = nearest(
            &weighted.transposed(context.items),
            &weighted,
            &self.settings(),
        );
        let weights = nearest.transposed(context.items);
        Ok(Box::new(SparseWeights { profiles, weights }))
    }
}
