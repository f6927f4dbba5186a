//! Fitted models as data.

use crate::bayesian_fm;
use crate::biases::Biases;
use crate::blend::SavedBlend;
use crate::error::ClassicalError;
use crate::factors::Factors;
use crate::item_weights::{DenseWeights, SparseWeights};
use crate::method::Fitted;
use crate::popularity::Counts;
use crate::rating_neighbours::RatingNeighbours;
use crate::user_neighbours::UserNeighbours;
use serde::{Deserialize, Serialize};

/// A fitted model as data, for any format of serde that keeps all digits. Loading gives the same scores bit by bit.
///
/// There is a variant per form of model and not per method: `slim` and `item_knn`, for example, both fit sparse weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Saved {
    /// The same score for everybody: `popularity`.
    Counts(Counts),
    /// Biases of users and items: `mean`, `bias`.
    Biases(Biases),
    /// Samples of a factorisation machine: `bayesian_fm`.
    BayesianFm(bayesian_fm::Fit),
    /// Sparse weights between items: `slim`, `item_knn` for order.
    SparseWeights(SparseWeights),
    /// Dense weights between items: `ease`.
    DenseWeights(DenseWeights),
    /// Factors of users and items: `ials`, `pure_svd`.
    Factors(Factors),
    /// The nearest users of every user: `user_knn` for order.
    UserNeighbours(UserNeighbours),
    /// Ratings and similarities: `item_knn` and `user_knn` for ratings.
    RatingNeighbours(RatingNeighbours),
    /// Several models with weights: `blend`.
    Blend(SavedBlend),
}

impl Saved {
    /// The model.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Damaged`] if its parts do not fit together.
    pub fn fitted(self) -> Result<Box<dyn Fitted>, ClassicalError> {
        Ok(match self {
            Self::Counts(model) => Box::new(model),
            Self::Biases(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::BayesianFm(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::SparseWeights(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::DenseWeights(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::Factors(model) => Box::new(model),
            Self::UserNeighbours(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::RatingNeighbours(model) => {
                model.check()?;
                Box::new(model)
            }
            Self::Blend(model) => model.fitted()?,
        })
    }
}
