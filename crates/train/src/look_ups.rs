//! Who looks which row up: what a penalty per look-up is made of.

use recburn_data::{Batch, Column};
use recburn_nn::Side;

/// How many examples look each row up, of the step at hand and of the epoch so far.
#[derive(Default)]
pub(crate) struct LookUps {
    users: OfSide,
    items: OfSide,
    /// Examples of the step at hand.
    batch: usize,
    /// Examples of the epoch so far.
    examples: u64,
}

/// Of the rows that one side's ids index.
#[derive(Default)]
struct OfSide {
    /// Rows of the step at hand: those whose `now` is not 0.
    rows: Vec<u32>,
    now: Vec<f32>,
    in_all: Vec<u32>,
}

impl OfSide {
    fn begin(&mut self, column: &Column) {
        for &row in &self.rows {
            self.now[row as usize] = 0.0;
        }
        self.rows.clone_from(&column.rows);
        let rows = self.rows.iter().max().map_or(0, |&row| row as usize + 1);
        if self.now.len() < rows {
            self.now.resize(rows, 0.0);
            self.in_all.resize(rows, 0);
        }
        for &place in &column.inverse {
            let row = self.rows[place as usize] as usize;
            self.now[row] += 1.0;
            self.in_all[row] += 1;
        }
    }
}

impl LookUps {
    /// The next step, of this batch.
    pub fn begin(&mut self, batch: &Batch) {
        self.users.begin(&batch.users);
        self.items.begin(&batch.items);
        self.batch = batch.len();
        self.examples += batch.len() as u64;
    }

    /// The next epoch.
    pub fn begin_epoch(&mut self) {
        self.users.in_all.fill(0);
        self.items.in_all.fill(0);
        self.examples = 0;
    }

    fn of(&self, side: Side) -> &OfSide {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }

    /// The part of the step's examples that looks up this row of a table indexed by these sides. A model may read the row
    /// more than once for it.
    pub fn share(&self, sides: &[Side], row: u32) -> f32 {
        let now = |side: &Side| self.of(*side).now.get(row as usize);
        sides.iter().filter_map(now).sum::<f32>() / self.batch.max(1) as f32
    }

    /// The mean over the epoch's look-ups of what `of` says of their rows, in the order of the table.
    pub fn mean(&self, sides: &[Side], of: impl Iterator<Item = f64>) -> f64 {
        let count = |row: usize| {
            let counts = sides
                .iter()
                .filter_map(|side| self.of(*side).in_all.get(row));
            counts.map(|&count| f64::from(count)).sum::<f64>()
        };
        let sum: f64 = of.enumerate().map(|(row, value)| count(row) * value).sum();
        sum / self.examples.max(1) as f64
    }
}
