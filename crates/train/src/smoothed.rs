//! Tables that a model reads smoothed along the graph of interactions: see `recburn_graph::Table::propagated`.
//!
//! The homes hold the rows that are learnt. A step reads smoothed rows and yields the gradients of those; the gradients of
//! the learnt rows are smoothed gradients, since the map is symmetric. Every row takes part in every step.

use crate::error::TrainError;
use crate::home::{Fetched, Gradient, TableHome, matrix};
use crate::optimizer::Optimizer;
use crate::propagation::Propagation;
use crate::smoothed_part::Part;
use crate::store::{Held, Store};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Device, Tensor};
use recburn_data::Examples;
use recburn_nn::Model;
use recburn_optim::{Mode, Pace, Penalty, RowTable, Rule, Steps};
use recburn_spread::Room;

/// The smoothed rows of a table of users and one of items, and the gradients of a step.
///
/// On several processes these are the rows that live here: all of the users at home, and those of the items that this process
/// owns. The rows of a batch's items are asked for as those of other tables are.
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
    /// On several processes, what a batch reads of each table.
    parts: Option<[Part; 2]>,
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

    /// The rows that a batch reads, which have been fetched.
    pub fn read(&self, side: usize) -> &RowTable {
        match &self.parts {
            Some(parts) if parts[side].wanted.is_some() => &parts[side].window,
            _ => &self.smooth[side],
        }
    }

    /// Adds the gradient of these rows to that of the step. On several processes `share` is the fraction of the whole batch,
    /// of this weight, that looks a row up on this one.
    pub fn add(
        &mut self,
        table: usize,
        rows: &[u32],
        gradient: Gradient<'_>,
        (share, weight): (&dyn Fn(u32) -> f32, f64),
        pace: Pace,
    ) {
        let (width, side) = (self.width, self.side(table));
        self.pace = Some(pace);
        if let Some(part) = self.parts.as_mut().map(|parts| &mut parts[side]) {
            part.note(rows, share, weight);
            if let Some(wanted) = &part.wanted {
                let (wanted, mut numbers) = (wanted.borrow(), Vec::new());
                let gradient = gradient.numbers(&mut numbers);
                let room = &mut Room::default();
                let gradient = wanted.add_up(&*part.ranks, width, rows, gradient, room);
                add_rows(&mut self.gradients[side], wanted.rows(), gradient, width);
                return;
            }
        }
        let sums = &mut self.gradients[side];
        match gradient {
            Gradient::Numbers(numbers) => add_rows(sums, rows, numbers, width),
            Gradient::Rows(tensor) => add_rows(sums, rows, &numbers_of(*tensor), width),
        }
    }

    /// Smooths the rows of these homes, which are up to date.
    fn smooth(&mut self, held: &[Held]) {
        let [mut users, mut items] = self.tables.map(|at| learnt(held[at].home.as_ref()));
        self.propagation.apply([&mut users, &mut items], self.width);
        self.smooth[0].set_weights(&users);
        self.smooth[1].set_weights(&items);
    }
}

/// Adds rows to those with these numbers.
fn add_rows(sums: &mut [f32], rows: &[u32], more: &[f32], width: usize) {
    for (&row, more) in rows.iter().zip(more.chunks_exact(width)) {
        let sums = &mut sums[row as usize * width..][..width];
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum += more;
        }
    }
}

fn numbers_of(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The weights of a home, row by row.
fn learnt(home: &dyn TableHome) -> Vec<f32> {
    match home.own_rows() {
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
        let counts = shapes.map(|[rows, _]| rows);
        let (propagation, parts) = match &self.spread {
            None => (Propagation::new(layers, interactions, counts), None),
            Some(spread) => {
                let ranks = spread.ranks.clone();
                let part = |at: usize| {
                    let held: &Held = &self.held[at];
                    let wanted = spread.wanted_by(&held.columns);
                    let penalised = held.is_penalised_per_look_up();
                    Part::new(ranks.clone(), wanted, held.home.shape(), penalised)
                };
                let parts = Some(tables.map(part));
                let ranks = ranks.clone();
                let propagation = Propagation::of_part(layers, interactions, counts, ranks);
                (propagation, parts)
            }
        };
        let mut smoothed = Smoothed {
            propagation,
            width,
            tables,
            smooth: [empty(&zeros[0]), empty(&zeros[1])],
            gradients: zeros,
            pace: None,
            parts,
        };
        smoothed.smooth(&self.held);
        self.smoothed = Some(smoothed);
        true
    }

    /// The smoothed rows of this table that live here, if the model reads those.
    pub(crate) fn smooth(&self, id: ParamId) -> Option<&RowTable> {
        let (smoothed, side) = self.smooth_side(id)?;
        Some(&smoothed.smooth[side])
    }

    /// Those that a batch reads.
    pub(crate) fn smooth_read(&self, id: ParamId) -> Option<&RowTable> {
        let (smoothed, side) = self.smooth_side(id)?;
        Some(smoothed.read(side))
    }

    fn smooth_side(&self, id: ParamId) -> Option<(&Smoothed, usize)> {
        let smoothed = self.smoothed.as_ref()?;
        let mut tables = smoothed.tables.iter();
        let side = tables.position(|&at| self.held[at].id == id)?;
        Some((smoothed, side))
    }

    /// The smoothed rows of a table, where the model can read them.
    pub(crate) fn fetch_smooth(&mut self, table: usize, rows: &[u32]) -> Fetched<'_> {
        let home = &self.held[table].home;
        let device = match home.read_in_memory() {
            Some(_) => None,
            None => Some(home.weights(&Device::default()).device()),
        };
        let Some(smoothed) = &mut self.smoothed else {
            unreachable!("asked for by a store that smooths");
        };
        let side = smoothed.side(table);
        if let Some(parts) = &mut smoothed.parts {
            parts[side].fetch(&smoothed.smooth[side]);
        }
        let smooth = smoothed.read(side);
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
        let sides = smoothed.tables.iter().zip(&mut smoothed.gradients);
        for (side, (&at, gradient)) in sides.enumerate() {
            let Held { columns, home, .. } = &mut held[at];
            let rows: Vec<u32> = (0..home.shape()[0] as u32).collect();
            match &smoothed.parts {
                None => {
                    let share = |row| look_ups.share(columns, row);
                    home.push(&rows, Gradient::Numbers(gradient), &share, pace, steps);
                }
                Some(parts) => {
                    let Part { shares, weight, .. } = &parts[side];
                    let share = |row: u32| shares.get(row as usize).copied().unwrap_or(0.0);
                    home.push_own(&rows, gradient, (&share, *weight), pace, steps);
                }
            }
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
