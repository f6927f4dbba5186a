//! Tables that a model reads smoothed along the graph of interactions: see `recburn_graph::Table::propagated`.
//!
//! The homes hold the rows that are learnt. A step reads smoothed rows and yields the gradients of those; the gradients of
//! the learnt rows are smoothed gradients, since the map is symmetric. Every row takes part in every step.

use crate::error::TrainError;
use crate::home::{Fetched, Gradient, TableHome, matrix};
use crate::optimizer::Optimizer;
use crate::propagation::Propagation;
use crate::store::{Held, Store};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Device, Tensor};
use recburn_data::Examples;
use recburn_nn::Model;
use recburn_optim::{Mode, Pace, Penalty, RowTable, Rule, Steps};

/// The smoothed rows of a table of users and one of items, and the gradients of a step.
pub(crate) struct Smoothed {
    propagation: Propagation,
    width: usize,
    /// The two among the tables that the store holds.
    tables: [usize; 2],
    /// In host memory, whatever the home of the learnt rows.
    smooth: [RowTable; 2],
    /// Of all smoothed rows, in the step that has begun.
    gradients: [Vec<f32>; 2],
    /// Of that step; `None` once the learnt rows are updated.
    pace: Option<Pace>,
}

impl Smoothed {
    /// Whether the model reads the smoothed rows of this table.
    pub fn reads(&self, table: usize) -> bool {
        self.tables.contains(&table)
    }

    /// The same for these tables with other weights, if they are as before.
    pub fn of(mut self, held: &[Held]) -> Option<Self> {
        let fits = (0..2).all(|side| {
            let home = held.get(self.tables[side]).map(|held| held.home.shape());
            home == Some([self.smooth[side].rows(), self.width])
        });
        if !fits {
            return None;
        }
        self.pace = None;
        self.gradients.iter_mut().for_each(|sums| sums.fill(0.0));
        self.smooth(held);
        Some(self)
    }

    fn side(&self, table: usize) -> usize {
        usize::from(self.tables[1] == table)
    }

    /// Adds the gradient of these rows to that of the step.
    pub fn add(&mut self, table: usize, rows: &[u32], gradient: Gradient<'_>, pace: Pace) {
        let (width, side) = (self.width, self.side(table));
        let sums = &mut self.gradients[side];
        let mut add = |gradient: &[f32]| {
            for (&row, gradient) in rows.iter().zip(gradient.chunks_exact(width)) {
                let sums = &mut sums[row as usize * width..][..width];
                for (sum, more) in sums.iter_mut().zip(gradient) {
                    *sum += more;
                }
            }
        };
        match gradient {
            Gradient::Numbers(numbers) => add(numbers),
            Gradient::Rows(tensor) => add(&numbers_of(*tensor)),
        }
        self.pace = Some(pace);
    }

    /// Smooths the rows of these homes, which are up to date.
    fn smooth(&mut self, held: &[Held]) {
        let [mut users, mut items] = self.tables.map(|at| learnt(held[at].home.as_ref()));
        self.propagation.apply([&mut users, &mut items], self.width);
        self.smooth[0].set_weights(&users);
        self.smooth[1].set_weights(&items);
    }
}

