//! Measures of a ranked list, computed from the positions of the relevant items.

/// The positions of one user's relevant items in the list of all candidates, best first, counted from 0, and the number
/// of relevant items.
///
/// All measures are in [0, 1], higher is better, and 0 without relevant items.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// Ascending. An item that is not a candidate has no position.
    pub of_relevant: &'a [usize],
    /// Relevant items, candidates or not.
    pub relevant: usize,
}

impl Places<'_> {
    fn within(&self, k: usize) -> impl Iterator<Item = usize> + '_ {
        self.of_relevant
            .iter()
            .copied()
            .take_while(move |&place| place < k)
    }

    /// Whether a relevant item is among the first `k`: 1 or 0.
    pub fn hit(&self, k: usize) -> f64 {
        f64::from(u8::from(self.within(k).next().is_some()))
    }

    /// The fraction of the relevant items that are among the first `k`.
    pub fn recall(&self, k: usize) -> f64 {
        match self.relevant {
            0 => 0.0,
            relevant => self.within(k).count() as f64 / relevant as f64,
        }
    }

    /// As [`recall`](Self::recall), over the largest number that a list of `k` items can hold: hits divided by
    /// `min(k, relevant)` (Liang et al. 2018).
    pub fn recall_min(&self, k: usize) -> f64 {
        match self.relevant.min(k) {
            0 => 0.0,
            most => self.within(k).count() as f64 / most as f64,
        }
    }

    /// The fraction of the first `k` items that are relevant, also if there are fewer than `k` candidates.
    pub fn precision(&self, k: usize) -> f64 {
        match k {
            0 => 0.0,
            k => self.within(k).count() as f64 / k as f64,
        }
    }

    /// The reciprocal of the rank, counted from 1, of the first relevant item among the first `k`; 0 if there is none
    /// (Voorhees 1999). Uncut with `usize::MAX`.
    pub fn reciprocal_rank(&self, k: usize) -> f64 {
        self.within(k)
            .next()
            .map_or(0.0, |place| 1.0 / (place + 1) as f64)
    }

    /// Average precision: the precision at the rank of each relevant item among the first `k`, summed and divided by
    /// `min(k, relevant)`. Uncut with `usize::MAX`, where the sum is divided by the number of relevant items as in
    /// trec_eval.
    pub fn average_precision(&self, k: usize) -> f64 {
        self.average_precision_over(k, self.relevant.min(k))
    }

    /// As [`average_precision`](Self::average_precision), divided by the number of relevant items even if it exceeds
    /// `k`: `map_cut` of trec_eval, `map@k` of ranx.
    pub fn average_precision_of_all(&self, k: usize) -> f64 {
        self.average_precision_over(k, self.relevant)
    }

    fn average_precision_over(&self, k: usize, most: usize) -> f64 {
        let precisions = (1..).zip(self.within(k));
        let sum: f64 = precisions
            .map(|(hits, place)| f64::from(hits) / (place + 1) as f64)
            .sum();
        match most {
            0 => 0.0,
            most => sum / most as f64,
        }
    }

    /// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with gains of 0 and 1: `1 / log2(place + 2)`
    /// summed over the relevant items among the first `k`, divided by the sum for the ideal list.
    pub fn ndcg(&self, k: usize) -> f64 {
        let gain = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let best: f64 = (0..self.relevant.min(k)).map(gain).sum();
        match best > 0.0 {
            true => self.within(k).map(gain).sum::<f64>() / best,
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn figures_of_a_small_list_are_those_of_the_formulas() {
        let places = Places {
            of_relevant: &[1, 4, 30],
            relevant: 4,
        };
        assert_eq!((places.hit(1), places.hit(2)), (0.0, 1.0));
        assert_eq!((places.recall(5), places.precision(5)), (0.5, 0.4));
        assert_eq!(places.reciprocal_rank(10), 0.5);
        let gained = 1.0 / 3f64.log2() + 1.0 / 6f64.log2();
        let best = 1.0 + 1.0 / 3f64.log2() + 0.5 + 1.0 / 5f64.log2();
        assert!((places.ndcg(10) - gained / best).abs() < 1e-12);
        let none = Places {
            of_relevant: &[],
            relevant: 0,
        };
        assert_eq!(
            [none.ndcg(5), none.recall(5), none.hit(5), none.precision(0)],
            [0.0; 4]
        );
    }
}
