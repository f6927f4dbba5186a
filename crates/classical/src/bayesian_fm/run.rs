//! All chains of a fit: predictions averaged over samples, and samples to keep.

use super::block::{Block, Design};
use super::chain::Chain;
use super::events::UNSEEN;
use super::random::Key;
use super::sums::dot;
use super::{BayesianFm, NAME};
use crate::error::ClassicalError;
use crate::method::Context;
use crate::threads;
use rayon::prelude::*;

/// A sample of a fitted model, with the columns of ratings at their average.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// The constant of the model.
    pub(super) offset: f32,
    /// The precision of the noise.
    pub(super) precision: f32,
    /// Per user and per item: the linear weight, then the factors, `rank + 1` values.
    pub(super) users: Vec<f32>,
    pub(super) items: Vec<f32>,
    /// The noise precision of each item relative to `precision`; empty if all items have the same.
    pub(super) noise: Vec<f32>,
    /// The vectors of the history columns; empty without a history.
    pub(super) history: Vec<f32>,
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
    let outcomes: Result<Vec<Outcome>, ClassicalError> = threads::on(context.threads, || {
        (0..options.chains).into_par_iter().map(one).collect()
    })?;
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
            let (mut total, mut pairs) = ([0.0; L], 0.0);
            for (rows, state) in wanted.iter().zip(&self.states) {
                // A value that the training part lacks has the mean of the others.
                let vector = match rows[at] {
                    UNSEEN => &state.level.mean,
                    row => &state.rows[row as usize],
                };
                pairs += dot(&total, vector) - total[0] * vector[0];
                for lane in 0..L {
                    total[lane] += vector[lane];
                }
            }
            *sum += self.offset + f64::from(total[0] + pairs);
        }
    }

    /// This sample, with the columns of ratings at their average over the training ratings.
    fn sample(&self, options: &BayesianFm) -> Sample {
        let width = options.rank + 1;
        let (event, constant) = self.average_event();
        let cut = |vectors: &[[f32; L]]| -> Vec<f32> {
            vectors
                .iter()
                .flat_map(|vector| vector[..width].iter().copied())
                .collect()
        };
        let (users, items) = (&self.states[0], &self.states[1]);
        let mut item_rows = items.rows.clone();
        for row in &mut item_rows {
            row[0] += dot(row, &event) - row[0] * event[0];
            for lane in 1..L {
                row[lane] += event[lane];
            }
        }
        let history = match options.history {
            true => &users.columns[..self.design().blocks[0].columns.groups()[0].len()],
            false => &[],
        };
        Sample {
            offset: (self.offset + constant) as f32,
            precision: self.precision as f32,
            users: cut(&users.rows),
            items: cut(&item_rows),
            noise: items.noise.clone(),
            history: cut(history),
            mean: self.average_visitor(history.len())[..width].to_vec(),
            spread: users.level.precision[..width].to_vec(),
        }
    }

    /// The mean vector of the columns of ratings (days), summed over them, and the mean of their weights and products.
    fn average_event(&self) -> ([f32; L], f64) {
        let (mut total, mut pairs) = ([0.0_f32; L], 0.0_f32);
        for (block, state) in self.design().blocks.iter().zip(&self.states).skip(2) {
            let mean = average(block, &state.rows);
            pairs += dot(&total, &mean) - total[0] * mean[0];
            for lane in 0..L {
                total[lane] += mean[lane];
            }
        }
        (total, f64::from(total[0] + pairs))
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

/// The mean of rows over ratings.
fn average<const L: usize>(block: &Block, rows: &[[f32; L]]) -> [f32; L] {
    let mut sums = [0.0_f64; L];
    for (row, ends) in rows.iter().zip(block.offsets.windows(2)) {
        for lane in 0..L {
            sums[lane] += f64::from(ends[1] - ends[0]) * f64::from(row[lane]);
        }
    }
    sums.map(|sum| (sum / block.targets.len().max(1) as f64) as f32)
}
