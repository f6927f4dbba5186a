//! Where tables are while they train.

use crate::row_gradients::RowGradients;
use crate::tensor_table::{StepTensor, TensorTable};
use burn::module::ParamId;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_nn::{Embedding, Factors, Ids, RowSource, TableInfo};
use recburn_optim::{
    Column, FactorScore, Gradients, Mode, Penalty, RowTable, Rule, Steps, examples, row_sums,
};

/// The tables of a model in training, with their state.
pub(crate) struct Store {
    rule: Rule,
    mode: Mode,
    /// Keep tables as tensors even where they could be rows.
    pub as_tensors: bool,
    pub steps: Steps,
    held: Vec<Held>,
    /// Kept for its memory.
    gradients: Gradients,
}

pub(crate) struct Held {
    name: String,
    id: ParamId,
    table: Kept,
}

/// On a processor rows are moved in place, in memory of our own; elsewhere a table is a tensor, and exact means that
/// every row moves at every step, which a GPU does at the speed of its memory.
enum Kept {
    Rows(RowTable),
    Tensor(Box<TensorTable>),
}

/// The tables of a store.
pub(crate) struct Tables<'a>(&'a mut [Held]);

impl<'a> Tables<'a> {
    /// These tables, all of them at once; `None` if one of them is no rows, or is asked for twice.
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

/// Whether a device's tensors lie in the memory that the host computes in.
fn in_host_memory(device: &Device) -> bool {
    // Burn's device is opaque; its debug text starts with the backend's name.
    let name = format!("{:?}", device.clone().inner().as_dispatch());
    name.starts_with("Flex") || name.starts_with("NdArray")
}

fn matrix(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let rows = values.len() / width;
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}

impl Store {
    pub fn new(rule: Rule, mode: Mode) -> Self {
        Self {
            rule,
            mode,
            as_tensors: false,
            steps: Steps::after(0, rule, mode),
            held: Vec::new(),
            gradients: Gradients::default(),
        }
    }

    /// Holds nothing, after so many steps.
    pub fn restart(&mut self, steps: u64) {
        self.held.clear();
        self.steps = Steps::after(steps, self.rule, self.mode);
    }

    /// Takes a model's tables, with the weights that they have now. State that is held for a table of the same name and
    /// shape stays.
    pub fn adopt(&mut self, tables: Vec<TableInfo>) {
        let mut before = std::mem::take(&mut self.held);
        for info in tables {
            let at = before.iter().position(|held| held.name == info.name);
            let kept = at.map(|at| before.swap_remove(at).table);
            let table = self.take_up(&info, kept);
            self.held.push(Held {
                name: info.name,
                id: info.id,
                table,
            });
        }
    }

