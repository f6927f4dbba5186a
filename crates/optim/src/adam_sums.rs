//! The sums by which Adam's rows catch up, updated step by step.

use crate::missed::AdamSums;
use crate::pace::Pace;

/// The sums of [`AdamSums`], for rows last updated at each step.
#[derive(Clone, Debug)]
pub(crate) struct RunningSums {
    /// The three factors of a step's rate by its distance, last to first. Beyond them the effect of a moment is
    /// negligible.
    factors: [Vec<f64>; 3],
    /// For rows last updated at each step since all were brought up to date.
    sums: [Vec<f64>; 3],
}

impl RunningSums {
    /// `None` for betas for which the first moment outlives the second: rows then take their missed steps one by one.
    pub fn new(beta_1: f64, beta_2: f64) -> Option<Self> {
        let stretch = 1.0 / beta_2.sqrt();
        let shrink = beta_1 * stretch;
        // The number of steps after which the remainder is below 1e-8 of the first update.
        let reach = ((1e-8 * (1.0 - shrink)).ln() / shrink.ln()).ceil();
        if !(shrink < 1.0 && reach < 10_000.0) {
            return None;
        }
        let distances = 1..=reach.max(1.0) as i32;
        let of = |power| {
            let factor = |k| shrink.powi(k) * stretch.powi(k * power);
            distances.clone().rev().map(factor).collect()
        };
        Some(Self {
            factors: [of(0), of(1), of(2)],
            sums: Default::default(),
        })
    }

    #[inline(always)]
    pub fn begin(&mut self, Pace { rate, decay }: Pace) {
        let kept = 1.0 - decay;
        for (sums, factors) in self.sums.iter_mut().zip(&self.factors) {
            sums.push(0.0);
            let near = sums.len().min(factors.len());
            let (far, out) = (sums.len() - near, factors.len() - near);
            for (sum, factor) in sums[far..].iter_mut().zip(&factors[out..]) {
                *sum = *sum * kept + rate * factor;
            }
        }
    }

    /// Forgets the steps so far.
    pub fn clear(&mut self) {
        self.sums.iter_mut().for_each(Vec::clear);
    }

    /// The sums for a row last updated at this step, up to its last step in reach; zeros if it has missed nothing.
    #[inline(always)]
    pub fn at(&self, left: usize) -> AdamSums {
        let at = |sums: &Vec<f64>| sums.get(left).copied().unwrap_or_default();
        let [sum, first, second] = self.sums.each_ref().map(at);
        AdamSums { sum, first, second }
    }

    /// The number of steps after a row's last update in which its first moment still has an effect.
    pub fn reach(&self) -> usize {
        self.factors[0].len()
    }
}
