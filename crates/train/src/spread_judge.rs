//! Validation by loss and errors on several processes.

use crate::error::TrainError;
use crate::evaluate::{Judge, Sums};
use crate::spread::Spread;
use crate::spread_scores::Scores;
use recburn_data::{DataError, Examples, Fingerprint};
use recburn_metrics::Measures;
use recburn_nn::Model;
use recburn_optim::{Goal, Loss};
use recburn_schema::{Batch, Input};
use recburn_spread::Placed;
use std::rc::Rc;

/// Queries scored at a time by all processes together.
const BATCH: usize = 8_192;

/// Evaluates by loss and errors the held-out examples of the users of each process; all processes have the same measures.
pub struct SpreadJudge<'a> {
    spread: Rc<Spread>,
    valid: Placed<'a>,
}

impl<'a> SpreadJudge<'a> {
    /// Evaluates on these examples.
    pub fn new(spread: Rc<Spread>, valid: Placed<'a>) -> Self {
        Self { spread, valid }
    }
}

impl<M: Model> Judge<M> for SpreadJudge<'_> {
    fn check(&self, wanted: &[Input]) -> Result<(), DataError> {
        self.valid.serves(wanted)
    }

    fn judge(&self, model: &M, loss: Loss) -> Result<Measures, TrainError> {
        let model = model.valid();
        let mut scores = Scores::new(&self.spread, &model)?;
        let mut feed = self.valid.feed(&model.inputs(), BATCH)?;
        feed.begin(0, 0);
        let (mut sums, mut batch) = (Sums::default(), Batch::default());
        // All processes have the same number of steps.
        while feed.fill(&mut batch) {
            if let Some(scores) = scores.of(&batch) {
                sums.add(loss, &Goal::of(&batch), scores);
            }
        }
        sums.over(&self.spread);
        Ok(sums.measures())
    }

    fn fingerprint(&self) -> Fingerprint {
        Examples::fingerprint(&self.valid)
    }
}
