//! Visitors: somebody with ratings who is not a user of the model.

use super::fit::{Fit, Visitor};
use recburn_data::ItemIx;

impl Fit {
    /// The vectors of a visitor: for each sample the mean given the ratings of the profile, a ridge regression towards the
    /// mean of users with the same history. The visitor's features are unknown, so those of the average user are assumed,
    /// the noise of its ratings is that of an average user, and they are from an average day.
    pub(super) fn visitor(&self, profile: &[(ItemIx, f32)]) -> Visitor {
        let (samples, rank) = (self.samples(), self.rank);
        let mut visitor = Visitor {
            weight: 0.0,
            factors: Vec::with_capacity(samples * rank),
        };
        for sample in 0..samples {
            let own = self.vector(profile, sample);
            let event = self.event(sample);
            let pairs: f64 = own.iter().zip(&event).skip(1).map(|(a, b)| a * b).sum();
            visitor.weight += (own[0] + event[0] + pairs) as f32 / samples as f32;
            let vector: Vec<f64> = own.iter().zip(&event).map(|(a, b)| a + b).collect();
            visitor
                .factors
                .extend(vector[1..].iter().map(|&factor| factor as f32));
        }
        visitor
    }

    /// The average columns of ratings in one sample.
    fn event(&self, sample: usize) -> Vec<f64> {
        let width = self.rank + 1;
        let own = &self.events[sample * width..(sample + 1) * width];
        own.iter().map(|&value| f64::from(value)).collect()
    }

    /// The mean of the vector in one sample.
    fn vector(&self, profile: &[(ItemIx, f32)], sample: usize) -> Vec<f64> {
        let (samples, width) = (self.samples(), self.rank + 1);
        let own = sample * width..(sample + 1) * width;
        let mut mean: Vec<f64> = self.means[own.clone()]
            .iter()
            .map(|&x| f64::from(x))
            .collect();
        let share = 1.0 / (profile.len() as f64).sqrt();
        if !self.history.is_empty() {
            for (item, _) in profile {
                let at = (item.index() * samples + sample) * width;
                for (mean, &column) in mean.iter_mut().zip(&self.history[at..at + width]) {
                    *mean += share * f64::from(column);
                }
            }
        }
        // The normal equations of the ratings and of the prior.
        let mut matrix = vec![0.0; width * width];
        let mut right = vec![0.0; width];
        for (at, &spread) in self.spreads[own].iter().enumerate() {
            matrix[at * width + at] = f64::from(spread);
            right[at] = f64::from(spread) * mean[at];
        }
        let event = self.event(sample);
        let mut design = vec![1.0; width];
        for &(item, rating) in profile {
            let at = item.index() * samples + sample;
            let noise = self.noise.get(at).copied().unwrap_or(1.0);
            let weight = f64::from(self.precisions[sample]) * f64::from(noise);
            let constant = self.centre + f64::from(self.offsets[sample]);
            let factors = &self.item_factors[at * self.rank..(at + 1) * self.rank];
            let mut target =
                f64::from(rating) - constant - f64::from(self.item_weights[at]) - event[0];
            for (lane, &factor) in (1..).zip(factors) {
                target -= f64::from(factor) * event[lane];
                design[lane] = f64::from(factor) + event[lane];
            }
            for row in 0..width {
                right[row] += weight * target * design[row];
                for lane in 0..width {
                    matrix[row * width + lane] += weight * design[row] * design[lane];
                }
            }
        }
        solve(&mut matrix, &mut right);
        right
    }
}

/// Solves a system with a positive definite matrix, in place of the right side, by elimination without pivots.
fn solve(matrix: &mut [f64], right: &mut [f64]) {
    let width = right.len();
    for pivot in 0..width {
        for row in pivot + 1..width {
            let factor = matrix[row * width + pivot] / matrix[pivot * width + pivot];
            for lane in pivot..width {
                matrix[row * width + lane] -= factor * matrix[pivot * width + lane];
            }
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..width).rev() {
        let rest: f64 = (row + 1..width)
            .map(|lane| matrix[row * width + lane] * right[lane])
            .sum();
        right[row] = (right[row] - rest) / matrix[row * width + row];
    }
}
