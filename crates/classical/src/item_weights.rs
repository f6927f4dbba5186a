//! Linear models over items: `score(user, item) = sum of weights[seen, item]` over the items that the user has rated.

use crate::error::ClassicalError;
use crate::method::Fitted;
use crate::panels::Panels;
use crate::profile;
use crate::rows::Rows;
use crate::saved::Saved;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// A linear model with sparse weights: `slim`, `item_knn` for order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparseWeights {
    /// `[users, items]`.
    pub(crate) profiles: Rows,
    /// `[items, items]`: a row per item in the profile.
    pub(crate) weights: Rows,
}

/// A linear model with dense weights: `ease`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DenseWeights {
    /// `[users, items]`.
    pub(crate) profiles: Rows,
    /// `[items, items]`: a row per item in the profile.
    pub(crate) weights: Panels,
}

impl SparseWeights {
    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        let items = self.weights.len();
        self.weights.check("linear model", items)?;
        self.profiles.check("linear model", items)
    }

    fn sum(&self, items: &[u32], into: &mut [f32]) {
        into.fill(0.0);
        for &item in items {
            let (targets, weights) = self.weights.row(item as usize);
            for (&target, weight) in targets.iter().zip(weights) {
                into[target as usize] += weight;
            }
        }
    }
}

impl Fitted for SparseWeights {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        if item.index() >= self.weights.len() {
            return f32::NAN;
        }
        let (seen, _) = self.profiles.row(user.index());
        let weights = seen
            .iter()
            .map(|&seen| self.weights.get(seen as usize, item.0));
        weights.flatten().fold(0.0, |sum, weight| sum + weight)
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.weights.len(), into, |into| {
            self.sum(self.profiles.row(user.index()).0, into);
        });
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.weights.len(), into)?;
        self.sum(&profile::items(profile), into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::SparseWeights(self.clone())
    }
}

impl DenseWeights {
    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        let items = self.weights.rows();
        if self.weights.columns() != items {
            return Err(ClassicalError::Damaged {
                method: "linear model",
                what: "its weights are not square".to_string(),
            });
        }
        self.profiles.check("linear model", items)
    }
}

impl Fitted for DenseWeights {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        if item.index() >= self.weights.columns() {
            return f32::NAN;
        }
        let (seen, ones) = self.profiles.row(user.index());
        self.weights.combine_at(seen, ones, item.index())
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.weights.columns(), into, |into| {
            let (seen, ones) = self.profiles.row(user.index());
            self.weights.combine(seen, ones, into);
        });
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.weights.columns(), into)?;
        let items = profile::items(profile);
        self.weights.combine(&items, &vec![1.0; items.len()], into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::DenseWeights(self.clone())
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) {
        let items = self.weights.columns();
        profile::block(items, users, into, self, |into| {
            let terms: Vec<_> = users
                .iter()
                .map(|user| self.profiles.row(user.index()))
                .collect();
            self.weights.combine_block(&terms, into);
        });
    }
}
