//! The tables of a model during training.

use crate::home::{Fetched, Gradient, TableHome, penalty_of};
use crate::look_ups::LookUps;
use crate::smoothed::Smoothed;
use crate::spread_ask::Spreading;
use crate::spread_table::SpreadTable;
use crate::tensor_table::TensorTable;
use burn::module::ParamId;
use burn::tensor::{Device, Tensor};
use recburn_data::Batch;
use recburn_nn::{ColumnId, Home, TableInfo, home_of};
use recburn_optim::{FactorScore, Gradients, Mode, Pace, RowTable, Rule, Steps};
use recburn_schema::Input;

/// The tables of a model in training, with their state.
pub(crate) struct Store {
    /// Keep tables as tensors even if they could be rows.
    pub as_tensors: bool,
    /// Update every row of a tensor at every step.
    pub walks: bool,
    pub steps: Steps,
    /// Rows of the smallest table of the users, and of the items.
    pub rows: [usize; 2],
    pub(crate) held: Vec<Held>,
    /// What the model reads in place of two of these tables.
    pub(crate) smoothed: Option<Smoothed>,
    /// How rows are reached that are distributed over several processes.
    pub(crate) spread: Option<Spreading>,
    /// The inputs of the model.
    inputs: Vec<Input>,
    pub(crate) look_ups: LookUps,
    /// Kept to reuse the memory.
    pub(crate) gradients: Gradients,
}

pub(crate) struct Held {
    pub(crate) name: String,
    pub(crate) id: ParamId,
    pub(crate) columns: Vec<ColumnId>,
    pub(crate) home: Box<dyn TableHome>,
}

/// Where the rows of adopted tables come from.
pub(crate) enum Rows<'a> {
    /// From the model.
    OfModel,
    /// They are in the store already.
    Own,
    /// From this function; the model has none.
    Filled(&'a dyn Fn(&TableInfo, &mut RowTable)),
}

/// The tables of a store.
pub(crate) struct Tables<'a>(&'a mut [Held]);

impl<'a> Tables<'a> {
    /// All of these tables at once; `None` if one of them is not rows or is requested twice.
    pub fn rows_of<const N: usize>(
        self,
        wanted: [Option<ParamId>; N],
    ) -> Option<[Option<&'a mut RowTable>; N]> {
        let mut found = [const { None }; N];
        for held in self.0 {
            let asked = |id: &Option<ParamId>| *id == Some(held.id);
            if let Some(at) = wanted.iter().position(asked) {
                found[at] = held.home.in_memory();
            }
        }
        let all = found
            .iter()
            .zip(&wanted)
            .all(|(found, id)| found.is_some() == id.is_some());
        all.then_some(found)
    }
}

/// Rows of the smallest table that user and item ids index: the limit for ids.
pub(crate) fn least_rows(tables: &[TableInfo]) -> [usize; 2] {
    [ColumnId::USERS, ColumnId::ITEMS].map(|column| {
        let indexed = tables
            .iter()
            .filter(|table| table.columns.contains(&column));
        indexed.map(|table| table.rows).min().unwrap_or(usize::MAX)
    })
}

impl Store {
    pub fn new(rule: Rule, mode: Mode) -> Self {
        Self {
            as_tensors: false,
            walks: false,
            steps: Steps::after(0, rule, mode),
            rows: [usize::MAX; 2],
            held: Vec::new(),
            smoothed: None,
            spread: None,
            inputs: Vec::new(),
            look_ups: LookUps::default(),
            gradients: Gradients::default(),
        }
    }

    /// Empties the store, which has then taken `steps` steps.
    pub fn restart(&mut self, steps: u64) {
        self.held.clear();
        self.smoothed = None;
        self.steps = Steps::after(steps, self.steps.rule(), self.steps.mode());
    }

    /// Adopts a model's tables, with these rows. Existing state for a table of the same name and shape is
    /// kept.
    pub fn adopt(&mut self, tables: Vec<TableInfo>, inputs: Vec<Input>, rows: &Rows<'_>) {
        self.inputs = inputs;
        self.rows = least_rows(&tables);
        if let Some(spread) = &mut self.spread {
            spread.adopt(&tables, &self.inputs);
        }
        let smoothed = self.smoothed.take();
        let mut before = std::mem::take(&mut self.held);
        for info in tables {
            let at = before.iter().position(|held| held.name == info.name);
            let kept = at.map(|at| before.swap_remove(at).home);
            let home = self.home_for(&info, kept, rows);
            self.held.push(Held {
                name: info.name,
                id: info.id,
                columns: info.columns,
                home,
            });
        }
        self.smoothed = smoothed.and_then(|smoothed| smoothed.of(&self.held));
    }

