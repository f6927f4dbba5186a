//! The tables of a model during training.

use crate::look_ups::LookUps;
use crate::tensor_table::{StepTensor, TensorTable};
use burn::module::ParamId;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_data::Batch;
use recburn_nn::{ColumnId, Home, L2On, TableInfo, home_of};
use recburn_optim::{FactorScore, Gradients, Mode, Pace, Penalty, RowTable, Rule, Steps};
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
    held: Vec<Held>,
    /// The inputs of the model.
    inputs: Vec<Input>,
    look_ups: LookUps,
    /// Kept to reuse the memory.
    pub(crate) gradients: Gradients,
}

pub(crate) struct Held {
    name: String,
    id: ParamId,
    columns: Vec<ColumnId>,
    table: Kept,
}

impl Held {
    fn penalty(&self) -> Penalty {
        match &self.table {
            Kept::Rows(table) => table.penalty(),
            Kept::Tensor(table) => table.penalty(),
        }
    }

    fn is_penalised_per_look_up(&self) -> bool {
        self.penalty().l2_per_look_up > 0.0
    }

    /// The sum of squares of each row.
    fn squares(&self) -> Vec<f64> {
        let square = |w: &f32| f64::from(*w) * f64::from(*w);
        match &self.table {
            Kept::Rows(table) => {
                let rows = (0..table.rows() as u32).map(|row| table.row(row));
                rows.map(|row| row.iter().map(square).sum()).collect()
            }
            Kept::Tensor(table) => {
                let squares = table.weights().clone() * table.weights().clone();
                squares.sum_dim(1).into_data().iter::<f64>().collect()
            }
        }
    }
}

/// On a CPU rows are updated in place in plain memory; elsewhere a table is a tensor.
enum Kept {
    Rows(RowTable),
    Tensor(Box<TensorTable>),
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
            if let (Kept::Rows(table), Some(at)) = (&mut held.table, wanted.iter().position(asked))
            {
                found[at] = Some(table);
            }
        }
        let all = found
            .iter()
            .zip(&wanted)
            .all(|(found, id)| found.is_some() == id.is_some());
        all.then_some(found)
    }
}

