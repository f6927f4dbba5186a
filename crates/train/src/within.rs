//! Checkpoints within an epoch.

use crate::error::TrainError;
use crate::evaluate::Sums;
use crate::fit::{Fit, Position};
use recburn_data::Feed;
use recburn_nn::Model;
use recburn_schema::Batch;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The part of an epoch that is behind a checkpoint; of several processes, of all of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Within {
    /// Steps taken.
    pub steps: usize,
    queries: usize,
    seconds: f64,
    sums: Sums,
}

impl<M: Model> Fit<'_, M> {
    /// Takes up an epoch where a checkpoint has left it, or begins it; returns the seconds that it has taken. The feed has
    /// begun the epoch.
    pub(crate) fn take_up(
        &mut self,
        feed: &mut dyn Feed,
        at: &mut Position,
        sums: &mut Sums,
    ) -> f64 {
        let Some(within) = self.session.trainer.within.take() else {
            return 0.0;
        };
        at.step = within.steps;
        // The sums of all processes count once.
        let spread = self.session.trainer.spread.as_ref();
        if spread.is_none_or(|spread| spread.ranks().rank() == 0) {
            (at.queries, *sums) = (within.queries, within.sums);
        }
        let mut taken = Batch::default();
        for _ in 0..within.steps {
            feed.fill(&mut taken);
        }
        within.seconds
    }

    /// Whether it is time for a checkpoint; of several processes, the first has the clock.
    pub(crate) fn is_due(&self) -> bool {
        let trainer = &self.session.trainer;
        let spread = trainer.spread.as_ref();
        let has_clock = spread.is_none_or(|spread| spread.ranks().rank() == 0);
        let longest = trainer.checkpoint_within.filter(|_| has_clock);
        trainer.checkpoints.is_some()
            && longest.is_some_and(|longest| self.saved.elapsed() >= longest)
    }

    /// Writes a checkpoint after a step. All processes call it.
    pub(crate) fn save_within(
        &mut self,
        at: &Position,
        sums: &Sums,
        seconds: f64,
    ) -> Result<(), TrainError> {
        let Some((folder, _)) = self.session.trainer.checkpoints.clone() else {
            return Ok(());
        };
        self.session.settle();
        let (mut sums, mut queries) = (*sums, at.queries);
        if let Some(spread) = &self.session.trainer.spread {
            sums.over(spread);
            queries = spread.sum_of(queries as f64) as usize;
        }
        self.session.trainer.within = Some(Within {
            steps: at.step,
            queries,
            seconds,
            sums,
        });
        let written = self.write_checkpoint(&folder, &self.left());
        self.session.trainer.within = None;
        written
    }

    /// Writes a checkpoint with this model.
    pub(crate) fn write_checkpoint(
        &mut self,
        folder: &std::path::Path,
        model: &M,
    ) -> Result<(), TrainError> {
        self.put_aside();
        let saved = self.session.trainer.save_checkpoint(folder, model);
        self.session.trainer.average.aside = None;
        self.saved = Instant::now();
        saved
    }
}
