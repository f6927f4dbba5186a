//! How counts are spread: in quartiles, and in bins.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::thousands;

/// How some counts are spread, in the words of pandas' `describe()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many counts there are.
    pub count: usize,
    /// Their mean; 0 where there are none, as are all of the following.
    pub mean: f64,
    /// The least.
    pub min: usize,
    /// A quarter of them lies below (between two neighbours, on the line that joins them).
    pub lower_quartile: f64,
    /// Half of them lies below.
    pub median: f64,
    /// Three quarters of them lie below.
    pub upper_quartile: f64,
    /// The most.
    pub max: usize,
}

impl Spread {
    /// Of those that are not 0: in raw order a table has rows that nobody is.
    pub(crate) fn of(mut counts: Vec<usize>) -> Self {
        counts.retain(|&count| count > 0);
        counts.sort_unstable();
        let (Some(&min), Some(&max)) = (counts.first(), counts.last()) else {
            return Self::default();
        };
        Self {
            count: counts.len(),
            mean: counts.iter().sum::<usize>() as f64 / counts.len() as f64,
            min,
            lower_quartile: quantile(&counts, 0.25),
            median: quantile(&counts, 0.5),
            upper_quartile: quantile(&counts, 0.75),
            max,
        }
    }
}

/// Linear interpolation between the two nearest of the sorted counts (numpy's default), of which there is one at least.
fn quantile(sorted: &[usize], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (
        sorted[place.floor() as usize] as f64,
        sorted[place.ceil() as usize] as f64,
    );
    low + (high - low) * (place - place.floor())
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {}, quartiles {} {} {}, mean {:.1}",
            thousands(self.min),
            thousands(self.max),
            self.lower_quartile,
            self.median,
            self.upper_quartile,
            self.mean,
        )
    }
}

/// How many users, or items, have so many ratings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountBar {
    /// The least ratings that one of them has.
    pub from: usize,
    /// The most; the bar behind it begins with one more.
    pub to: usize,
    /// How many users or items there are.
    pub count: usize,
}

/// Bins that leave no gap from the least count to the most, but for those that are 0.
///
/// Two bins double a count (1, 2, 3, 4 to 5, 6 to 7, 8 to 10, 11 to 15, 16 to 22, ...): on a logarithmic axis all are
/// about as wide.
pub(crate) fn bins(counts: &[usize]) -> Vec<CountBar> {
    let present = || counts.iter().copied().filter(|&count| count > 0);
    let (Some(least), Some(most)) = (present().min(), present().max()) else {
        return Vec::new();
    };
    // The last end is 2^62, beyond every count.
    let end = |half: u32| 2_f64.powf(f64::from(half) / 2.0).round() as usize;
    let mut bars: Vec<CountBar> = (0..124)
        .map(|half| (end(half), end(half + 1)))
        .filter(|&(from, end)| end > from && end > least && from <= most)
        .map(|(from, end)| CountBar {
            from,
            to: end - 1,
            count: 0,
        })
        .collect();
    for count in present() {
        let bar = bars.partition_point(|bar| bar.to < count);
        bars[bar].count += 1;
    }
    bars
}