    /// The home of a table: the former one of its name, if it fits, with the new weights.
    fn home_for(
        &self,
        info: &TableInfo,
        kept: Option<Box<dyn TableHome>>,
        rows: &Rows<'_>,
    ) -> Box<dyn TableHome> {
        let (shape, penalty) = ([info.rows, info.width], penalty_of(info));
        let device = info.weights.device();
        let as_tensor = self.as_tensors || home_of(&device) == Home::Device;
        let fits = |home: &dyn TableHome| {
            let in_memory = home.read_in_memory().is_some();
            in_memory != as_tensor && home.shape() == shape && home.penalty() == penalty
        };
        let kept = match kept {
            Some(mut home) if fits(home.as_ref()) => {
                match (rows, home.own_rows_mut()) {
                    (Rows::Own, _) => {}
                    (Rows::Filled(fill), Some(table)) => fill(info, table),
                    _ => home.set_weights(&info.weights, &self.steps),
                }
                return home;
            }
            kept => kept,
        };
        if as_tensor {
            let rule = self.steps.rule();
            let state_shape = [info.rows, rule.state_width(info.width)];
            let fresh = || Tensor::full(state_shape, rule.initial_state(), &device);
            let states = (0..rule.states()).map(|_| fresh());
            let parts = std::iter::once(info.weights.clone()).chain(states);
            let parts = parts.collect();
            return Box::new(TensorTable::new(parts, penalty, &self.steps, self.walks));
        }
        let own = kept.as_ref().and_then(|home| home.own_rows());
        let table = match (rows, own) {
            (Rows::Filled(fill), _) => {
                let mut table = RowTable::zeros(info.rows, info.width, penalty, &self.steps);
                fill(info, &mut table);
                table
            }
            (Rows::Own, Some(own)) if TableHome::shape(own) == shape => {
                let weights: Vec<f32> = own.part(0).collect();
                RowTable::new(&weights, info.width, penalty, &self.steps)
            }
            _ => {
                let weights: Vec<f32> = info.weights.to_data().iter::<f32>().collect();
                RowTable::new(&weights, info.width, penalty, &self.steps)
            }
        };
        let spread = self.spread.as_ref();
        match spread.and_then(|spread| Some((spread, spread.wanted(info)?))) {
            Some((spread, wanted)) => Box::new(SpreadTable::new(table, spread, wanted)),
            None => Box::new(table),
        }
    }

    /// Whether the store already holds all these tables, with state of their size.
    pub fn holds_all(&self, tables: &[TableInfo]) -> bool {
        tables.iter().all(|info| {
            let mut held = self.held.iter();
            let shape = [info.rows, info.width];
            held.any(|held| held.name == info.name && held.home.shape() == shape)
        })
    }

    /// The table with this name, such as `user_factors.weight`.
    pub(crate) fn id_of(&self, name: &str) -> Option<ParamId> {
        let named = self.held.iter().find(|held| held.name == name);
        named.map(|held| held.id)
    }

    /// The parameters of all tables.
    pub fn ids(&self) -> Vec<ParamId> {
        self.held.iter().map(|held| held.id).collect()
    }

    /// The rows of a table that live here.
    pub fn own_rows(&self, id: ParamId) -> Option<&RowTable> {
        let held = self.held.iter().find(|held| held.id == id)?;
        held.home.own_rows()
    }

    /// As [`Store::own_rows`], by name.
    pub fn rows_named(&self, name: &str) -> Option<&RowTable> {
        let held = self.held.iter().find(|held| held.name == name)?;
        held.home.own_rows()
    }

    /// As [`Store::rows_named`], to replace them.
    pub fn own_rows_named(&mut self, name: &str) -> Option<&mut RowTable> {
        let held = self.held.iter_mut().find(|held| held.name == name)?;
        held.home.own_rows_mut()
    }

    /// The names of tables with rows in host memory, and the rows that live here.
    pub fn own_tables(&self) -> impl Iterator<Item = (&str, &RowTable)> {
        let held = self.held.iter();
        held.filter_map(|held| Some((held.name.as_str(), held.home.own_rows()?)))
    }

    pub fn holds(&self, id: ParamId) -> bool {
        self.held.iter().any(|held| held.id == id)
    }

    /// Whether all tables are rows in host memory.
    pub fn on_host(&self) -> bool {
        let in_memory = |held: &Held| held.home.read_in_memory().is_some();
        !self.held.is_empty() && self.held.iter().all(in_memory)
    }

    fn at(&self, id: ParamId) -> usize {
        let found = self.held.iter().position(|held| held.id == id);
        found.expect("a model reads the same tables in every pass, and they were adopted")
    }

    /// The table, if it is rows.
    pub(crate) fn rows_of(&self, id: ParamId) -> Option<&RowTable> {
        if let Some(smooth) = self.smooth_read(id) {
            return self.on_host().then_some(smooth);
        }
        self.held[self.at(id)].home.read_in_memory()
    }

