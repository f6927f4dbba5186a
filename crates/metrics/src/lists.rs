//! Measures of all users' lists together, and of the variety within one list.

use serde::{Deserialize, Serialize};

/// How often each item is rated in training, for measures of popularity.
#[derive(Clone, Copy, Debug)]
pub struct Popularity<'a> {
    /// The number of ratings of each item.
    pub counts: &'a [u32],
    /// The number of users in training.
    pub users: usize,
}

/// Measures of the lists of all users, computed from the number of lists that each item is in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListMetrics {
    /// The fraction of the catalogue that is in at least one list (Ge et al. 2010). In [0, 1].
    pub coverage: f64,
    /// Gini coefficient of the number of lists per item, over the whole catalogue (Fleder and Hosanagar 2009): with the
    /// counts ascending, `sum((2 i - m - 1) c_i) / (m sum(c_i))` for `i` from 1 to `m` items. 0 if all items are in
    /// equally many lists, `1 - 1/m` if one item fills them all.
    pub gini: f64,
    /// The mean number of training ratings of the entries of all lists. `None` without [`Popularity`].
    pub popularity: Option<f64>,
    /// Novelty: the mean of `log2(users / max(1, ratings))` over the entries of all lists, the self-information of the
    /// event that a random user has rated the item (Zhou et al. 2010). In [0, log2(users)] if no user rates an item twice;
    /// an item without ratings counts as if it had one. `None` without [`Popularity`].
    pub novelty: Option<f64>,
}

impl ListMetrics {
    /// From the number of lists that each item of the catalogue is in. All measures are 0 if all lists are empty.
    ///
    /// ```
    /// use recburn_metrics::{ListMetrics, Popularity};
    ///
    /// let popularity = Popularity { counts: &[8, 2, 0, 1], users: 8 };
    /// let metrics = ListMetrics::of(&[3, 1, 0, 0], Some(popularity));
    /// assert_eq!((metrics.coverage, metrics.gini), (0.5, 0.625));
    /// assert_eq!((metrics.popularity, metrics.novelty), (Some(6.5), Some(0.5)));
    /// ```
    pub fn of(lists: &[u32], popularity: Option<Popularity<'_>>) -> Self {
        let items = lists.len() as f64;
        let entries: f64 = lists.iter().map(|&count| f64::from(count)).sum();
        let mean = |of: &dyn Fn(usize) -> f64| {
            let weighted = lists.iter().enumerate();
            let used = weighted.filter(|(_, count)| **count > 0);
            let sum: f64 = used.map(|(item, &count)| f64::from(count) * of(item)).sum();
            if entries > 0.0 { sum / entries } else { 0.0 }
        };
        let used = lists.iter().filter(|&&count| count > 0).count();
        let mut sorted = lists.to_vec();
        sorted.sort_unstable();
        let weights = (1_u64..).zip(&sorted);
        let spread: f64 = weights
            .map(|(rank, &count)| ((2 * rank) as f64 - items - 1.0) * f64::from(count))
            .sum();
        let rated = |counts: &[u32], item: usize| counts.get(item).copied().unwrap_or(0);
        Self {
            coverage: if used > 0 { used as f64 / items } else { 0.0 },
            gini: match entries > 0.0 {
                true => spread / (items * entries),
                false => 0.0,
            },
            popularity: popularity.map(|of| mean(&|item| f64::from(rated(of.counts, item)))),
            novelty: popularity.map(|of| {
                let users = of.users.max(1) as f64;
                mean(&|item| (users / f64::from(rated(of.counts, item).max(1))).log2())
            }),
        }
    }
}

/// Intra-list diversity: the mean distance of the pairs of items in a list (Smyth and McClave 2001; Ziegler et al. 2005),
/// usually `1 - cosine` of the items' features. In the range of `distance`; `None` for a list of fewer than two items.
///
/// ```
/// use recburn_metrics::diversity;
///
/// let genre = [0, 0, 1];
/// let differ = |left: u32, right: u32| f64::from(u8::from(genre[left as usize] != genre[right as usize]));
/// assert_eq!(diversity(&[0, 1, 2], differ), Some(2.0 / 3.0));
/// ```
pub fn diversity(list: &[u32], distance: impl Fn(u32, u32) -> f64) -> Option<f64> {
    let mut sum = 0.0;
    for (at, &left) in list.iter().enumerate() {
        for &right in &list[at + 1..] {
            sum += distance(left, right);
        }
    }
    let pairs = list.len() * list.len().saturating_sub(1) / 2;
    (pairs > 0).then(|| sum / pairs as f64)
}
