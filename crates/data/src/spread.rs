//! Distributions of counts: quartiles and bins.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::thousands;

/// The distribution of some counts, as in pandas' `describe()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The number of counts.
    pub count: usize,
    /// Their mean. 0 without counts, like all of the following.
    pub mean: f64,
    /// The minimum.
    pub min: usize,
    /// The lower quartile (linearly interpolated between neighbours).
    pub lower_quartile: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub upper_quartile: f64,
    /// The maximum.
    pub max: usize,
}

impl Spread {
    /// The distribution of the nonzero counts: in raw order a table has unused rows.
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

/// Linear interpolation between the two nearest of the sorted counts (numpy's default); there must be at least one.
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

/// The number of users, or items, with a range of rating counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountBar {
    /// The lower end of the range.
    pub from: usize,
    /// The upper end; the next bar begins one above it.
    pub to: usize,
    /// The number of users or items in the range.
    pub count: usize,
}

/// Contiguous bins from the smallest to the largest nonzero count.
///
/// The count doubles every two bins (1, 2, 3, 4 to 5, 6 to 7, 8 to 10, 11 to 15, 16 to 22, ...), so that all are about
/// equally wide on a logarithmic axis.
pub(crate) fn bins(counts: &[usize]) -> Vec<CountBar> {
    let present = || counts.iter().copied().filter(|&count| count > 0);
    let (Some(least), Some(most)) = (present().min(), present().max()) else {
        return Vec::new();
    };
    // The last end is 2^62, above every count.
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
