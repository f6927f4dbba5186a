//! The ranks of one user's relevant items.

use crate::counting::Counts;
use crate::error::RankingError;
use crate::gain::{Discounts, Gain};
use crate::ranking::Places;

/// The ranks of one user's relevant items among all candidates, and their ties: everything that measures of one ranked
/// list need. The list is ordered by [`rank_order`](crate::rank_order); it is never built.
///
/// ```
/// use recburn_metrics::{Gain, Ranks};
///
/// // Item 0 is first; items 1 and 3 have equal scores, so the order of the items decides.
/// let ranks = Ranks::of(&[0.9, 0.5, 0.1, 0.5], &[3])?;
/// assert_eq!(ranks.places().of_relevant, [2]);
/// assert_eq!(ranks.places().reciprocal_rank(10), 1.0 / 3.0);
/// assert_eq!(ranks.auc(), Some(0.5)); // above one of three, level with another
/// # Ok::<(), recburn_metrics::RankingError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ranks {
    counts: Counts,
    places: Vec<usize>,
    /// Relevant items, candidates or not.
    relevant: usize,
    candidates: usize,
}

impl Ranks {
    /// Ranks the relevant items among all items. Item `n` has the score `scores[n]`.
    ///
    /// # Errors
    ///
    /// [`RankingError::Item`] for a relevant item without a score, and [`RankingError::Repeated`] for one that occurs
    /// twice.
    pub fn of(scores: &[f32], relevant: &[u32]) -> Result<Self, RankingError> {
        let mut order: Vec<(u32, usize)> = relevant.iter().copied().zip(0..).collect();
        order.sort_unstable();
        if let Some(pair) = order.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(RankingError::Repeated { item: pair[0].0 });
        }
        if let Some(&(item, _)) = order.last()
            && item as usize >= scores.len()
        {
            let items = scores.len();
            return Err(RankingError::Item { item, items });
        }
        let sorted: Vec<u32> = order.iter().map(|&(item, _)| item).collect();
        let mut ranks = Self::default();
        ranks.fill(scores, &sorted, relevant.len());
        for ranked in &mut ranks.counts.ranked {
            ranked.which = order[ranked.which].1;
        }
        Ok(ranks)
    }

    /// As [`of`](Self::of), for distinct relevant candidates in ascending order, in the memory of another user.
    /// `relevant` counts also those that are no candidates.
    pub(crate) fn fill(&mut self, scores: &[f32], candidates: &[u32], relevant: usize) {
        self.counts.of(scores, candidates);
        self.places.clear();
        let places = self.counts.ranked.iter().map(|ranked| ranked.place);
        self.places.extend(places);
        self.relevant = relevant;
        self.candidates = scores.len();
    }

    /// The positions of the relevant items, from which the measures with gains of 0 and 1 are computed.
    pub fn places(&self) -> Places<'_> {
        Places {
            of_relevant: &self.places,
            relevant: self.relevant,
        }
    }

    /// The number of candidates.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// The area under the ROC curve: the probability that a random relevant candidate has a higher score than a random
    /// candidate that is not relevant, where equal scores count one half (Hanley and McNeil 1982). Over the full list:
    /// there is no cut-off. In [0, 1]; 0.5 for random or constant scores; `None` without a pair.
    pub fn auc(&self) -> Option<f64> {
        let relevant = self.places.len();
        let others = self.candidates - relevant;
        let (mut halves, mut relevant_above) = (0_u64, 0);
        for group in self.counts.groups.iter().rev() {
            let above = group.greater - relevant_above;
            let equal = group.equal - group.relevant;
            let below = others - above - equal;
            halves += group.relevant as u64 * (2 * below + equal) as u64;
            relevant_above += group.relevant;
        }
        let pairs = relevant as u64 * others as u64;
        (pairs > 0).then(|| halves as f64 / (2 * pairs) as f64)
    }

    /// Normalised discounted cumulative gain of the first `k` (Järvelin and Kekäläinen 2002): `sum(g / log2(place + 2))`
    /// over the relevant items among the first `k`, divided by the sum for the ideal list, in which the gains descend. In [0, 1];
    /// 0 without gains.
    ///
    /// `gains` holds the relevance of each relevant item, 0 or more, in the order of [`Ranks::of`].
    ///
    /// # Errors
    ///
    /// [`RankingError::Gains`] if there is not one per relevant item, and [`RankingError::Gain`] for one that is
    /// negative, or whose gain is not finite.
    pub fn ndcg_graded(&self, gains: &[f64], k: usize, gain: Gain) -> Result<f64, RankingError> {
        let mut gains = self.gains(gains, gain)?;
        let discounts = Discounts::new(k.min(self.candidates.max(gains.len())));
        let gained = self.dcg(&gains, k, &discounts);
        Ok(normalised(gained, &mut gains, k, &discounts))
    }

    /// As [`ndcg_graded`](Self::ndcg_graded), averaged over all orders of candidates with equal scores (McSherry and
    /// Najork 2008), as `ndcg_score` of scikit-learn: each item gains the mean gain of its tie at every rank of the
    /// tie. This is the expectation where ties are broken at random, so no numbering of items can gain from it.
    ///
    /// # Errors
    ///
    /// As [`ndcg_graded`](Self::ndcg_graded).
    pub fn ndcg_tie_averaged(
        &self,
        gains: &[f64],
        k: usize,
        gain: Gain,
    ) -> Result<f64, RankingError> {
        let mut gains = self.gains(gains, gain)?;
        let discounts = Discounts::new(k.min(self.candidates.max(gains.len())));
        let gained = self.averaged_dcg(|which| gains[which], k, &discounts);
        Ok(normalised(gained, &mut gains, k, &discounts))
    }

    /// The gain of the first `k`; `gains` by number of the relevant item.
    pub(crate) fn dcg(&self, gains: &[f64], k: usize, discounts: &Discounts) -> f64 {
        let within = self
            .counts
            .ranked
            .iter()
            .take_while(|ranked| ranked.place < k);
        within
            .map(|ranked| gains[ranked.which] * discounts.at(ranked.place))
            .sum()
    }

    /// The mean gain of the first `k` over all orders of ties.
    pub(crate) fn averaged_dcg(
        &self,
        gain: impl Fn(usize) -> f64,
        k: usize,
        discounts: &Discounts,
    ) -> f64 {
        let mut gained = 0.0;
        // Relevant items of a tie are adjacent in the order of places.
        for tie in self
            .counts
            .ranked
            .chunk_by(|left, right| left.group == right.group)
        {
            let group = self.counts.groups[tie[0].group];
            if group.greater >= k {
                break;
            }
            let sum: f64 = tie.iter().map(|ranked| gain(ranked.which)).sum();
            let ranks = group.greater..(group.greater + group.equal).min(k);
            gained += sum * discounts.sum(ranks) / group.equal as f64;
        }
        gained
    }

    /// What these relevances are worth.
    fn gains(&self, gains: &[f64], gain: Gain) -> Result<Vec<f64>, RankingError> {
        if gains.len() != self.relevant {
            return Err(RankingError::Gains {
                gains: gains.len(),
                relevant: self.relevant,
            });
        }
        gains
            .iter()
            .map(|&relevance| gain.checked(relevance))
            .collect()
    }
}

/// The gain divided by that of the ideal list; `gains` are sorted.
pub(crate) fn normalised(gained: f64, gains: &mut [f64], k: usize, discounts: &Discounts) -> f64 {
    gains.sort_unstable_by(|left, right| right.total_cmp(left));
    let best: f64 = (0..k)
        .zip(gains.iter())
        .map(|(place, gain)| gain * discounts.at(place))
        .sum();
    // Sums in another order may exceed the ideal by the last digit.
    match best > 0.0 {
        true => (gained / best).min(1.0),
        false => 0.0,
    }
}