/// The penalty and constraint of a table.
pub(crate) fn penalty_of(info: &TableInfo) -> Penalty {
    let (l2, l2_per_look_up) = match info.options.l2_on {
        L2On::Table => (info.options.l2, 0.0),
        L2On::Batch => (0.0, info.options.l2),
    };
    Penalty {
        l2,
        l2_per_look_up,
        non_negative: info.options.non_negative,
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

/// A tensor with rows of this width.
pub(crate) fn matrix(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let rows = values.len() / width;
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}

impl Store {
    pub fn new(rule: Rule, mode: Mode) -> Self {
        Self {
            as_tensors: false,
            walks: false,
            steps: Steps::after(0, rule, mode),
            rows: [usize::MAX; 2],
            held: Vec::new(),
            inputs: Vec::new(),
            look_ups: LookUps::default(),
            gradients: Gradients::default(),
        }
    }

    /// Empties the store, which has then taken `steps` steps.
    pub fn restart(&mut self, steps: u64) {
        self.held.clear();
        self.steps = Steps::after(steps, self.steps.rule(), self.steps.mode());
    }

    /// Adopts a model's tables, with their current weights. Existing state for a table of the same name and shape is
    /// kept.
    pub fn adopt(&mut self, tables: Vec<TableInfo>, inputs: Vec<Input>) {
        self.inputs = inputs;
        self.rows = least_rows(&tables);
        let mut before = std::mem::take(&mut self.held);
        for info in tables {
            let at = before.iter().position(|held| held.name == info.name);
            let kept = at.map(|at| before.swap_remove(at).table);
            let table = self.take_up(&info, kept);
            self.held.push(Held {
                name: info.name,
                id: info.id,
                columns: info.columns,
                table,
            });
        }
    }

    fn take_up(&self, info: &TableInfo, kept: Option<Kept>) -> Kept {
        let penalty = penalty_of(info);
        if self.as_tensors || home_of(&info.weights.device()) == Home::Device {
            let rule = self.steps.rule();
            let fresh = || {
                let shape = info.weights.shape();
                Tensor::full(shape, rule.initial_state(), &info.weights.device())
            };
            let mut parts = vec![info.weights.clone()];
            match kept {
                Some(Kept::Tensor(table)) if table.weights().dims() == info.weights.dims() => {
                    parts.extend(table.into_states());
                }
                _ => parts.extend((0..rule.states()).map(|_| fresh())),
            }
            let table = TensorTable::new(parts, penalty, &self.steps, self.walks);
            return Kept::Tensor(Box::new(table));
        }
        let data = info.weights.to_data();
        let weights: Vec<f32> = data.iter::<f32>().collect();
        match kept {
            Some(Kept::Rows(mut table))
                if (table.rows(), table.width(), table.penalty())
                    == (info.rows, info.width, penalty) =>
            {
                table.set_weights(&weights);
                Kept::Rows(table)
            }
            _ => Kept::Rows(RowTable::new(&weights, info.width, penalty, &self.steps)),
        }
    }

    /// Whether the store already holds all these tables, with state of their size.
    pub fn holds_all(&self, tables: &[TableInfo]) -> bool {
        let size = |held: &Held| match &held.table {
            Kept::Rows(table) => [table.rows(), table.width()],
            Kept::Tensor(table) => table.weights().dims(),
        };
        tables.iter().all(|info| {
            let mut held = self.held.iter();
            held.any(|held| held.name == info.name && size(held) == [info.rows, info.width])
        })
    }

    /// The table with this name, such as `user_factors.weight`.
    pub(crate) fn id_of(&self, name: &str) -> Option<ParamId> {
        let named = self.held.iter().find(|held| held.name == name);
        named.map(|held| held.id)
    }

    pub fn holds(&self, id: ParamId) -> bool {
        self.held.iter().any(|held| held.id == id)
    }

    /// Whether all tables are rows in host memory.
    pub fn on_host(&self) -> bool {
        let rows = |held: &Held| matches!(held.table, Kept::Rows(_));
        !self.held.is_empty() && self.held.iter().all(rows)
    }

    fn at(&self, id: ParamId) -> usize {
        let found = self.held.iter().position(|held| held.id == id);
        found.expect("a model reads the same tables in every pass, and they were adopted")
    }

    /// The table, if it is rows.
    pub(crate) fn rows_of(&self, id: ParamId) -> Option<&RowTable> {
        match &self.held[self.at(id)].table {
            Kept::Rows(table) => Some(table),
            Kept::Tensor(_) => None,
        }
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
        if self.held.iter().any(Held::is_penalised_per_look_up) {
            self.look_ups.begin(batch, &self.inputs);
        }
    }

    /// Begins another epoch.
    pub fn begin_epoch(&mut self) {
        self.look_ups.begin_epoch();
    }

    /// The weights of these distinct rows, up to date, if the table is a tensor: `[rows, width]`.
    pub(crate) fn read_tensor(&mut self, id: ParamId, rows: &[u32]) -> Option<Tensor<2>> {
        let at = self.at(id);
        match &mut self.held[at].table {
            Kept::Rows(_) => None,
            Kept::Tensor(table) => Some(table.read(rows, &self.steps)),
        }
    }

    /// Brings these rows up to date; `false` if the table is not rows.
    pub(crate) fn catch_up(&mut self, id: ParamId, rows: &[u32]) -> bool {
        let at = self.at(id);
        match &mut self.held[at].table {
            Kept::Rows(table) => {
                table.catch_up(rows, &self.steps);
                true
            }
            Kept::Tensor(_) => false,
        }
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

    /// Updates rows by their gradient plus that of a penalty per look-up, row by row.
    pub fn step_rows(&mut self, id: ParamId, rows: &[u32], gradient: &mut [f32], pace: Pace) {
        let at = self.at(id);
        let Held { columns, table, .. } = &mut self.held[at];
        if let Kept::Rows(table) = table {
            table.add_penalty(rows, |row| self.look_ups.share(columns, row), gradient);
            table.step(rows, gradient, pace, &self.steps);
        }
    }

    /// Updates the rows of a batch by their gradient, `[rows, width]`.
    pub fn step(&mut self, id: ParamId, rows: &[u32], gradient: Tensor<2>, pace: Pace) {
        let at = self.at(id);
        let shares = match self.held[at].is_penalised_per_look_up() {
            true => {
                let share = |&row| self.look_ups.share(&self.held[at].columns, row);
                rows.iter().map(share).collect()
            }
            false => Vec::new(),
        };
        match &mut self.held[at].table {
            Kept::Rows(_) => {
                let mut gradient: Vec<f32> = gradient.into_data().iter::<f32>().collect();
                self.step_rows(id, rows, &mut gradient, pace);
            }
            Kept::Tensor(table) => {
                let step = StepTensor {
                    table,
                    rows,
                    shares,
                    gradient,
                    steps: &self.steps,
                };
                self.steps.rule().at(pace, step);
            }
        }
    }

    /// Brings every row up to date.
    pub fn settle(&mut self) {
        for held in &mut self.held {
            match &mut held.table {
                Kept::Rows(table) => table.catch_up_all(&self.steps),
                Kept::Tensor(table) => table.catch_up_all(&self.steps),
            }
        }
        self.steps.settle();
    }

    /// The current penalty of all tables: of whole tables, or of their rows as the epoch looked them up.
    pub fn penalty(&self) -> f64 {
        let of = |held: &Held| {
            if held.is_penalised_per_look_up() {
                return held.penalty().l2_per_look_up
                    * self
                        .look_ups
                        .mean(&held.columns, held.squares().into_iter());
            }
            match &held.table {
                Kept::Rows(table) => table.penalty_value(),
                Kept::Tensor(table) => table.penalty_value(),
            }
        };
        self.held.iter().map(of).sum()
    }

    /// The weights of a table: `[rows, width]`.
    pub fn weights(&self, id: ParamId, device: &Device) -> Option<Tensor<2>> {
        let held = self.held.iter().find(|held| held.id == id)?;
        Some(match &held.table {
            Kept::Rows(table) => matrix(table.part(0).collect(), table.width(), device),
            Kept::Tensor(table) => table.weights().clone(),
        })
    }

    /// Name, width and state of every table.
    pub fn states(&self) -> Vec<(&str, usize, Vec<Vec<f32>>)> {
        let read = |tensor: &Tensor<2>| tensor.to_data().iter::<f32>().collect();
        let of = |held: &Held| match &held.table {
            Kept::Rows(table) => {
                let parts = 1..=self.steps.rule().states();
                (
                    table.width(),
                    parts.map(|part| table.part(part).collect()).collect(),
                )
            }
            Kept::Tensor(table) => (
                table.weights().dims()[1],
                table.states().iter().map(read).collect(),
            ),
        };
        self.held
            .iter()
            .map(|held| {
                let (width, state) = of(held);
                (held.name.as_str(), width, state)
            })
            .collect()
    }

    /// Replaces one state of the table with this name; `false` if there is none, or its size differs.
    pub fn set_state(&mut self, name: &str, state: usize, values: &[f32]) -> bool {
        let Some(held) = self.held.iter_mut().find(|held| held.name == name) else {
            return false;
        };
        match &mut held.table {
            Kept::Rows(table) if values.len() == table.rows() * table.width() => {
                table.set_part(state + 1, values);
            }
            Kept::Tensor(table) if values.len() == table.weights().shape().num_elements() => {
                let [_, width] = table.weights().dims();
                let device = table.weights().device();
                table.set_state(state, matrix(values.to_vec(), width, &device));
            }
            _ => return false,
        }
        true
    }
}
