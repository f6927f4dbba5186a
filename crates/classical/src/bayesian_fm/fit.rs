//! A fitted model: kept samples, and predictions as means over them.

use super::NAME;
use super::run::Sample;
use super::widest::widest;
use crate::error::ClassicalError;
use crate::method::Fitted;
use crate::profile;
use crate::saved::Saved;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// Kept samples of a Bayesian factorisation machine. All arrays are row-major.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    pub(super) rank: usize,
    /// The mean rating.
    pub(super) centre: f64,
    /// The constant of each sample, and the precision of its noise.
    pub(super) offsets: Vec<f32>,
    pub(super) precisions: Vec<f32>,
    /// The prior of a user's vector without a history, `[samples, rank + 1]`.
    pub(super) means: Vec<f32>,
    pub(super) spreads: Vec<f32>,
    /// The columns of ratings at their average, `[samples, rank + 1]`.
    pub(super) events: Vec<f32>,
    /// Mean linear weight of each user, and the factors, `[users, samples, rank]`.
    pub(super) user_weights: Vec<f32>,
    pub(super) user_factors: Vec<f32>,
    /// Linear weights of each item, `[items, samples]`, and factors, `[items, samples, rank]`.
    pub(super) item_weights: Vec<f32>,
    pub(super) item_factors: Vec<f32>,
    /// Relative noise precision of each item, `[items, samples]`; empty if all are 1.
    pub(super) noise: Vec<f32>,
    /// The vectors of the history's columns, `[items, samples, rank + 1]`; empty without a history.
    pub(super) history: Vec<f32>,
}

/// A user as [`Fit::scores`] needs it: the mean linear weight, and the factors in every sample.
pub(super) struct Visitor {
    pub(super) weight: f32,
    pub(super) factors: Vec<f32>,
}

impl Fit {
    /// Gathers samples of tables with these numbers of rows.
    pub(super) fn new(rank: usize, centre: f64, rows: (usize, usize), samples: &[Sample]) -> Self {
        let (users, items) = rows;
        let width = rank + 1;
        let linear = |of: fn(&Sample) -> &[f32], row: usize| {
            samples.iter().map(move |sample| of(sample)[row * width])
        };
        let factors = |of: fn(&Sample) -> &[f32], rows: usize| -> Vec<f32> {
            let cut = |row: usize| row * width + 1..(row + 1) * width;
            let row = |row: usize| samples.iter().flat_map(move |sample| &of(sample)[cut(row)]);
            (0..rows).flat_map(row).copied().collect()
        };
        let user: fn(&Sample) -> &[f32] = |sample| &sample.users;
        let item: fn(&Sample) -> &[f32] = |sample| &sample.items;
        // A part of the samples that may be missing, with this many values per item.
        let optional = |of: fn(&Sample) -> &[f32], count: usize| -> Vec<f32> {
            let there = samples.iter().all(|sample| !of(sample).is_empty());
            let cut = |row: usize| row * count..(row + 1) * count;
            let row = |row: usize| samples.iter().flat_map(move |sample| &of(sample)[cut(row)]);
            let rows = if there { 0..items } else { 0..0 };
            rows.flat_map(row).copied().collect()
        };
        Self {
            rank,
            centre,
            offsets: samples.iter().map(|sample| sample.offset).collect(),
            precisions: samples.iter().map(|sample| sample.precision).collect(),
            means: samples
                .iter()
                .flat_map(|sample| &sample.mean)
                .copied()
                .collect(),
            spreads: samples
                .iter()
                .flat_map(|sample| &sample.spread)
                .copied()
                .collect(),
            events: samples
                .iter()
                .flat_map(|sample| &sample.event)
                .copied()
                .collect(),
            user_weights: (0..users)
                .map(|row| linear(user, row).sum::<f32>() / samples.len() as f32)
                .collect(),
            user_factors: factors(user, users),
            item_weights: (0..items).flat_map(|row| linear(item, row)).collect(),
            item_factors: factors(item, items),
            noise: optional(|sample| &sample.noise, 1),
            history: optional(|sample| &sample.history, width),
        }
    }

    /// The number of kept samples.
    pub fn samples(&self) -> usize {
        self.offsets.len()
    }

    pub(super) fn items(&self) -> usize {
        self.item_weights.len() / self.samples()
    }

