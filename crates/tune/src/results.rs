//! The results of a study.

use crate::effects::{Effect, effects};
use crate::leaderboard::Leaderboard;
use crate::sampler::Direction;
use crate::space::Space;
use crate::study::Study;
use crate::trial::Finished;

/// The finished trials of a study.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Results {
    /// The space of the study.
    pub space: Space,
    /// The direction of the study.
    pub direction: Direction,
    /// The trials, ordered by id.
    pub trials: Vec<Finished>,
    /// Whether the study has ended. It has not if it was asked to stop.
    pub complete: bool,
}

impl Results {
    pub(crate) fn of(study: &Study, trials: Vec<Finished>, complete: bool) -> Self {
        Self {
            space: study.space.clone(),
            direction: study.direction,
            trials,
            complete,
        }
    }

    /// The configurations, the best first.
    pub fn leaderboard(&self) -> Leaderboard {
        Leaderboard::of(&self.trials, self.direction)
    }

    /// The best trial; `None` if all failed.
    pub fn winner(&self) -> Option<Finished> {
        self.leaderboard().entries.into_iter().next()
    }

    /// The effect of each parameter, ordered by name.
    ///
    /// Only trials with the smallest budget are used, which with successive halving are those of the first rung: there all
    /// configurations were compared under the same conditions.
    pub fn effects(&self) -> Vec<Effect> {
        effects(&self.space, &self.trials, self.direction)
    }
}
