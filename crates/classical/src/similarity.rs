//! Similarities of items, and of users.

use crate::error::ClassicalError;
use crate::method::Scores;
use crate::registry::{at_least_one, non_negative, setting};
use serde::{Deserialize, Serialize};

/// How similar two items (or two users) are.
///
/// The first three compare positives for [`Scores::Order`]: with a weight `w` per rating,
/// `sum of w w' / (|w| |w'| + shrinkage)` over the pair's shared users (or items). The others compare ratings for
/// [`Scores::Ratings`], over the `n` shared ones only; their similarity is multiplied by `(n - 1) / (n - 1 + shrinkage)`,
/// as in Koren, *Factor in the neighbors*, TKDD 2010, and is 0 if `n` is below `least_shared`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Similarity {
    /// The cosine: for order every weight is 1; for ratings `sum of r r' / sqrt(sum of r^2 * sum of r'^2)`. The only one
    /// for both.
    Cosine,
    /// For order: the cosine with `w = ln(users / (1 + ratings of the item))`.
    TfIdf,
    /// For order: the cosine with the weight of `TfIdf` times `2.2 / (1.2 (0.2 + 0.8 length) + 1)`, where `length` is the
    /// user's number of ratings relative to the mean. Robertson and Zaragoza, *The probabilistic relevance framework:
    /// BM25 and beyond*, 2009.
    Bm25,
    /// For ratings: `1 / (1 + mean squared difference)`.
    Msd,
    /// For ratings: Pearson's correlation.
    Pearson,
    /// For ratings: Pearson's correlation around the baselines `mean + user bias + item bias` instead of the means.
    PearsonBaseline,
}

/// The settings that both kinds of neighbours share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Neighbourhood {
    pub(crate) similarity: Similarity,
    pub(crate) neighbours: usize,
    pub(crate) shrinkage: f64,
    pub(crate) least_shared: usize,
}

impl Neighbourhood {
    pub(crate) fn check(
        &self,
        method: &'static str,
        predicts: Scores,
    ) -> Result<(), ClassicalError> {
        let positives = matches!(self.similarity, Similarity::TfIdf | Similarity::Bm25);
        let (fits, wanted) = match (predicts, self.similarity) {
            (_, Similarity::Cosine) => (true, ""),
            (Scores::Order, _) => (positives, "cosine, tf_idf or bm25 for order"),
            (Scores::Ratings, _) => (
                !positives,
                "cosine, msd, pearson or pearson_baseline for ratings",
            ),
        };
        setting(
            fits,
            method,
            "similarity",
            format!("{:?}", self.similarity),
            wanted,
        )?;
        at_least_one(method, "neighbours", self.neighbours)?;
        non_negative(method, "shrinkage", self.shrinkage)?;
        at_least_one(method, "least_shared", self.least_shared)
    }

    /// The similarity of ratings with these sums.
    pub(crate) fn of(&self, shared: &Shared) -> f32 {
        let n = shared.count;
        if n < self.least_shared as f64 || n == 0.0 {
            return 0.0;
        }
        let (product, squared) = match self.similarity {
            Similarity::Msd => {
                let difference = shared.aa - 2.0 * shared.ab + shared.bb;
                (1.0, (1.0 + difference / n).powi(2))
            }
            Similarity::Pearson => (
                n * shared.ab - shared.a * shared.b,
                (n * shared.aa - shared.a.powi(2)) * (n * shared.bb - shared.b.powi(2)),
            ),
            _ => (shared.ab, shared.aa * shared.bb),
        };
        let shrunk = match self.shrinkage > 0.0 {
            true => (n - 1.0) / (n - 1.0 + self.shrinkage),
            false => 1.0,
        };
        match squared > 0.0 {
            true => (shrunk * product / squared.sqrt()) as f32,
            false => 0.0,
        }
    }
}

/// Sums over the shared ratings `a` and `b` of a pair.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shared {
    count: f64,
    ab: f64,
    aa: f64,
    bb: f64,
    a: f64,
    b: f64,
}

impl Shared {
    /// Adds a shared rating.
    pub(crate) fn add(&mut self, a: f32, b: f32) {
        let (a, b) = (f64::from(a), f64::from(b));
        self.count += 1.0;
        self.ab += a * b;
        self.aa += a * a;
        self.bb += b * b;
        self.a += a;
        self.b += b;
    }
}