    fn take_up(&self, info: &TableInfo, kept: Option<Kept>) -> Kept {
        let penalty = Penalty {
            l2: info.table.l2,
            non_negative: info.table.non_negative,
        };
        if self.as_tensors || !in_host_memory(&info.weights.device()) {
            let fresh = || {
                let start = |_| {
                    Tensor::full(
                        info.weights.shape(),
                        self.rule.initial_state(),
                        &info.weights.device(),
                    )
                };
                (0..self.rule.states()).map(start).collect()
            };
            let state = match kept {
                Some(Kept::Tensor(table)) if table.weights.dims() == info.weights.dims() => {
                    table.state
                }
                _ => fresh(),
            };
            return Kept::Tensor(Box::new(TensorTable {
                penalty,
                weights: info.weights.clone(),
                state,
            }));
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
        found.expect("a model reads the same tables at every pass, and they were adopted")
    }

    /// The table, if it is rows.
    fn rows_of(&self, id: ParamId) -> Option<&RowTable> {
        match &self.held[self.at(id)].table {
            Kept::Rows(table) => Some(table),
            Kept::Tensor(_) => None,
        }
    }

    /// The steps, memory for gradients, and the tables, each to be had beside the others.
    pub fn parts(&mut self) -> (&mut Steps, &mut Gradients, Tables<'_>) {
        let Self {
            steps,
            gradients,
            held,
            ..
        } = self;
        (steps, gradients, Tables(held))
    }

    /// Brings these rows up to date; `false` if the table is no rows.
    fn make_up(&mut self, id: ParamId, rows: &[u32]) -> bool {
        let at = self.at(id);
        match &mut self.held[at].table {
            Kept::Rows(table) => {
                table.make_up(rows, &self.steps);
                true
            }
            Kept::Tensor(_) => false,
        }
    }

    /// The tables of a factor score, if all of them are rows.
    fn factors(
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

    /// The gradients of the rows behind a factor score, from that of each example's score.
    pub fn factor_gradients(
        &mut self,
        factors: [ParamId; 2],
        biases: [Option<ParamId>; 2],
        [users, items]: [&Ids; 2],
        of_scores: &[f32],
        out: &mut RowGradients,
    ) {
        let mut gradients = std::mem::take(&mut self.gradients);
        let Some(score) = self.factors(factors, biases) else {
            unreachable!("only rows are read as a factor score");
        };
        score.gradients(column(users), column(items), of_scores, &mut gradients);
        out.add(factors[0], users, &mut gradients.user_factors);
        out.add(factors[1], items, &mut gradients.item_factors);
        if let Some(bias) = biases[0] {
            out.add(bias, users, &mut gradients.user_bias);
        }
        if let Some(bias) = biases[1] {
            out.add(bias, items, &mut gradients.item_bias);
        }
        self.gradients = gradients;
    }

    /// The gradients of the rows behind examples of tables side by side, `[batch, sum of widths]`.
    pub fn example_gradients(
        &mut self,
        reads: &[(ParamId, Ids)],
        of_examples: &[f32],
        out: &mut RowGradients,
    ) {
        let mut sums = std::mem::take(&mut self.gradients.user_factors);
        let width = |id| self.rows_of(id).map_or(0, RowTable::width);
        let total = reads.iter().map(|(id, _)| width(*id)).sum();
        let mut start = 0;
        for (id, ids) in reads {
            let columns = start..start + width(*id);
            start = columns.end;
            row_sums(column(ids), of_examples, columns, total, &mut sums);
            out.add(*id, ids, &mut sums);
        }
        self.gradients.user_factors = sums;
    }

    /// Moves rows by their gradient, row by row.
    pub fn step_rows(&mut self, id: ParamId, rows: &[u32], gradient: &[f32], rate: f64) {
        let at = self.at(id);
        if let Kept::Rows(table) = &mut self.held[at].table {
            table.step(rows, gradient, rate, &self.steps);
        }
    }

    /// Moves the rows of a batch by their gradient, `[rows, width]`.
    pub fn step(&mut self, id: ParamId, ids: &Ids, gradient: Tensor<2>, rate: f64) {
        let at = self.at(id);
        match &mut self.held[at].table {
            Kept::Rows(table) => {
                let gradient: Vec<f32> = gradient.into_data().iter::<f32>().collect();
                table.step(ids.rows(), &gradient, rate, &self.steps);
            }
            Kept::Tensor(table) => {
                let step = StepTensor {
                    table,
                    rows: ids.rows_on_device(),
                    gradient,
                    mode: self.mode,
                };
                self.rule.at(rate, step);
            }
        }
    }

    /// Brings every row up to date.
    pub fn settle(&mut self) {
        for held in &mut self.held {
            if let Kept::Rows(table) = &mut held.table {
                table.make_up_all(&self.steps);
            }
        }
        self.steps.settle();
    }

    /// The penalty of all tables as they stand.
    pub fn penalty(&self) -> f64 {
        let of = |held: &Held| match &held.table {
            Kept::Rows(table) => table.penalty_value(),
            Kept::Tensor(table) if table.penalty.l2 == 0.0 => 0.0,
            Kept::Tensor(table) => {
                let squares = table.weights.clone() * table.weights.clone();
                table.penalty.l2 * f64::from(squares.sum().into_scalar::<f32>())
            }
        };
        self.held.iter().map(of).sum()
    }

    /// The weights of a table: `[rows, width]`.
    pub fn weights(&self, id: ParamId, device: &Device) -> Option<Tensor<2>> {
        let held = self.held.iter().find(|held| held.id == id)?;
        Some(match &held.table {
            Kept::Rows(table) => matrix(table.part(0).collect(), table.width(), device),
            Kept::Tensor(table) => table.weights.clone(),
        })
    }

    /// Name, width and state of every table.
    pub fn states(&self) -> Vec<(&str, usize, Vec<Vec<f32>>)> {
        let read = |tensor: &Tensor<2>| tensor.to_data().iter::<f32>().collect();
        let of = |held: &Held| match &held.table {
            Kept::Rows(table) => {
                let parts = 1..=self.rule.states();
                (
                    table.width(),
                    parts.map(|part| table.part(part).collect()).collect(),
                )
            }
            Kept::Tensor(table) => (
                table.weights.dims()[1],
                table.state.iter().map(read).collect(),
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

    /// Replaces one state of the table of this name; `false` if there is none, or it has another size.
    pub fn set_state(&mut self, name: &str, state: usize, values: &[f32]) -> bool {
        let Some(held) = self.held.iter_mut().find(|held| held.name == name) else {
            return false;
        };
        match &mut held.table {
            Kept::Rows(table) if values.len() == table.rows() * table.width() => {
                table.set_part(state + 1, values);
            }
            Kept::Tensor(table) if values.len() == table.weights.shape().num_elements() => {
                let [_, width] = table.weights.dims();
                table.state[state] = matrix(values.to_vec(), width, &table.weights.device());
            }
            _ => return false,
        }
        true
    }
}

/// A column of ids as the kernels take it.
fn column(ids: &Ids) -> Column<'_> {
    Column {
        rows: ids.rows(),
        inverse: ids
            .inverse()
            .expect("the ids of a training step are coalesced"),
    }
}

impl RowSource for Store {
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let at = self.at(table.weight.id);
        match &mut self.held[at].table {
            Kept::Rows(rows) => {
                rows.make_up(ids.rows(), &self.steps);
                let values = ids.rows().iter().flat_map(|&row| rows.row(row));
                let device = table.weight.lazy_device().inner();
                matrix(values.copied().collect(), rows.width(), &device)
            }
            Kept::Tensor(table) => table.weights.clone().select(0, ids.rows_on_device()),
        }
    }

    fn examples(&mut self, reads: &[(&Embedding, &Ids)]) -> Option<Tensor<2>> {
        let (first, first_ids) = reads.first()?;
        for (table, ids) in reads {
            ids.inverse()?;
            if !self.make_up(table.weight.id, ids.rows()) {
                return None;
            }
        }
        let total = reads.iter().map(|(table, _)| table.shape()[1]).sum();
        let mut values = vec![0.0; first_ids.batch() * total];
        let mut start = 0;
        for (table, ids) in reads {
            let rows = self.rows_of(table.weight.id)?;
            let columns = start..start + rows.width();
            start = columns.end;
            examples(rows, column(ids), columns, total, &mut values);
        }
        let device = first.weight.lazy_device().inner();
        Some(matrix(values, total, &device))
    }

    fn factor_score(
        &mut self,
        factors: &Factors<'_>,
        users: &Ids,
        items: &Ids,
    ) -> Option<Tensor<2>> {
        let id = |table: &Embedding| table.weight.id;
        users.inverse().and(items.inverse())?;
        let of = [id(factors.user_factors), id(factors.item_factors)];
        let biases = [factors.user_bias.map(id), factors.item_bias.map(id)];
        let tables = [
            (Some(of[0]), users),
            (Some(of[1]), items),
            (biases[0], users),
            (biases[1], items),
        ];
        for (id, ids) in tables {
            if id.is_some_and(|id| !self.make_up(id, ids.rows())) {
                return None;
            }
        }
        let score = self.factors(of, biases)?;
        let mut scores = vec![0.0; users.batch()];
        score.scores(column(users), column(items), &mut scores);
        let device = factors.user_factors.weight.lazy_device().inner();
        Some(matrix(scores, 1, &device))
    }
}
