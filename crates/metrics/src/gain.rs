//! Gains of graded relevance, and the discounts of ranks.

use crate::error::RankingError;
use std::ops::Range;

/// How much an item of a given relevance is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gain {
    /// The relevance itself (Järvelin and Kekäläinen 2002).
    #[default]
    Linear,
    /// `2^relevance - 1` (Burges et al. 2005), which favours the most relevant items. The same as
    /// [`Linear`](Self::Linear) for a relevance of 0 or 1.
    Exponential,
}

impl Gain {
    /// The gain of an item with this relevance.
    pub fn of(self, relevance: f64) -> f64 {
        match self {
            Self::Linear => relevance,
            Self::Exponential => relevance.exp2() - 1.0,
        }
    }

    /// As [`of`](Self::of), refusing what cannot be a gain.
    pub(crate) fn checked(self, relevance: f64) -> Result<f64, RankingError> {
        let gain = self.of(relevance);
        match gain.is_finite() && relevance >= 0.0 {
            true => Ok(gain),
            false => Err(RankingError::Gain { gain: relevance }),
        }
    }
}

/// `1 / log2(place + 2)` of the first places, counted from 0, and their running sums.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discounts {
    each: Vec<f64>,
    sums: Vec<f64>,
}

impl Discounts {
    pub(crate) fn new(places: usize) -> Self {
        let each: Vec<f64> = (0..places)
            .map(|place| 1.0 / ((place + 2) as f64).log2())
            .collect();
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for discount in &each {
            sum += discount;
            sums.push(sum);
        }
        Self { each, sums }
    }

    /// The discount of a place.
    pub(crate) fn at(&self, place: usize) -> f64 {
        self.each[place]
    }

    /// The sum of the discounts of these places.
    pub(crate) fn sum(&self, places: Range<usize>) -> f64 {
        // Few of them are summed again, so that one place gives its discount to the last digit.
        match places.len() < 8 {
            true => self.each[places].iter().sum(),
            false => self.sums[places.end] - self.sums[places.start],
        }
    }
}
