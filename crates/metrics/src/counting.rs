//! The ranks of a few items among many scores, without sorting the scores.

use crate::bins::Bins;
use crate::order::by_score;
use std::cmp::Ordering;

/// Candidates with the score of at least one relevant item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TieGroup {
    /// Candidates with a higher score.
    pub(crate) greater: usize,
    /// Candidates with this score.
    pub(crate) equal: usize,
    /// Relevant items with this score.
    pub(crate) relevant: usize,
}

/// A relevant item among the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ranked {
    /// The candidates that come before it.
    pub(crate) place: usize,
    /// Its [`TieGroup`].
    pub(crate) group: usize,
    /// Its number among the relevant items.
    pub(crate) which: usize,
}

/// Counts, and the memory for counting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// By score, ascending.
    pub(crate) groups: Vec<TieGroup>,
    /// By place, ascending.
    pub(crate) ranked: Vec<Ranked>,
    /// The score of each group.
    values: Vec<f32>,
    bins: Bins,
}

/// With at most this many relevant items, comparing each with all candidates in wide instructions is faster than bins.
const FEW: usize = 6;

impl Counts {
    /// Ranks these relevant items, distinct positions in ascending order, among the scores.
    pub(crate) fn of(&mut self, scores: &[f32], relevant: &[u32]) {
        self.values.clear();
        let own = relevant.iter().map(|&item| scores[item as usize]);
        self.values.extend(own);
        self.values
            .sort_unstable_by(|left, right| by_score(*left, *right));
        self.values
            .dedup_by(|left, right| by_score(*left, *right) == Ordering::Equal);
        self.groups.clear();
        self.groups.resize(self.values.len(), TieGroup::default());
        self.ranked.clear();
        match relevant.len() <= FEW {
            true => self.compare(scores, relevant),
            false => self.bin(scores, relevant),
        }
        for ranked in &mut self.ranked {
            let group = &mut self.groups[ranked.group];
            group.relevant += 1;
            ranked.place += group.greater;
        }
        self.ranked.sort_unstable_by_key(|ranked| ranked.place);
    }

    /// Compares each relevant item with all candidates.
    fn compare(&mut self, scores: &[f32], relevant: &[u32]) {
        for (group, &value) in self.groups.iter_mut().zip(&self.values) {
            let (greater, equal) = match value.is_nan() {
                true => {
                    let numbers = count(scores, |score| !score.is_nan());
                    (numbers, scores.len() - numbers)
                }
                false => (
                    count(scores, |score| score > value),
                    count(scores, |score| score == value),
                ),
            };
            (group.greater, group.equal) = (greater, equal);
        }
        for (which, &item) in relevant.iter().enumerate() {
            let (before, score) = (&scores[..item as usize], scores[item as usize]);
            let group = lower_bound(&self.values, score);
            let place = match (self.groups[group].equal, score.is_nan()) {
                (1, _) => 0,
                (_, true) => count(before, f32::is_nan),
                (_, false) => count(before, |other| other == score),
            };
            self.ranked.push(Ranked {
                place,
                group,
                which,
            });
        }
    }

    /// Sorts all candidates into bins of the range of the relevant scores. Only those in a bin that also holds a
    /// relevant item are compared with its score.
    fn bin(&mut self, scores: &[f32], relevant: &[u32]) {
        let mut bins = std::mem::take(&mut self.bins);
        if !bins.reset(&self.values) {
            self.bins = bins;
            return self.compare(scores, relevant);
        }
        bins.sort(scores);
        // `greater` counts, for now, the candidates in the bin that exceed this group but not the next in the bin.
        let mut next = 0;
        for &item in &bins.near {
            let score = scores[item as usize];
            let [first, end] = bins.groups[bins.of(score)].map(|group| group as usize);
            let lower = first + lower_bound(&self.values[first..end], score);
            if lower > first {
                self.groups[lower - 1].greater += 1;
            }
            let equals = |value: &f32| by_score(*value, score) == Ordering::Equal;
            if !self.values.get(lower).is_some_and(equals) {
                continue;
            }
            if relevant.get(next) == Some(&item) {
                self.ranked.push(Ranked {
                    place: self.groups[lower].equal,
                    group: lower,
                    which: next,
                });
                next += 1;
            }
            self.groups[lower].equal += 1;
        }
        // From the highest group down: what exceeds the next group of the bin exceeds this one, and so does whatever is
        // in a higher bin.
        let (mut above, mut bin, mut inside) = (0, bins.counts.len(), 0);
        for (group, &value) in self.groups.iter_mut().zip(&self.values).rev() {
            let own = bins.of(value);
            if own < bin {
                let higher = &bins.counts[own + 1..bin.min(bins.counts.len() - 1) + 1];
                above += higher.iter().map(|&count| count as usize).sum::<usize>();
                (bin, inside) = (own, 0);
            }
            inside += group.greater;
            group.greater = above + inside;
        }
        self.bins = bins;
    }
}

