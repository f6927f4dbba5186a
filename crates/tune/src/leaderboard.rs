//! Trials, the best first.

use crate::sampler::Direction;
use crate::trial::Finished;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::HashSet;

/// Configurations, the best first. [`Leaderboard::table`] shows them as text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Leaderboard {
    /// Whether small or large objectives are good.
    pub direction: Direction,
    /// The trial with the largest budget of each configuration, ordered by budget (the largest first, since objectives of
    /// different budgets are not comparable), then by objective, then by id.
    pub entries: Vec<Finished>,
    /// The configurations that failed, ordered by id.
    pub failed: Vec<Finished>,
}

impl Leaderboard {
    pub(crate) fn of(trials: &[Finished], direction: Direction) -> Self {
        let continued: HashSet<usize> = trials.iter().filter_map(|of| of.trial.parent).collect();
        let last = trials.iter().filter(|of| !continued.contains(&of.trial.id));
        let (mut entries, mut failed): (Vec<_>, Vec<_>) =
            last.cloned().partition(|of| of.value.is_some());
        let cost = |of: &Finished| of.value.map(|value| direction.cost(value));
        entries.sort_by(|one, other| {
            let by_budget = other.trial.budget.cmp(&one.trial.budget);
            let by_cost = cost(one).partial_cmp(&cost(other));
            by_budget
                .then(by_cost.unwrap_or(Ordering::Equal))
                .then(one.trial.id.cmp(&other.trial.id))
        });
        failed.sort_by_key(|of| of.trial.id);
        Self {
            direction,
            entries,
            failed,
        }
    }
}
