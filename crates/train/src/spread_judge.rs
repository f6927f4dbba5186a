//! Validation on several processes.

use crate::compiled::compiled_of;
use crate::error::TrainError;
use crate::evaluate::{Judge, Sums};
use crate::home::penalty_of;
use crate::spread::{Of, Spread};
use crate::spread_table::window;
use recburn_compiled::Pass;
use recburn_data::{Coalescer, DataError, Examples, Fingerprint};
use recburn_metrics::Measures;
use recburn_nn::{Model, tables};
use recburn_optim::{Goal, Loss, RowTable};
use recburn_schema::{Batch, Input};
use recburn_spread::{Asked, HomeRatings};
use std::rc::Rc;

/// Queries scored at a time.
const BATCH: usize = 8_192;

/// Evaluates by loss and errors the held-out ratings of the users of each process; all processes have the same measures.
pub struct SpreadJudge<'a> {
    spread: Rc<Spread>,
    valid: &'a HomeRatings,
}

impl<'a> SpreadJudge<'a> {
    /// Evaluates on these ratings.
    pub fn new(spread: Rc<Spread>, valid: &'a HomeRatings) -> Self {
        Self { spread, valid }
    }
}

impl<M: Model> Judge<M> for SpreadJudge<'_> {
    fn check(&self, _: &[Input]) -> Result<(), DataError> {
        let ratings = self.valid.ratings();
        let (users, items) = (self.spread.users.rows(), self.spread.items.rows());
        ratings.check(users, items)
    }

    fn judge(&self, model: &M, loss: Loss) -> Result<Measures, TrainError> {
        let model = model.valid();
        let ranks = self.spread.ranks();
        let compiled = model
            .as_graph()
            .and_then(|graph| compiled_of(&model, graph));
        let mut compiled = compiled.ok_or_else(|| TrainError::Spread {
            reason: "only graphs can be evaluated there".to_string(),
        })?;
        let infos = tables(&model);
        let mut own: Vec<(Of, RowTable)> = Vec::new();
        for name in compiled.tables() {
            let named = |name: &String| name.strip_suffix(".weight").map(str::to_string);
            let info = infos
                .iter()
                .find(|info| named(&info.name).as_ref() == Some(name));
            let info = info.ok_or_else(|| TrainError::Spread {
                reason: format!("the table `{name}` is never read"),
            })?;
            let weights: Vec<f32> = info.weights.to_data().iter::<f32>().collect();
            let rows = window(&weights, info.width, penalty_of(info));
            own.push((Spread::side(info)?, rows));
        }
        let ratings = self.valid.ratings();
        let [users, _] = self.spread.rows();
        let (mut users, mut items) = (
            Coalescer::new(users),
            Coalescer::new(self.spread.items.rows()),
        );
        let (mut sums, mut batch) = (Sums::default(), Batch::default());
        let mut begin = 0;
        loop {
            let end = (begin + BATCH).min(ratings.len());
            let of = begin..end;
            batch.queries = of.len();
            batch.targets.clear();
            batch
                .targets
                .extend_from_slice(&ratings.ratings[of.clone()]);
            let ids = ratings.users[of.clone()].iter().map(|user| user.0);
            users.fill(ids, &mut batch.users);
            let ids = ratings.items[of.clone()].iter().map(|item| item.0);
            items.fill(ids, &mut batch.items);
            // A process that has finished still answers the others, until all have.
            let asked = Asked::ask(ranks, &batch.items.rows, of.len() as f64, false);
            if asked.is_of_nobody() {
                break;
            }
            batch.items.rows = (0..asked.len() as u32).collect();
            let windows: Vec<Option<RowTable>> = own
                .iter()
                .map(|(of, table)| {
                    (*of == Of::Items).then(|| {
                        let rows = asked.answer(ranks, table.width(), |row| table.row(row));
                        window(&rows, table.width(), table.penalty())
                    })
                })
                .collect();
            let read = own.iter().zip(&windows);
            let read: Vec<&RowTable> = read
                .map(|((_, own), asked)| asked.as_ref().unwrap_or(own))
                .collect();
            let scores = compiled.forward(&batch, &read, Pass::Inference);
            sums.add(loss, &Goal::of(&batch), scores);
            begin = end;
        }
        sums.over(&self.spread);
        Ok(sums.measures())
    }

    fn fingerprint(&self) -> Fingerprint {
        Examples::fingerprint(self.valid)
    }
}
