//! What one of several processes reads of a smoothed table.

use crate::spread_table::window;
use crate::spread_wanted::Wanted;
use recburn_optim::{Penalty, RowTable};
use recburn_spread::{Ranks, Room};
use std::cell::RefCell;
use std::rc::Rc;

/// What a process reads of a smoothed table, and how often a step looks up the rows that live here.
pub(crate) struct Part {
    pub ranks: Rc<dyn Ranks>,
    /// `None` if the rows are at home.
    pub wanted: Option<Rc<RefCell<Wanted>>>,
    /// The rows of the batch, and the request that they answer.
    pub window: RowTable,
    request: u64,
    /// The fraction of the whole batch that looks up each row here, and its weight; if that is penalised.
    pub shares: Vec<f32>,
    pub weight: f64,
}

impl Part {
    /// For a table of this width of which so many rows live here, whose look-ups are counted if they are `penalised`; `wanted` is
    /// `None` if they are at home.
    pub fn new(
        ranks: Rc<dyn Ranks>,
        wanted: Option<Rc<RefCell<Wanted>>>,
        [rows, width]: [usize; 2],
        penalised: bool,
    ) -> Self {
        Self {
            ranks,
            wanted,
            window: window([], width, Penalty::default()),
            request: 0,
            shares: vec![0.0; if penalised { rows } else { 0 }],
            weight: 0.0,
        }
    }

    /// Asks for the smoothed rows of the batch.
    pub fn fetch(&mut self, smooth: &RowTable) {
        let Some(wanted) = self.wanted.as_ref().map(|wanted| wanted.borrow()) else {
            return;
        };
        if self.request != wanted.request {
            self.request = wanted.request;
            let (row, room) = (|row| smooth.row(row), &mut Room::default());
            let rows = wanted.answer(&*self.ranks, smooth.width(), row, room);
            self.window = window(rows, smooth.width(), Penalty::default());
        }
    }

    /// Notes how often the step looks up these rows of the batch.
    pub fn note(&mut self, rows: &[u32], share: &dyn Fn(u32) -> f32, weight: f64) {
        if self.shares.is_empty() {
            return;
        }
        self.shares.fill(0.0);
        self.weight = weight;
        let mut shares: Vec<f32> = rows.iter().map(|&row| share(row)).collect();
        match &self.wanted {
            None => {
                for (&row, share) in rows.iter().zip(shares) {
                    self.shares[row as usize] = share;
                }
            }
            Some(wanted) => {
                let wanted = wanted.borrow();
                let room = &mut Room::default();
                let sums = wanted.add_up(&*self.ranks, 1, rows, &mut shares, room);
                for (&row, &sum) in wanted.rows().iter().zip(sums) {
                    self.shares[row as usize] = sum;
                }
            }
        }
    }
}