fn numbers_of(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The weights of a home, row by row.
fn learnt(home: &dyn TableHome) -> Vec<f32> {
    match home.read_in_memory() {
        Some(rows) => rows.part(0).collect(),
        None => numbers_of(home.weights(&Device::default())),
    }
}

impl Store {
    /// Begins to smooth two tables over this many layers.
    fn begin_smoothing(
        &mut self,
        names: [&str; 2],
        layers: usize,
        examples: &dyn Examples,
    ) -> bool {
        let at = |name: &str| {
            let name = format!("{name}.weight");
            self.held.iter().position(|held| held.name == name)
        };
        let ([Some(users), Some(items)], Some(interactions)) =
            (names.map(at), examples.interactions())
        else {
            return false;
        };
        let tables = [users, items];
        let shapes = tables.map(|at| self.held[at].home.shape());
        let width = shapes[0][1];
        let plain = Steps::after(0, Rule::sgd(0.0), Mode::Touched);
        let zeros = shapes.map(|[rows, width]| vec![0.0; rows * width]);
        let empty = |zeros: &Vec<f32>| RowTable::new(zeros, width, Penalty::default(), &plain);
        let mut smoothed = Smoothed {
            propagation: Propagation::new(layers, interactions, shapes.map(|[rows, _]| rows)),
            width,
            tables,
            smooth: [empty(&zeros[0]), empty(&zeros[1])],
            gradients: zeros,
            pace: None,
        };
        smoothed.smooth(&self.held);
        self.smoothed = Some(smoothed);
        true
    }

    /// The smoothed rows of this table, if the model reads those.
    pub(crate) fn smooth(&self, id: ParamId) -> Option<&RowTable> {
        let smoothed = self.smoothed.as_ref()?;
        let at = smoothed
            .tables
            .iter()
            .position(|&at| self.held[at].id == id)?;
        Some(&smoothed.smooth[at])
    }

    /// The smoothed rows of a table, where the model can read them.
    pub(crate) fn fetch_smooth(&mut self, table: usize, rows: &[u32]) -> Fetched<'_> {
        let home = &self.held[table].home;
        let device = match home.read_in_memory() {
            Some(_) => None,
            None => Some(home.weights(&Device::default()).device()),
        };
        let Some(smoothed) = &self.smoothed else {
            unreachable!("asked for by a store that smooths");
        };
        let smooth = &smoothed.smooth[smoothed.side(table)];
        match device {
            None => Fetched::Memory(smooth),
            Some(device) => {
                let numbers = rows.iter().flat_map(|&row| smooth.row(row));
                let rows = matrix(numbers.copied().collect(), smoothed.width, &device);
                Fetched::Rows(Box::new(rows))
            }
        }
    }

    /// Updates the learnt rows by the gradients of the last step, if that has not been done, and smooths them again.
    pub(crate) fn refresh(&mut self) {
        let Self {
            smoothed: Some(smoothed),
            held,
            steps,
            look_ups,
            ..
        } = self
        else {
            return;
        };
        let Some(pace) = smoothed.pace.take() else {
            return;
        };
        let [users, items] = &mut smoothed.gradients;
        smoothed.propagation.apply([users, items], smoothed.width);
        for (&at, gradient) in smoothed.tables.iter().zip(&mut smoothed.gradients) {
            let Held { columns, home, .. } = &mut held[at];
            let rows: Vec<u32> = (0..home.shape()[0] as u32).collect();
            let share = |row| look_ups.share(columns, row);
            home.push(&rows, Gradient::Numbers(gradient), &share, pace, steps);
            gradient.fill(0.0);
        }
        smoothed.smooth(held);
    }
}

impl Optimizer {
    /// Begins to smooth the tables that a model's graph propagates, along the interactions of these examples.
    ///
    /// # Errors
    /// [`TrainError::NoInteractions`] for examples without them.
    pub(crate) fn smooth<M: Model>(
        &mut self,
        model: &M,
        examples: &dyn Examples,
    ) -> Result<(), TrainError> {
        let Some((names, layers)) = propagated(model) else {
            return Ok(());
        };
        let names = [names[0].as_str(), names[1].as_str()];
        let mut store = self.store.borrow_mut();
        match store.begin_smoothing(names, layers, examples) {
            true => Ok(()),
            false => Err(TrainError::NoInteractions {
                table: names[0].to_string(),
            }),
        }
    }

    /// Whether the model that is adopted reads smoothed rows.
    pub(crate) fn smooths(&self) -> bool {
        self.store.borrow().smoothed.is_some()
    }

    /// A settled model with the smoothed rows in place of those that are learnt.
    pub(crate) fn smoothed<M: Module>(&self, model: M) -> M {
        model.map(&mut HandSmooth(&self.store.borrow()))
    }
}

/// The tables of users and of items that a model propagates, and over how many layers.
pub(crate) fn propagated<M: Model>(model: &M) -> Option<([String; 2], usize)> {
    let graph = model.as_graph()?;
    let mut tables = graph.tables().iter().filter(|table| table.layers > 0);
    let (one, other) = (tables.next()?, tables.next()?);
    let of_users = graph.nodes().iter().any(|node| {
        let ids = node
            .sources
            .first()
            .and_then(|&at| graph.nodes()[at].input());
        node.op.table() == Some(&one.name) && ids.is_some_and(|input| input.is_users())
    });
    let names = match of_users {
        true => [&one.name, &other.name],
        false => [&other.name, &one.name],
    };
    Some((names.map(Clone::clone), one.layers))
}

struct HandSmooth<'a>(&'a Store);

impl ModuleMapper for HandSmooth<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(smooth) = self.0.smooth(param.id) else {
            return param;
        };
        let device = param.lazy_device().inner();
        let weights = matrix(smooth.part(0).collect(), smooth.width(), &device);
        let (id, old, mapper) = param.consume();
        Param::from_mapped_value(id, weights.reshape(old.shape()), mapper)
    }
}