    /// Scores of items `first..` for a user.
    fn scores(&self, user: (f32, &[f32]), first: usize, into: &mut [f32]) {
        let samples = self.samples();
        let share = 1.0 / samples as f32;
        let constant = self.offsets.iter().sum::<f32>() * share + self.centre as f32 + user.0;
        let weights = self.item_weights.chunks_exact(samples).skip(first);
        let factors = self
            .item_factors
            .chunks_exact(samples * self.rank)
            .skip(first);
        widest(
            #[inline(always)]
            || {
                for ((score, weights), factors) in into.iter_mut().zip(weights).zip(factors) {
                    let sum = weights.iter().sum::<f32>() + product(user.1, factors);
                    *score = constant + share * sum;
                }
            },
        );
    }

    /// The scores of all items, NaN beyond them.
    fn score_items(&self, user: (f32, &[f32]), into: &mut [f32]) {
        let count = into.len().min(self.items());
        let (inside, beyond) = into.split_at_mut(count);
        self.scores(user, 0, inside);
        beyond.fill(f32::NAN);
    }

    /// Calls `then` with the vectors of a user.
    fn with_user<T>(&self, user: UserIx, then: impl FnOnce((f32, &[f32])) -> T) -> T {
        let length = self.samples() * self.rank;
        let own = self.user_factors.chunks_exact(length).nth(user.index());
        match own {
            Some(factors) => then((self.user_weights[user.index()], factors)),
            None => {
                let visitor = self.visitor(&[]);
                then((visitor.weight, &visitor.factors))
            }
        }
    }

    /// Whether all parts fit together.
    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        let samples = self.samples();
        let damaged = |what: String| Err(ClassicalError::Damaged { method: NAME, what });
        if samples == 0 || !(1..=super::MAX_RANK).contains(&self.rank) {
            return damaged(format!("{samples} samples of rank {}", self.rank));
        }
        let (users, items) = (self.user_weights.len(), self.items());
        let width = self.rank + 1;
        let optional = |part: &[f32], length: usize| if part.is_empty() { 0 } else { length };
        let parts = [
            ("offsets", &self.offsets, samples),
            ("precisions", &self.precisions, samples),
            ("means", &self.means, samples * width),
            ("spreads", &self.spreads, samples * width),
            ("events", &self.events, samples * width),
            ("user_weights", &self.user_weights, users),
            (
                "user_factors",
                &self.user_factors,
                users * samples * self.rank,
            ),
            ("item_weights", &self.item_weights, items * samples),
            (
                "item_factors",
                &self.item_factors,
                items * samples * self.rank,
            ),
            ("noise", &self.noise, optional(&self.noise, items * samples)),
            (
                "history",
                &self.history,
                optional(&self.history, items * samples * width),
            ),
        ];
        for (name, part, length) in parts {
            if part.len() != length {
                return damaged(format!("{name} has {} values, not {length}", part.len()));
            }
            if part.iter().any(|value| !value.is_finite()) {
                return damaged(format!("{name} has a value that is not a number"));
            }
        }
        let precisions = [&self.precisions, &self.spreads, &self.noise];
        if !self.centre.is_finite() || precisions.into_iter().flatten().any(|&value| value <= 0.0) {
            return damaged("a precision or the mean rating is out of range".to_string());
        }
        Ok(())
    }
}

/// The product of two long vectors of equal length, summed in a fixed order.
#[inline(always)]
fn product(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (one, one_rest) = one.as_chunks::<16>();
    let (other, other_rest) = other.as_chunks::<16>();
    for (one, other) in one.iter().zip(other) {
        for lane in 0..16 {
            sums[lane] += one[lane] * other[lane];
        }
    }
    for (lane, (one, other)) in one_rest.iter().zip(other_rest).enumerate() {
        sums[lane] += one * other;
    }
    sums.iter().sum()
}

impl Fitted for Fit {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        let mut score = [f32::NAN];
        if item.index() < self.items() {
            self.with_user(user, |user| self.scores(user, item.index(), &mut score));
        }
        score[0]
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        self.with_user(user, |user| self.score_items(user, into));
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.items(), into)?;
        let visitor = self.visitor(profile);
        self.score_items((visitor.weight, &visitor.factors), into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::BayesianFm(self.clone())
    }
}
