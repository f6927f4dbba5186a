//! A whole evaluation: every user's ranked list over the full catalogue.

mod blocks;
mod one_user;
mod result;
mod turns;

use crate::error::RankingError;
use crate::items_of::ItemsOf;
use crate::lists::Popularity;
use blocks::{in_parallel, serially};
pub use result::{EvaluationError, PerUser, RankingEvaluation};
use std::num::NonZero;

/// Evaluates a model by the ranks of each user's relevant items among all items of the catalogue.
///
/// Candidates are all items except those that [`leaving_out`](Self::leaving_out) names; the list is ordered by
/// [`rank_order`](crate::rank_order). Means are over the users with at least one relevant item; others are not scored.
/// A relevant item that is left out is counted, and never found.
///
/// All measures at all cut-offs are computed in one pass. The ranks of the relevant items are counted, not sorted, so the
/// time per user is linear in the number of items. Memory does not grow with users: each thread holds the scores of
/// one block. The result is the same to the last digit for every block size and number of threads.
///
/// | measure | formula, with `n` relevant items and hits at ranks `r` (from 1) | range |
/// | --- | --- | --- |
/// | `ndcg@k` | `sum(1/log2(r+1))` over hits among `k` / the same for `1..=min(k, n)` | 0 to 1 |
/// | `ndcg_tied@k` | the same, averaged over all orders of equal scores | 0 to 1 |
/// | `recall@k` | hits among `k` / `n` | 0 to 1 |
/// | `recall_min@k` | hits among `k` / `min(k, n)` | 0 to 1 |
/// | `precision@k` | hits among `k` / `k` | 0 to 1 |
/// | `hit@k` | whether there is a hit among `k` | 0 or 1 |
/// | `mrr@k`, `mrr` | 1 / rank of the first hit, 0 if it is beyond `k` | 0 to 1 |
/// | `map@k`, `map` | `sum(precision@r)` over hits among `k` / `min(k, n)` | 0 to 1 |
/// | `auc` | [`Ranks::auc`](crate::Ranks::auc) | 0 to 1 |
/// | `ndcg_linear@k`, `ndcg_exp@k` | [`Ranks::ndcg_graded`](crate::Ranks::ndcg_graded), for [`graded`](Self::graded) | 0 to 1 |
/// | `diversity@k` | [`diversity`](crate::diversity), for [`distance`](Self::distance) | that of the distance |
/// | `coverage@k`, `gini@k`, `popularity@k`, `novelty@k` | [`ListMetrics`](crate::ListMetrics) | see there |
///
/// The formulas are those of [`Places`](crate::Places), where the sources are given.
///
/// ```
/// use recburn_metrics::{RankingEvaluator, UserItems};
/// use std::convert::Infallible;
///
/// let (known, relevant) = (UserItems::of([(0, 2), (1, 0)]), UserItems::of([(0, 1), (1, 3)]));
/// let popular = |users: &[u32], scores: &mut [f32]| {
///     for (_, scores) in users.iter().zip(scores.chunks_exact_mut(4)) {
///         scores.copy_from_slice(&[5.0, 7.0, 9.0, 1.0]);
///     }
///     Ok::<(), Infallible>(())
/// };
/// let evaluator = RankingEvaluator::new(2, 4, &relevant).leaving_out(&known).at([1, 10]);
/// let result = evaluator.evaluate(popular)?;
/// assert_eq!(result.users, 2);
/// assert_eq!(result.means["hit@1"], 0.5);
/// assert_eq!(result.means["mrr"], (1.0 + 1.0 / 3.0) / 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RankingEvaluator<'a> {
    users: usize,
    items: usize,
    relevant: &'a dyn ItemsOf,
    known: Option<&'a dyn ItemsOf>,
    cutoffs: Vec<usize>,
    relevance: Option<&'a Pairwise<'a>>,
    distance: Option<&'a Pairwise<'a>>,
    popularity: Option<Popularity<'a>>,
    keep_users: bool,
    block: usize,
    threads: usize,
}

/// A number for a user and an item, or for two items.
type Pairwise<'a> = dyn Fn(u32, u32) -> f64 + Sync + 'a;

