//! All chains of a fit: predictions averaged over samples, and samples to keep.

use super::block::Design;
use super::chain::Chain;
use super::events::UNSEEN;
use super::random::Key;
use super::sums::dot;
use super::{BayesianFm, NAME};
use crate::error::ClassicalError;
use crate::method::Context;
use rayon::prelude::*;
use std::ops::Range;

/// A sample of a fitted model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// The constant of the model.
    pub(super) offset: f32,
    /// The precision of the noise.
    pub(super) precision: f32,
    /// Per user and per item: the linear weight, then the factors, `rank + 1` values. Those of a user include its columns of
    /// ratings, at their average over its ratings.
    pub(super) users: Vec<f32>,
    pub(super) items: Vec<f32>,
    /// The noise precision of each item relative to `precision`; empty if all items have the same.
    pub(super) noise: Vec<f32>,
    /// The vectors of the history columns; empty without a history.
    pub(super) history: Vec<f32>,
    /// The columns of ratings at their average over all ratings.
    pub(super) event: Vec<f32>,
    /// Mean and precision of a user's own vector, the mean including the average of the users' features.
    pub(super) mean: Vec<f32>,
    pub(super) spread: Vec<f32>,
}

/// What a run yields.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Sums of predictions over samples, one per wanted row.
    sums: Vec<f64>,
    samples: Vec<Sample>,
}

/// Runs all chains and returns the mean predictions of the wanted rows and the kept samples. `wanted` holds, for each
/// block, the row of each rating to predict.
pub(super) fn run(
    options: &BayesianFm,
    context: &Context<'_>,
    design: &Design,
    wanted: &[Vec<u32>],
    keep: bool,
) -> Result<(Vec<f32>, Vec<Sample>), ClassicalError> {
    let key = Key::new(context.seed);
    let one = |chain: usize| {
        let key = key.of(chain as u64);
        match options.rank + 1 {
            0..=8 => chained::<8>(options, design, wanted, keep, chain, key),
            9..=16 => chained::<16>(options, design, wanted, keep, chain, key),
            17..=24 => chained::<24>(options, design, wanted, keep, chain, key),
            25..=32 => chained::<32>(options, design, wanted, keep, chain, key),
            _ => chained::<64>(options, design, wanted, keep, chain, key),
        }
    };
    let outcomes: Result<Vec<Outcome>, ClassicalError> =
        (0..options.chains).into_par_iter().map(one).collect();
    let mut total = Outcome::default();
    total.sums.resize(wanted.first().map_or(0, Vec::len), 0.0);
    for outcome in outcomes? {
        for (sum, own) in total.sums.iter_mut().zip(outcome.sums) {
            *sum += own;
        }
        total.samples.extend(outcome.samples);
    }
    let count = (options.chains * (options.sweeps - options.burn_in)) as f64;
    let mean = |sum: f64| (design.centre + sum / count) as f32;
    Ok((total.sums.into_iter().map(mean).collect(), total.samples))
}

/// Runs one chain.
fn chained<const L: usize>(
    options: &BayesianFm,
    design: &Design,
    wanted: &[Vec<u32>],
    keep: bool,
    number: usize,
    key: Key,
) -> Result<Outcome, ClassicalError> {
    let mut chain = Chain::<L>::new(design, options.rank, options.noise_shape, key);
    let mut outcome = Outcome {
        sums: vec![0.0; wanted.first().map_or(0, Vec::len)],
        samples: Vec::new(),
    };
    let kept = options.sweeps - options.burn_in;
    // Each chain keeps its share of the samples, the first chains one more.
    let share = options.saved_samples / options.chains
        + usize::from(number < options.saved_samples % options.chains);
    for sweep in 0..options.sweeps {
        chain.sweep(sweep);
        if !(chain.offset.is_finite() && chain.precision.is_finite() && chain.precision > 0.0) {
            return Err(ClassicalError::Numerical {
                method: NAME,
                what: format!(
                    "the sampler left the range of numbers in sweep {}",
                    sweep + 1
                ),
            });
        }
        let Some(sample) = sweep.checked_sub(options.burn_in) else {
            continue;
        };
        chain.add_predictions(wanted, &mut outcome.sums);
        // Samples at equal distances, the last one among them.
        if keep && (sample + 1) * share / kept > sample * share / kept {
            outcome.samples.push(chain.sample(options));
        }
    }
    Ok(outcome)
}

