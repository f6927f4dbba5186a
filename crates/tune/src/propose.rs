//! The next trials of a study, as a function of the finished ones.

use crate::estimator::Estimator;
use crate::halving::promoted;
use crate::sampler::Sampler;
use crate::space::Values;
use crate::study::Study;
use crate::trial::{Finished, Trial};
use recburn_data::{id_number, splitmix64};
use std::collections::HashSet;

/// Draws before the next point that is new is taken.
const ATTEMPTS: u64 = 16;

/// The next trials, in the order of their ids; none at the end. `finished` are all trials before, in the same order.
///
/// The function is called when all trials that it returned before have finished, so what it returns does not depend on
/// the order in which they did.
pub(crate) fn next(study: &Study, finished: &[Finished]) -> Vec<Trial> {
    let begin = finished.len();
    let first_rung = study.configurations();
    if begin >= first_rung {
        return promote(study, finished);
    }
    // The first generation is always awaited: it shows whether trials can succeed at all.
    let end = match study.sampler {
        _ if begin < study.generation => study.generation,
        Sampler::Tpe { startup } if begin < startup => startup,
        Sampler::Tpe { .. } => begin + study.generation,
        _ => first_rung,
    };
    let budget = study
        .rungs()
        .first()
        .map_or(study.budget, |rung| rung.budget);
    configurations(study, finished, begin..end.min(first_rung))
        .map(|(id, values)| Trial {
            id,
            values,
            budget,
            seed: splitmix64(stream(study.seed, id) ^ SEED) >> 32,
            parent: None,
        })
        .collect()
}

/// The next rung of successive halving.
fn promote(study: &Study, finished: &[Finished]) -> Vec<Trial> {
    let mut rungs = study.rungs().into_iter();
    let first = rungs.next().map_or(0, |rung| rung.trials);
    let mut below = &finished[..first.min(finished.len())];
    let mut above = &finished[below.len()..];
    for rung in rungs {
        let next = promoted(below, rung, study.direction);
        if above.len() < next.len() {
            return next.into_iter().skip(above.len()).collect();
        }
        (below, above) = above.split_at(next.len());
    }
    Vec::new()
}

/// Configurations of these ids, each different from all others of the study.
fn configurations(
    study: &Study,
    finished: &[Finished],
    ids: std::ops::Range<usize>,
) -> impl Iterator<Item = (usize, Values)> {
    let estimator = match study.sampler {
        Sampler::Tpe { startup } if ids.end > startup && !finished.is_empty() => {
            Some((startup, Estimator::of(study, finished)))
        }
        _ => None,
    };
    // Draws from a range of floating-point numbers do not repeat.
    let size = study.space.size();
    let mut tried: HashSet<String> = match size {
        Some(_) => finished.iter().map(|of| key(&of.trial.values)).collect(),
        None => HashSet::new(),
    };
    let mut estimator = estimator;
    ids.map(move |id| {
        if study.sampler == Sampler::Grid {
            return (id, study.space.nth(id as u128));
        }
        let mut draw = |attempt| match &mut estimator {
            Some((startup, estimator)) if id >= *startup => estimator.draw(study, id, attempt),
            _ => random(study, id, attempt),
        };
        let Some(size) = size else {
            return (id, draw(0));
        };
        let mut drawn = (0..ATTEMPTS).map(&mut draw);
        let new = drawn.find(|values| tried.insert(key(values)));
        let values = new.unwrap_or_else(|| {
            let from = u128::from(splitmix64(stream(study.seed, id))) % size;
            let points = (0..size).map(|step| study.space.nth((from + step) % size));
            let mut new = points.filter(|values| tried.insert(key(values)));
            new.next().unwrap_or_else(|| study.space.nth(from))
        });
        (id, values)
    })
}

fn key(values: &Values) -> String {
    serde_json::to_string(values).unwrap_or_default()
}

/// An independent draw.
fn random(study: &Study, id: usize, attempt: u64) -> Values {
    let parameters = study.space.parameters().iter();
    let values = parameters.map(|(name, parameter)| {
        let position = unit(bits(study.seed, id, name, attempt));
        (name.clone(), parameter.at(position))
    });
    values.collect()
}

/// Distinguishes the seed of a trial from its proposals.
const SEED: u64 = 0x7365_6564;

fn stream(seed: u64, id: usize) -> u64 {
    splitmix64(splitmix64(seed) ^ id as u64)
}

/// The random bits of a parameter in a trial. They are a function of its name, not of its place among the others.
pub(crate) fn bits(seed: u64, id: usize, name: &str, attempt: u64) -> u64 {
    splitmix64(splitmix64(stream(seed, id) ^ id_number(name)) ^ attempt)
}

/// A number in `[0, 1)` from the upper 53 bits.
pub(crate) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
