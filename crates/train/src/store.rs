//! Where tables are while they train.

use crate::tensor_table::{StepTensor, TensorTable};
use burn::module::ParamId;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_nn::{Embedding, Ids, RowSource, TableInfo};
use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};

/// The tables of a model in training, with their state.
pub(crate) struct Store {
    rule: Rule,
    mode: Mode,
    /// Keep tables as tensors even where they could be rows.
    pub as_tensors: bool,
    pub steps: Steps,
    held: Vec<Held>,
}

struct Held {
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
            steps: Steps::default(),
            held: Vec::new(),
        }
    }

    /// Holds nothing, after so many steps.
    pub fn restart(&mut self, steps: u64) {
        self.held.clear();
        self.steps = Steps::after(steps);
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
            _ => {
                let taken = self.steps.taken();
                Kept::Rows(RowTable::new(
                    &weights, info.width, self.rule, self.mode, penalty, taken,
                ))
            }
        }
    }

    pub fn holds(&self, id: ParamId) -> bool {
        self.held.iter().any(|held| held.id == id)
    }

    fn held_mut(&mut self, id: ParamId) -> (&mut Kept, &Steps, Rule, Mode) {
        let Self {
            rule,
            mode,
            steps,
            held,
            ..
        } = self;
        let held = held
            .iter_mut()
            .find(|held| held.id == id)
            .expect("a model reads the same tables at every pass, and they were adopted");
        (&mut held.table, steps, *rule, *mode)
    }

    /// Moves the rows of a batch by their gradient, `[rows, width]`.
    pub fn step(&mut self, id: ParamId, ids: &Ids, gradient: Tensor<2>, rate: f64) {
        let (table, steps, rule, mode) = self.held_mut(id);
        match table {
            Kept::Rows(table) => {
                let data = gradient.into_data();
                match data.as_slice::<f32>() {
                    Ok(gradient) => table.step(ids.rows(), gradient, rate, steps),
                    Err(_) => table.step(
                        ids.rows(),
                        &data.iter::<f32>().collect::<Vec<_>>(),
                        rate,
                        steps,
                    ),
                }
            }
            Kept::Tensor(table) => {
                let step = StepTensor {
                    table,
                    rows: ids.rows_on_device(),
                    gradient,
                    mode,
                };
                rule.at(rate, step);
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

impl RowSource for Store {
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let device = table.weight.lazy_device().inner();
        let (kept, steps, ..) = self.held_mut(table.weight.id);
        match kept {
            Kept::Rows(table) => matrix(table.gather(ids.rows(), steps), table.width(), &device),
            Kept::Tensor(table) => table.weights.clone().select(0, ids.rows_on_device()),
        }
    }
}
