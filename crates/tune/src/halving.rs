//! Successive halving.

use crate::sampler::Direction;
use crate::trial::{Finished, Trial};
use serde::Serialize;

/// Trials with the same budget, which are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// The number of trials.
    pub trials: usize,
    /// The budget of each.
    pub budget: usize,
}

/// The plan; see [`Study::rungs`](crate::Study::rungs).
pub(crate) fn rungs(trials: usize, eta: usize, least: usize, full: usize) -> Vec<Rung> {
    let eta = eta.max(2);
    // factors[k] is eta^k, for each number k of promotions that budget and trials allow.
    let factors = std::iter::successors(Some(1_usize), |factor| factor.checked_mul(eta));
    let allowed = |factor: &usize| *factor <= trials && *factor <= full / least.max(1);
    let factors: Vec<usize> = factors.take_while(allowed).collect();
    let pairs = factors.iter().zip(factors.iter().rev());
    let rung = |(factor, rest): (&usize, &usize)| Rung {
        trials: trials / factor,
        budget: full.div_ceil(*rest),
    };
    pairs.map(rung).collect()
}

/// The trials of the rung after this one: the best of it, best first. Failed trials are never among them.
pub(crate) fn promoted(below: &[Finished], rung: Rung, direction: Direction) -> Vec<Trial> {
    let mut best: Vec<(f64, &Trial)> = below
        .iter()
        .filter_map(|trial| Some((direction.cost(trial.value?), &trial.trial)))
        .collect();
    best.sort_by(|(one, a), (other, b)| {
        let by_cost = one.partial_cmp(other);
        by_cost
            .unwrap_or(std::cmp::Ordering::Equal)
            .then(a.id.cmp(&b.id))
    });
    let first = below.last().map_or(0, |last| last.trial.id + 1);
    let best = best.into_iter().take(rung.trials).enumerate();
    best.map(|(at, (_, trial))| Trial {
        id: first + at,
        values: trial.values.clone(),
        budget: rung.budget,
        seed: trial.seed,
        parent: Some(trial.id),
    })
    .collect()
}