impl<const L: usize> Chain<'_, L> {
    /// Adds the predictions of this sample.
    fn add_predictions(&self, wanted: &[Vec<u32>], sums: &mut [f64]) {
        for (at, sum) in sums.iter_mut().enumerate() {
            let mut total = [0.0; L];
            for (rows, state) in wanted.iter().zip(&self.states) {
                // A value that the training part lacks has the mean of the others.
                let vector = match rows[at] {
                    UNSEEN => &state.level.mean,
                    row => &state.rows[row as usize],
                };
                total = joined(&total, vector);
            }
            *sum += self.offset + f64::from(total[0]);
        }
    }

    /// This sample, with each user's columns of ratings at their average over its ratings.
    fn sample(&self, options: &BayesianFm) -> Sample {
        let width = options.rank + 1;
        let cut = |vectors: &[[f32; L]]| -> Vec<f32> {
            let cut = |vector: &[f32; L]| vector.iter().take(width).copied().collect::<Vec<_>>();
            vectors.iter().flat_map(cut).collect()
        };
        let (users, items) = (&self.states[0], &self.states[1]);
        let offsets = &self.design().blocks[0].offsets;
        let all = self.average_event(0..self.design().blocks[0].targets.len());
        let user = |(row, ends): (&[f32; L], &[u32])| {
            let event = match ends[0] == ends[1] {
                true => all,
                false => self.average_event(ends[0] as usize..ends[1] as usize),
            };
            joined(row, &event)
        };
        let user_rows: Vec<[f32; L]> = users
            .rows
            .iter()
            .zip(offsets.windows(2))
            .map(user)
            .collect();
        let history = match options.history {
            true => &users.columns[..self.design().blocks[0].columns.groups()[0].len()],
            false => &[],
        };
        Sample {
            offset: self.offset as f32,
            precision: self.precision as f32,
            users: cut(&user_rows),
            items: cut(&items.rows),
            noise: items.noise.clone(),
            history: cut(history),
            event: cut(&[all]),
            mean: cut(&[self.average_visitor(history.len())]),
            spread: cut(&[users.level.precision]),
        }
    }

    /// The columns of ratings (days) as one vector: the mean over these ratings, ordered by user, of each column, joined.
    fn average_event(&self, ratings: Range<usize>) -> [f32; L] {
        let mut total = [0.0; L];
        let rows = &self.design().blocks[0].others[1..];
        for (rows, state) in rows.iter().zip(&self.states[2..]) {
            let mut sums = [0.0_f64; L];
            for &row in &rows[ratings.clone()] {
                for (sum, &value) in sums.iter_mut().zip(&state.rows[row as usize]) {
                    *sum += f64::from(value);
                }
            }
            let mean = sums.map(|sum| (sum / ratings.len().max(1) as f64) as f32);
            total = joined(&total, &mean);
        }
        total
    }

    /// The prior mean of a user without a history: the level, and the average of the features' part over users.
    fn average_visitor(&self, history: usize) -> [f32; L] {
        let columns = &self.design().blocks[0].columns;
        let state = &self.states[0];
        let mut mean = state.level.mean;
        for column in history..columns.len() {
            let (_, values) = columns.entries(column);
            let share = values.iter().sum::<f32>() / state.rows.len() as f32;
            for (mean, &value) in mean.iter_mut().zip(&state.columns[column]) {
                *mean += share * value;
            }
        }
        mean
    }
}

/// The vector of two blocks together: what both add to a score, and the sum of their factors.
fn joined<const L: usize>(one: &[f32; L], other: &[f32; L]) -> [f32; L] {
    let pairs = dot(one, other) - one[0] * other[0];
    let mut sum: [f32; L] = std::array::from_fn(|lane| one[lane] + other[lane]);
    sum[0] += pairs;
    sum
}
