//! A table whose rows move one batch at a time.

use crate::moves::{MakeUp, MakeUpAll, StepRows};
use crate::rest::Pull;
use crate::rule::{Rule, Step};
use serde::{Deserialize, Serialize};

/// Which rows a step moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every row ends where the dense optimizer would have it: the steps that a resting row missed are made up when it
    /// is next read.
    #[default]
    Exact,
    /// Only the rows of the batch move, penalty included (LIBMF's and PyTorch SparseAdam's way). Faster, and another
    /// algorithm: momentum does not coast and the penalty does not pull on rows at rest.
    Touched,
}

/// What moves the weights of a table beside their gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// `l2 * sum(w^2)` over the whole table is part of the loss.
    pub l2: f64,
    /// Weights are projected onto 0 and above after every update.
    pub non_negative: bool,
}

impl Penalty {
    /// The penalty's gradient is this times the weight.
    pub fn decay(&self) -> f64 {
        2.0 * self.l2
    }

    pub(crate) fn pull(&self) -> Pull {
        Pull {
            decay: self.decay(),
            non_negative: self.non_negative,
        }
    }
}

/// The steps since all tables were last brought up to date.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    settled: u64,
    rates: Vec<f64>,
}

impl Steps {
    /// A training that has come to this step, with every row up to date.
    pub fn after(number: u64) -> Self {
        Self {
            settled: number,
            rates: Vec::new(),
        }
    }

    /// Steps taken so far.
    pub fn taken(&self) -> u64 {
        self.settled + self.rates.len() as u64
    }

    /// Begins the next step and returns its effective rate.
    pub fn begin(&mut self, rule: &Rule, learning_rate: f64) -> f64 {
        let rate = rule.effective_rate(Step {
            number: self.taken() + 1,
            learning_rate,
        });
        self.rates.push(rate);
        rate
    }

    /// Forgets the steps that every table has made up. Call after [`RowTable::make_up_all`] on each.
    pub fn settle(&mut self) {
        self.settled = self.taken();
        self.rates.clear();
    }

    /// Rates of the steps after the first `done`.
    pub(crate) fn since(&self, done: u64) -> &[f64] {
        &self.rates[(done - self.settled) as usize..]
    }
}

/// Weights and optimizer state of an embedding, each row one stretch of memory: `width` weights, then `width` numbers
/// of each state.
#[derive(Clone, Debug)]
pub struct RowTable {
    pub(crate) width: usize,
    pub(crate) rule: Rule,
    pub(crate) mode: Mode,
    pub(crate) penalty: Penalty,
    pub(crate) cells: Vec<f32>,
    /// The step up to which each row has been brought; unused in [`Mode::Touched`].
    pub(crate) current: Vec<u64>,
}

impl RowTable {
    /// A table with these weights, row by row, and fresh state, at step `taken`.
    ///
    /// # Panics
    /// If `width` is 0 or does not divide the number of weights.
    pub fn new(
        weights: &[f32],
        width: usize,
        rule: Rule,
        mode: Mode,
        penalty: Penalty,
        taken: u64,
    ) -> Self {
        assert!(
            width > 0 && weights.len().is_multiple_of(width),
            "a table of width {width} cannot hold {} weights",
            weights.len()
        );
        let rows = weights.len() / width;
        let mut table = Self {
            width,
            rule,
            mode,
            penalty,
            cells: vec![rule.initial_state(); rows * width * (1 + rule.states())],
            current: vec![taken; rows],
        };
        table.set_weights(weights);
        table
    }

    /// Numbers of a row, state included.
    pub(crate) fn stride(&self) -> usize {
        self.width * (1 + self.rule.states())
    }

    /// Rows of the table.
    pub fn rows(&self) -> usize {
        self.current.len()
    }

    /// Weights of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Penalty and constraint of the table.
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// Copies the weights of these rows, brought up to date, one row after the other.
    ///
    /// # Panics
    /// If a row is not in the table; ids are checked when data meet a model.
    pub fn gather(&mut self, rows: &[u32], steps: &Steps) -> Vec<f32> {
        self.rule.at(
            0.0,
            MakeUp {
                table: self,
                rows,
                steps,
            },
        );
        let mut out = Vec::with_capacity(rows.len() * self.width);
        let stride = self.stride();
        for &row in rows {
            let start = row as usize * stride;
            out.extend_from_slice(&self.cells[start..start + self.width]);
        }
        out
    }

    /// Moves these rows by their gradients, `rows.len() * width` numbers, at the step that [`Steps::begin`] began. Rows
    /// must be distinct and come from a [`RowTable::gather`] after the step before.
    pub fn step(&mut self, rows: &[u32], gradient: &[f32], rate: f64, steps: &Steps) {
        self.rule.at(
            rate,
            StepRows {
                table: self,
                rows,
                gradient,
                taken: steps.taken(),
            },
        );
    }

    /// Brings every row up to date.
    pub fn make_up_all(&mut self, steps: &Steps) {
        if self.mode == Mode::Exact {
            self.rule.at(0.0, MakeUpAll { table: self, steps });
        }
    }

    /// `l2 * sum(w^2)` of the table as it stands; bring it up to date first.
    pub fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.part(0).map(|w| f64::from(w) * f64::from(w));
        self.penalty.l2 * squares.sum::<f64>()
    }

    /// The numbers of one part, row by row: 0 is the weights, then the states in the order of [`Rule::state_names`].
    pub fn part(&self, part: usize) -> impl Iterator<Item = f32> + '_ {
        let (width, start) = (self.width, part * self.width);
        self.cells
            .chunks_exact(self.stride())
            .flat_map(move |row| row[start..start + width].iter().copied())
    }

    /// Replaces the numbers of one part, row by row.
    ///
    /// # Panics
    /// If their number is not `rows * width`.
    pub fn set_part(&mut self, part: usize, values: &[f32]) {
        assert_eq!(
            values.len(),
            self.rows() * self.width,
            "a part has rows * width numbers"
        );
        let (width, start, stride) = (self.width, part * self.width, self.stride());
        for (row, values) in self
            .cells
            .chunks_exact_mut(stride)
            .zip(values.chunks_exact(width))
        {
            row[start..start + width].copy_from_slice(values);
        }
    }

    /// Replaces the weights, row by row.
    pub fn set_weights(&mut self, weights: &[f32]) {
        self.set_part(0, weights);
    }
}