/// The number of values, which ascend, below this score.
fn lower_bound(values: &[f32], score: f32) -> usize {
    values.partition_point(|value| by_score(*value, score) == Ordering::Less)
}

fn count(scores: &[f32], is: impl Fn(f32) -> bool) -> usize {
    // 32-bit sums fit into the lanes of the comparison; there are fewer items than that.
    scores
        .iter()
        .map(|&score| u32::from(is(score)))
        .sum::<u32>() as usize
}

#[cfg(test)]
mod tests {
    use super::{Counts, FEW};
    use crate::order::{rank_order, top};
    use proptest::prelude::*;

    /// Scores with ties, zeros of both signs, infinities and NaN, from a narrow or a wide range.
    fn scores() -> impl Strategy<Value = Vec<f32>> {
        let odd = prop::sample::select(vec![
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            0.0,
            -0.0,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
        ]);
        let plain = prop_oneof![
            6 => (-20..20_i8).prop_map(|step| f32::from(step) / 8.0),
            6 => -1.0..1.0_f32,
            1 => odd,
            1 => any::<f32>(),
        ];
        let tame = prop_oneof![(-9..9_i8).prop_map(f32::from), -1.0..1.0_f32];
        prop_oneof![
            prop::collection::vec(plain, 1..400),
            prop::collection::vec(tame, 1..400)
        ]
    }

    proptest! {
        #[test]
        fn bins_comparisons_and_sorting_agree(scores in scores(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..40)) {
            let mut relevant: Vec<u32> = picks.iter().map(|pick| pick.index(scores.len()) as u32).collect();
            relevant.sort_unstable();
            relevant.dedup();
            let mut order: Vec<u32> = (0..scores.len() as u32).collect();
            order.sort_by(|&left, &right| rank_order((scores[left as usize], left), (scores[right as usize], right)));
            let sorted: Vec<usize> = (0..order.len()).filter(|&place| relevant.contains(&order[place])).collect();
            for few in [&relevant[..], &relevant[..relevant.len().min(FEW)]] {
                let mut counts = Counts::default();
                counts.of(&scores, few);
                let mut by_bins = Counts { values: counts.values.clone(), ..Counts::default() };
                by_bins.groups.resize(counts.values.len(), Default::default());
                let mut by_comparison = by_bins.clone();
                by_bins.bin(&scores, few);
                by_comparison.compare(&scores, few);
                by_bins.ranked.sort_unstable_by_key(|ranked| ranked.which);
                prop_assert_eq!(&by_bins.groups, &by_comparison.groups);
                prop_assert_eq!(&by_bins.ranked, &by_comparison.ranked);
                for ranked in &counts.ranked {
                    prop_assert_eq!(order[ranked.place], few[ranked.which]);
                }
            }
            let mut counts = Counts::default();
            counts.of(&scores, &relevant);
            let places: Vec<usize> = counts.ranked.iter().map(|ranked| ranked.place).collect();
            prop_assert_eq!(places, sorted);
            for k in [0, 1, 7, 100, 1000] {
                prop_assert_eq!(top(&scores, k), &order[..k.min(order.len())]);
            }
        }
    }
}
