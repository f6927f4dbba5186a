//! Scores of a model whose rows live on several processes, outside training.

use crate::compiled::compiled_of;
use crate::error::TrainError;
use crate::home::penalty_of;
use crate::spread::Spread;
use crate::spread_ask::Spreading;
use crate::spread_rows::Kept;
use crate::spread_table::window;
use crate::spread_wanted::Wanted;
use crate::store::Store;
use burn::module::ParamId;
use recburn_compiled::{Compiled, Pass};
use recburn_nn::{Model, tables};
use recburn_optim::{Penalty, RowTable};
use recburn_schema::Batch;
use recburn_spread::Room;
use std::cell::RefCell;
use std::rc::Rc;

/// A model, ready to score batches together with the other processes.
pub(crate) struct Scores<'a> {
    spread: &'a Spread,
    spreading: Spreading,
    compiled: Compiled,
    /// In the order of the compiled graph.
    tables: Vec<Table>,
    /// The trainer's tables, if the model has none.
    store: Option<Rc<RefCell<Store>>>,
}

struct Table {
    id: ParamId,
    width: usize,
    penalty: Penalty,
    /// The rows here; `None` if they are read where the trainer has them.
    own: Option<RowTable>,
    /// `None` if the rows are at home.
    wanted: Option<Rc<RefCell<Wanted>>>,
}

impl Table {
    fn rows<'t>(&'t self, store: Option<&'t Store>) -> &'t RowTable {
        let held = || store.and_then(|store| store.own_rows(self.id));
        self.own
            .as_ref()
            .or_else(held)
            .expect("found when the scores were made")
    }
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
        spreading.adopt(&infos, &model.inputs());
        let store = match &*spread.kept.borrow() {
            Kept::Held(store) => Some(store.clone()),
            Kept::Model | Kept::Drawn(_) => None,
        };
        let mut all = Vec::new();
        for name in compiled.tables() {
            let named = format!("{name}.weight");
            let info = infos.iter().find(|info| info.name == named);
            let info = info.ok_or_else(|| failed(format!("the table `{name}` is never read")))?;
            let penalty = penalty_of(info);
            let held = |store: &Rc<RefCell<Store>>| store.borrow().own_rows(info.id).is_some();
            let own = match store.as_ref().is_some_and(held) {
                true => None,
                false => Some(window(spread.weights(model, info)?, info.width, penalty)),
            };
            all.push(Table {
                id: info.id,
                width: info.width,
                penalty,
                own,
                wanted: spreading.wanted(info),
            });
        }
        Ok(Self {
            spread,
            spreading,
            compiled,
            tables: all,
            store,
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
        let store = self.store.as_ref().map(|store| store.borrow());
        let store = store.as_deref();
        let windows: Vec<Option<RowTable>> = self
            .tables
            .iter()
            .map(|table| {
                let (own, wanted) = (table.rows(store), table.wanted.as_ref()?.borrow());
                let row = |row| own.row(row);
                let rows = wanted.answer(ranks, table.width, row, &mut Room::default());
                Some(window(rows, table.width, table.penalty))
            })
            .collect();
        let read = self.tables.iter().zip(&windows);
        let read: Vec<&RowTable> = read
            .map(|(table, asked)| asked.as_ref().unwrap_or_else(|| table.rows(store)))
            .collect();
        Some(self.compiled.forward(&batch, &read, Pass::Inference))
    }
}
