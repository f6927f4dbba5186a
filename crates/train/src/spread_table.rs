//! A table whose rows live on several processes.

use crate::home::{Fetched, Gradient, TableHome, matrix, penalty_of};
use crate::spread_ask::Spreading;
use crate::spread_wanted::Wanted;
use burn::tensor::{Device, Tensor};
use recburn_nn::TableInfo;
use recburn_optim::{Mode, Pace, Penalty, RowTable, Rule, Steps};
use recburn_spread::{Ranks, Room};
use std::cell::RefCell;
use std::rc::Rc;

/// The rows that this process owns, and those of the current batch.
///
/// Rows are requested by their positions in a list of the batch's rows, which the [`Wanted`] of the step has. The owner
/// brings a row up to date before it sends it, and updates it once per step, by the sum of all gradients.
pub(crate) struct SpreadTable {
    ranks: Rc<dyn Ranks>,
    wanted: Rc<RefCell<Wanted>>,
    own: RowTable,
    /// The rows of the batch, without state, and the request that they answer.
    window: RowTable,
    request: u64,
    /// The memory of exchanges, while the window does not have it.
    room: Room,
    /// How often the epoch has looked up each own row, if that is penalised.
    looked_up: Vec<f64>,
}

impl SpreadTable {
    pub fn new(own: RowTable, spread: &Spreading, wanted: Rc<RefCell<Wanted>>) -> Self {
        let counts = match own.penalty().l2_per_look_up > 0.0 {
            true => own.rows(),
            false => 0,
        };
        Self {
            ranks: spread.ranks.clone(),
            wanted,
            window: window([], own.width(), own.penalty()),
            request: 0,
            room: Room::default(),
            looked_up: vec![0.0; counts],
            own,
        }
    }
}

impl SpreadTable {
    /// Makes room of the rows of a batch.
    fn clear_window(&mut self) {
        let empty = window([], self.own.width(), self.own.penalty());
        let rows = std::mem::replace(&mut self.window, empty);
        self.room.put_back(rows.into_rows());
    }
}

/// For rows that are only read.
fn without_state() -> Steps {
    Steps::after(0, Rule::sgd(0.0), Mode::Touched)
}

/// Rows to be read; a vector is not copied.
pub(crate) fn window(rows: impl Into<Vec<f32>>, width: usize, penalty: Penalty) -> RowTable {
    RowTable::of_rows(rows.into(), width, penalty, &without_state())
}

/// A table to be filled and read.
pub(crate) fn zeros(info: &TableInfo) -> RowTable {
    RowTable::zeros(info.rows, info.width, penalty_of(info), &without_state())
}

impl TableHome for SpreadTable {
    fn shape(&self) -> [usize; 2] {
        self.own.shape()
    }

    fn penalty(&self) -> Penalty {
        self.own.penalty()
    }

    /// Several columns may read the table in a step, which exchanges its rows once.
    fn fetch(&mut self, _: &[u32], steps: &Steps) -> Fetched<'_> {
        if self.request != self.wanted.borrow().request {
            self.clear_window(); // one that no step has used
            let wanted = self.wanted.borrow();
            self.request = wanted.request;
            let own = &mut self.own;
            own.catch_up(wanted.rows(), steps);
            let (width, penalty) = (own.width(), own.penalty());
            let rows = |row| own.row(row);
            let rows = wanted.answer(&*self.ranks, width, rows, &mut self.room);
            self.window = window(rows, width, penalty);
        }
        Fetched::Memory(&self.window)
    }

    fn push(
        &mut self,
        rows: &[u32],
        gradient: Gradient<'_>,
        share: &dyn Fn(u32) -> f32,
        pace: Pace,
        steps: &Steps,
    ) {
        let mut own = Vec::new();
        let gradient = gradient.numbers(&mut own);
        let shared = self.wanted.clone();
        let wanted = shared.borrow();
        if wanted.is_pooled() {
            let shares = match self.looked_up.is_empty() {
                true => Vec::new(),
                false => {
                    let mut shares: Vec<f32> = rows.iter().map(|&row| share(row)).collect();
                    wanted.look_ups(&*self.ranks, rows, &mut shares)
                }
            };
            let (width, room) = (self.own.width(), &mut Room::default());
            let sums = wanted.add_up(&*self.ranks, width, rows, gradient, room);
            let mut sums = sums.to_vec();
            let users = wanted.rows();
            let share = |row: u32| {
                let place = users.partition_point(|&user| user < row);
                shares.get(place).copied().unwrap_or(0.0)
            };
            return self.push_own(users, &mut sums, (&share, wanted.weight), pace, steps);
        }
        if !self.looked_up.is_empty() {
            // This process's share of the penalty per look-up, so that the owner's sum has all of it.
            self.window.add_penalty(rows, share, gradient);
            let mut shares: Vec<f32> = rows.iter().map(|&row| share(row)).collect();
            let (wanted, room) = (self.wanted.borrow(), &mut Room::default());
            let sums = wanted.add_up(&*self.ranks, 1, rows, &mut shares, room);
            for (&row, &sum) in wanted.rows().iter().zip(sums) {
                self.looked_up[row as usize] += f64::from(sum) * wanted.weight;
            }
        }
        // The step has read its rows.
        self.clear_window();
        let wanted = self.wanted.borrow();
        let width = self.own.width();
        let sums = wanted.add_up(&*self.ranks, width, rows, gradient, &mut self.room);
        self.own.step(wanted.rows(), sums, pace, steps);
    }

    fn push_own(
        &mut self,
        rows: &[u32],
        gradient: &mut [f32],
        (share, weight): (&dyn Fn(u32) -> f32, f64),
        pace: Pace,
        steps: &Steps,
    ) {
        if !self.looked_up.is_empty() {
            self.own.add_penalty(rows, share, gradient);
            for &row in rows {
                self.looked_up[row as usize] += f64::from(share(row)) * weight;
            }
        }
        self.own.step(rows, gradient, pace, steps);
    }

    fn settle(&mut self, steps: &Steps) {
        self.own.settle(steps);
    }

    fn read_in_memory(&self) -> Option<&RowTable> {
        Some(&self.window)
    }

    fn own_rows(&self) -> Option<&RowTable> {
        Some(&self.own)
    }

    fn own_rows_mut(&mut self) -> Option<&mut RowTable> {
        Some(&mut self.own)
    }

    fn weights(&self, device: &Device) -> Tensor<2> {
        matrix(self.own.part(0).collect(), self.own.width(), device)
    }

    fn set_weights(&mut self, weights: &Tensor<2>, steps: &Steps) {
        TableHome::set_weights(&mut self.own, weights, steps);
    }

    fn states(&self, rule: Rule) -> Vec<Vec<f32>> {
        self.own.states(rule)
    }

    fn set_state(&mut self, state: usize, values: &[f32]) {
        self.own.set_state(state, values);
    }

    fn penalty_value(&self) -> f64 {
        TableHome::penalty_value(&self.own)
    }

    fn squares(&self) -> Vec<f64> {
        self.own.squares()
    }

    fn begin_epoch(&mut self) {
        self.looked_up.fill(0.0);
    }

    fn looked_up(&self) -> Option<&[f64]> {
        Some(&self.looked_up)
    }
}