    /// The steps, memory for gradients, look-ups and tables, borrowed separately.
    pub fn parts(&mut self) -> (&mut Steps, &mut Gradients, &LookUps, Tables<'_>) {
        let Self {
            steps,
            gradients,
            look_ups,
            held,
            ..
        } = self;
        (steps, gradients, look_ups, Tables(held))
    }

    /// Begins the step of this batch.
    pub fn begin_step(&mut self, batch: &Batch) {
        self.refresh();
        if self.held.iter().any(Held::is_penalised_per_look_up) {
            let spread = self.spread.as_ref();
            let part = spread.map_or(1.0, |spread| spread.whole().share());
            self.look_ups.begin(batch, &self.inputs, part);
        }
    }

    /// Begins another epoch.
    pub fn begin_epoch(&mut self) {
        self.look_ups.begin_epoch();
        for held in &mut self.held {
            held.home.begin_epoch();
        }
        if let Some(spread) = &self.spread {
            spread.begin_epoch();
        }
    }

    /// Brings these distinct rows up to date and returns them, where they can be read.
    pub(crate) fn fetch(&mut self, id: ParamId, rows: &[u32]) -> Fetched<'_> {
        let at = self.at(id);
        if self
            .smoothed
            .as_ref()
            .is_some_and(|smoothed| smoothed.reads(at))
        {
            return self.fetch_smooth(at, rows);
        }
        self.held[at].home.fetch(rows, &self.steps)
    }

    /// As [`Store::fetch`], if the table is in host memory; otherwise `false`, and nothing is fetched.
    pub(crate) fn fetch_in_memory(&mut self, id: ParamId, rows: &[u32]) -> bool {
        let in_memory = self.rows_of(id).is_some();
        if in_memory {
            self.fetch(id, rows);
        }
        in_memory
    }

    /// The tables of a factor score, if all of them are rows.
    pub(crate) fn factors(
        &self,
        [user_factors, item_factors]: [ParamId; 2],
        [user_bias, item_bias]: [Option<ParamId>; 2],
    ) -> Option<FactorScore<'_>> {
        let bias = |id: Option<ParamId>| match id {
            Some(id) => self.rows_of(id).map(Some),
            None => Some(None),
        };
        Some(FactorScore {
            user_factors: self.rows_of(user_factors)?,
            item_factors: self.rows_of(item_factors)?,
            user_bias: bias(user_bias)?,
            item_bias: bias(item_bias)?,
        })
    }

    /// Updates the rows of a batch by their gradient plus that of a penalty per look-up.
    pub fn push(&mut self, id: ParamId, rows: &[u32], gradient: Gradient<'_>, pace: Pace) {
        let at = self.at(id);
        let Held { columns, home, .. } = &mut self.held[at];
        let spread = self.spread.as_ref();
        let whole = spread.map(Spreading::whole);
        let part = whole.map_or(1.0, |whole| whole.share());
        let share = |row| self.look_ups.share(columns, row) * part;
        if let Some(smoothed) = &mut self.smoothed
            && smoothed.reads(at)
        {
            let weight = whole.map_or(0.0, |whole| whole.weight());
            return smoothed.add(at, rows, gradient, (&share, weight), pace);
        }
        home.push(rows, gradient, &share, pace, &self.steps);
    }

    /// Brings every row up to date.
    pub fn settle(&mut self) {
        self.refresh();
        for held in &mut self.held {
            held.home.settle(&self.steps);
        }
        self.steps.settle();
    }

    /// The weights of a table: `[rows, width]`.
    pub fn weights(&self, id: ParamId, device: &Device) -> Option<Tensor<2>> {
        let held = self.held.iter().find(|held| held.id == id)?;
        Some(held.home.weights(device))
    }

    /// Name, numbers per row of a state, and states of every table.
    pub fn states(&self) -> Vec<(&str, usize, Vec<Vec<f32>>)> {
        let rule = self.steps.rule();
        let of = |held: &Held| {
            let width = rule.state_width(held.home.shape()[1]);
            (width, held.home.states(rule))
        };
        let named = self.held.iter().map(|held| {
            let (width, states) = of(held);
            (held.name.as_str(), width, states)
        });
        named.collect()
    }

    /// Replaces one state of the table with this name; `false` if there is none, or its size differs.
    pub fn set_state(&mut self, name: &str, state: usize, values: &[f32]) -> bool {
        let Some(held) = self.held.iter_mut().find(|held| held.name == name) else {
            return false;
        };
        let [rows, width] = held.home.shape();
        let fits = values.len() == rows * self.steps.rule().state_width(width);
        if fits {
            held.home.set_state(state, values);
        }
        fits
    }
}