impl<'a> RankingEvaluator<'a> {
    /// Ranks the items `0..items` for those of the users `0..users` who have relevant items, with lists of 10.
    pub fn new(users: usize, items: usize, relevant: &'a dyn ItemsOf) -> Self {
        Self {
            users,
            items,
            relevant,
            known: None,
            cutoffs: vec![10],
            relevance: None,
            distance: None,
            popularity: None,
            keep_users: false,
            // About a megabyte of scores, which stays in the cache of a core.
            block: (1_usize << 18).checked_div(items).unwrap_or(1).clamp(8, 64),
            threads: std::thread::available_parallelism().map_or(1, NonZero::get),
        }
    }

    /// Leaves these items out of each user's list: usually those of training.
    pub fn leaving_out(self, known: &'a dyn ItemsOf) -> Self {
        Self {
            known: Some(known),
            ..self
        }
    }

    /// The lengths of the lists: the measures with `@k` are computed for each `k`.
    pub fn at(self, cutoffs: impl IntoIterator<Item = usize>) -> Self {
        let mut cutoffs: Vec<usize> = cutoffs.into_iter().collect();
        cutoffs.sort_unstable();
        cutoffs.dedup();
        Self { cutoffs, ..self }
    }

    /// Adds `ndcg_linear@k` and `ndcg_exp@k`, for this relevance of a user's relevant item: 0 or more.
    pub fn graded(self, relevance: &'a (dyn Fn(u32, u32) -> f64 + Sync)) -> Self {
        Self {
            relevance: Some(relevance),
            ..self
        }
    }

    /// Adds `diversity@k`, for this distance of two items, over the users whose list has two items.
    pub fn distance(self, distance: &'a (dyn Fn(u32, u32) -> f64 + Sync)) -> Self {
        Self {
            distance: Some(distance),
            ..self
        }
    }

    /// Adds `popularity@k` and `novelty@k`.
    pub fn popularity(self, popularity: Popularity<'a>) -> Self {
        Self {
            popularity: Some(popularity),
            ..self
        }
    }

    /// Keeps each user's measures, in [`RankingEvaluation::per_user`]; this memory grows with users.
    pub fn keep_users(self) -> Self {
        Self {
            keep_users: true,
            ..self
        }
    }

    /// The number of users scored at a time; by default as many as have a megabyte of scores, from 8 to 64. 0 counts as 1.
    pub fn block(self, users: usize) -> Self {
        Self {
            block: users.max(1),
            ..self
        }
    }

    /// The number of threads; as many as there are cores by default, 0 counts as 1.
    pub fn threads(self, threads: usize) -> Self {
        Self {
            threads: threads.max(1),
            ..self
        }
    }

    /// Evaluates these scores. For a block of users, ascending, `fill` writes a matrix of `[users, items]`, row by row.
    /// It is called on several threads at the same time. A number that it does not write is NaN, and so ranked last.
    ///
    /// # Errors
    ///
    /// [`EvaluationError::Scores`] with the first error of `fill`; [`EvaluationError::Ranking`] for a catalogue without
    /// items, a list of no items, an item outside the catalogue, a relevance that is not a gain, a number of counts of
    /// popularity that is not that of items, and if no user has a relevant item.
    pub fn evaluate<E: Send>(
        &self,
        fill: impl Fn(&[u32], &mut [f32]) -> Result<(), E> + Sync,
    ) -> Result<RankingEvaluation, EvaluationError<E>> {
        self.check()?;
        in_parallel(self, &fill)
    }

    /// As [`evaluate`](Self::evaluate), with the same result, for scores that one thread computes: `fill` is called on
    /// the calling thread only, while the other threads rank the blocks before.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate).
    pub fn evaluate_serial<E: Send>(
        &self,
        mut fill: impl FnMut(&[u32], &mut [f32]) -> Result<(), E>,
    ) -> Result<RankingEvaluation, EvaluationError<E>> {
        self.check()?;
        serially(self, &mut fill)
    }

    fn check(&self) -> Result<(), RankingError> {
        let items = self.items;
        if items == 0 || items > u32::MAX as usize {
            return Err(RankingError::Catalogue { items });
        }
        if self.cutoffs.first().is_none_or(|&k| k == 0) {
            return Err(RankingError::Cutoff);
        }
        match self.popularity.map(|popularity| popularity.counts.len()) {
            Some(counts) if counts != items => Err(RankingError::Popularity { counts, items }),
            _ => Ok(()),
        }
    }
}
