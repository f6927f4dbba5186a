//! A table whose rows live on several processes.

use crate::home::{Fetched, Gradient, TableHome, matrix};
use crate::spread::Spreading;
use burn::tensor::{Device, Tensor};
use recburn_optim::{Mode, Pace, Penalty, RowTable, Rule, Steps};
use recburn_spread::{Asked, Ranks};
use std::cell::RefCell;
use std::rc::Rc;

/// The rows of items that this process owns, and those of the current batch.
///
/// Rows are requested by their positions in the batch, in the order in which the [`Asked`] of the step lists them. The
/// owner brings a row up to date before it sends it, and updates it once per step, by the sum of all gradients.
pub(crate) struct SpreadTable {
    ranks: Rc<dyn Ranks>,
    asked: Rc<RefCell<Asked>>,
    own: RowTable,
    /// The rows of the batch, without state.
    window: RowTable,
}

impl SpreadTable {
    pub fn new(own: RowTable, spread: &Spreading) -> Self {
        Self {
            ranks: spread.ranks.clone(),
            asked: spread.asked.clone(),
            window: window(&[], own.width(), own.penalty()),
            own,
        }
    }
}

/// Rows to be read.
pub(crate) fn window(rows: &[f32], width: usize, penalty: Penalty) -> RowTable {
    let without_state = Steps::after(0, Rule::sgd(0.0), Mode::Touched);
    RowTable::new(rows, width, penalty, &without_state)
}

impl TableHome for SpreadTable {
    fn shape(&self) -> [usize; 2] {
        self.own.shape()
    }

    fn penalty(&self) -> Penalty {
        self.own.penalty()
    }

    fn fetch(&mut self, rows: &[u32], steps: &Steps) -> Fetched<'_> {
        let asked = self.asked.borrow();
        debug_assert_eq!(rows.len(), asked.len(), "the rows that were asked for");
        let own = &mut self.own;
        own.catch_up(asked.rows(), steps);
        let (width, penalty) = (own.width(), own.penalty());
        let rows = asked.answer(&*self.ranks, width, |row| own.row(row));
        self.window = window(&rows, width, penalty);
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
        // This process's share of the penalty per look-up, so that the owner's sum has all of it.
        self.window.add_penalty(rows, share, gradient);
        let asked = self.asked.borrow();
        let sums = asked.add_up(&*self.ranks, self.own.width(), gradient);
        self.own.step(asked.rows(), &sums, pace, steps);
    }

    fn settle(&mut self, steps: &Steps) {
        self.own.settle(steps);
    }

    fn read_in_memory(&self) -> Option<&RowTable> {
        Some(&self.window)
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
}
