//! Scores of a model whose rows live on several processes, outside training.

use crate::compiled::compiled_of;
use crate::error::TrainError;
use crate::home::penalty_of;
use crate::spread::Spread;
use crate::spread_ask::{Spreading, Wanted};
use crate::spread_table::window;
use recburn_compiled::{Compiled, Pass};
use recburn_nn::{Model, tables};
use recburn_optim::RowTable;
use recburn_schema::Batch;
use std::cell::RefCell;
use std::rc::Rc;

/// A model, ready to score batches together with the other processes.
pub(crate) struct Scores<'a> {
    spread: &'a Spread,
    spreading: Spreading,
    compiled: Compiled,
    /// In the order of the compiled graph; without a request if the rows are at home.
    tables: Vec<(RowTable, Option<Rc<RefCell<Wanted>>>)>,
}

impl<'a> Scores<'a> {
    /// Prepares a model that is not in training.
    ///
    /// # Errors
    /// If it is not a graph, or does not read all of its tables.
    pub fn new<M: Model>(spread: &'a Spread, model: &M) -> Result<Self, TrainError> {
        let failed = |reason: String| TrainError::Spread { reason };
        let graph = model.as_graph();
        let compiled = graph.and_then(|graph| compiled_of(model, graph));
        let compiled =
            compiled.ok_or_else(|| failed("only graphs can be evaluated there".to_string()))?;
        let infos = tables(model);
        let mut spreading = spread.spreading();
        spreading.adopt(&infos);
        let mut own = Vec::new();
        for name in compiled.tables() {
            let named = format!("{name}.weight");
            let info = infos.iter().find(|info| info.name == named);
            let info = info.ok_or_else(|| failed(format!("the table `{name}` is never read")))?;
            let weights: Vec<f32> = info.weights.to_data().iter::<f32>().collect();
            let rows = window(&weights, info.width, penalty_of(info));
            own.push((rows, spreading.wanted(info)));
        }
        Ok(Self {
            spread,
            spreading,
            compiled,
            tables: own,
        })
    }

    /// The scores of a batch, which may be empty: a process that has finished still answers the others. `None` once no
    /// process has one. All processes call it.
    pub fn of(&mut self, batch: &Batch) -> Option<&[f32]> {
        let batch = self.spreading.ask(batch);
        if self.spreading.whole().is_of_nobody() {
            return None;
        }
        let ranks = self.spread.ranks();
        let windows: Vec<Option<RowTable>> = self
            .tables
            .iter()
            .map(|(own, wanted)| {
                let wanted = wanted.as_ref()?.borrow();
                let rows = wanted.answer(ranks, own.width(), |row| own.row(row));
                Some(window(&rows, own.width(), own.penalty()))
            })
            .collect();
        let read = self.tables.iter().zip(&windows);
        let read: Vec<&RowTable> = read
            .map(|((own, _), asked)| asked.as_ref().unwrap_or(own))
            .collect();
        Some(self.compiled.forward(&batch, &read, Pass::Inference))
    }
}
