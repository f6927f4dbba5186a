//! Gaussian noise, and the weight of the divergence of what is drawn with it.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use recburn_schema::splitmix64;
use std::f64::consts::TAU;

/// Fills in independent Gaussian numbers of mean 0 and variance 1 that depend only on a key (Box and Muller 1958).
pub fn noise(key: u64, out: &mut [f32]) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(key);
    // Uniform in (0, 1].
    let mut unit = || ((random.next_u64() >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64);
    for pair in out.chunks_mut(2) {
        let (radius, angle) = ((-2.0 * unit().ln()).sqrt(), TAU * unit());
        pair[0] = (radius * angle.cos()) as f32;
        if let Some(other) = pair.get_mut(1) {
            *other = (radius * angle.sin()) as f32;
        }
    }
}

/// As [`noise`]; if there are keys, each row has the noise of its own key, so that it does not depend on its position.
pub(crate) fn noise_by(key: u64, rows: Option<&[u64]>, out: &mut [f32]) {
    let Some(rows) = rows else {
        return noise(key, out);
    };
    let width = out.len() / rows.len().max(1);
    for (row, out) in rows.iter().zip(out.chunks_exact_mut(width.max(1))) {
        noise(splitmix64(key ^ *row), out);
    }
}

/// The weight of a divergence in a step, counted from 1: it rises in a line over the first `warm_up` steps.
pub fn divergence_weight(kl: f64, warm_up: u64, step: u64) -> f32 {
    let share = match step < warm_up {
        true => step as f64 / warm_up as f64,
        false => 1.0,
    };
    (kl * share) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_mean_0_and_variance_1_and_depends_on_its_key() {
        let mut numbers = vec![0.0; 100_001];
        noise(7, &mut numbers);
        let count = numbers.len() as f64;
        let mean = numbers.iter().map(|&n| f64::from(n)).sum::<f64>() / count;
        let square = numbers.iter().map(|&n| f64::from(n).powi(2)).sum::<f64>() / count;
        let fourth = numbers.iter().map(|&n| f64::from(n).powi(4)).sum::<f64>() / count;
        assert!(
            mean.abs() < 0.02 && (square - 1.0).abs() < 0.02,
            "{mean}, {square}"
        );
        assert!((fourth - 3.0).abs() < 0.15, "{fourth}");
        let mut others = vec![0.0; 4];
        noise(8, &mut others);
        assert_ne!(numbers[..4], others);
        noise(7, &mut others);
        assert_eq!(numbers[..4], others);
    }

    #[test]
    fn a_weight_rises_in_a_line() {
        let weights = [1, 2, 4, 5, 9].map(|step| divergence_weight(0.2, 4, step));
        assert_eq!(weights, [0.05, 0.1, 0.2, 0.2, 0.2]);
        assert_eq!(divergence_weight(0.2, 0, 1), 0.2);
    }
}
