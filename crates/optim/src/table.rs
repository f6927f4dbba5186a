//! A table whose rows are updated one batch at a time.

use crate::adam_blocks::AdamBlocks;
use crate::penalty::Penalty;
use crate::share::{Share, cut};
use crate::steps::Steps;
use std::ops::Range;
use std::sync::Arc;

/// The number of missed steps, summed over all weights, that makes waking threads clearly worthwhile.
const SWEEP: u64 = 1 << 23;

/// The fewest missed steps per row for a sweep, since long blocks cost less per step.
const LEAST_SWEEP: u64 = 32;

/// Weights and optimizer state of an embedding. Each row is contiguous: `width` weights, then the numbers of each state,
/// `width` or one ([`Rule::state_width`](crate::Rule::state_width)).
#[derive(Clone, Debug)]
pub struct RowTable {
    pub(crate) width: usize,
    /// Numbers per state of a row.
    pub(crate) state_width: usize,
    /// Numbers per row, state included.
    pub(crate) stride: usize,
    pub(crate) penalty: Penalty,
    pub(crate) cells: Vec<f32>,
    /// The step up to which each row is up to date ([`Steps::mark`]); unused in [`Mode::Touched`].
    pub(crate) marks: Vec<u32>,
    /// The step at which all rows were last brought up to date.
    pub(crate) swept: u64,
    /// Applies many missed steps at a time, if the rule and penalty allow it.
    pub(crate) blocks: Option<Arc<AdamBlocks>>,
}

impl RowTable {
    /// A table with these weights, row by row, and fresh state, up to date with `steps`.
    ///
    /// # Panics
    /// If `width` is 0 or does not divide the number of weights.
    pub fn new(weights: &[f32], width: usize, penalty: Penalty, steps: &Steps) -> Self {
        assert!(
            width > 0 && weights.len().is_multiple_of(width),
            "a table of width {width} cannot hold {} weights",
            weights.len()
        );
        let rows = weights.len() / width;
        let rule = steps.rule();
        let state_width = rule.state_width(width);
        let stride = width + state_width * rule.states();
        let mut table = Self {
            width,
            state_width,
            stride,
            penalty,
            cells: vec![rule.initial_state(); rows * stride],
            marks: vec![steps.mark(); rows],
            swept: steps.taken(),
            blocks: AdamBlocks::new(rule, penalty.shrink()).map(Arc::new),
        };
        table.set_weights(weights);
        table
    }

    /// As [`RowTable::new`], without a copy if the rule has no state.
    ///
    /// # Panics
    /// As [`RowTable::new`].
    pub fn of_rows(weights: Vec<f32>, width: usize, penalty: Penalty, steps: &Steps) -> Self {
        if steps.rule().states() > 0 {
            return Self::new(&weights, width, penalty, steps);
        }
        let mut table = Self::new(&[], width, penalty, steps);
        assert!(
            weights.len().is_multiple_of(width),
            "a table of width {width} cannot hold {} weights",
            weights.len()
        );
        table.marks = vec![steps.mark(); weights.len() / width];
        table.cells = weights;
        table
    }

    /// All numbers, row by row: of a rule without state, the weights. The reverse of [`RowTable::of_rows`].
    pub fn into_rows(self) -> Vec<f32> {
        self.cells
    }

    /// A table of this many rows whose weights are 0, with fresh state, up to date with `steps`.
    pub fn zeros(rows: usize, width: usize, penalty: Penalty, steps: &Steps) -> Self {
        let mut table = Self::new(&[], width, penalty, steps);
        table.cells = vec![steps.rule().initial_state(); rows * table.stride];
        table.marks = vec![steps.mark(); rows];
        for row in table.cells.chunks_exact_mut(table.stride) {
            row[..width].fill(0.0);
        }
        table
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.marks.len()
    }

    /// Weights per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Penalty and constraint of the table.
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// The whole table as the share of one thread.
    pub(crate) fn whole<'a>(&'a mut self, rows: &'a [u32]) -> Share<'a> {
        let stride = self.stride;
        Share {
            rows,
            first: 0,
            stride,
            cells: &mut self.cells,
            marks: &mut self.marks,
        }
    }

    /// Whether so many steps are missing that all rows should be brought up to date together, on every core: with a
    /// penalty this has to be done eventually, and it is fastest for many rows with the same missed steps. The decision
    /// depends only on the table and the steps, so that the number of cores does not affect the result.
    pub(crate) fn is_due(&self, steps: &Steps) -> bool {
        let weights = (self.rows() * self.width) as u64;
        let missing = steps.taken() - self.swept;
        self.blocks.is_some() && missing >= (SWEEP / weights.max(1)).max(LEAST_SWEEP)
    }

    /// The table divided among several threads; `rows` must be ascending.
    pub(crate) fn shares<'a>(&'a mut self, rows: &'a [u32]) -> Vec<Share<'a>> {
        let stride = self.stride;
        cut(&mut self.cells, &mut self.marks, stride, rows)
    }

    /// The current weights of a row.
    ///
    /// # Panics
    /// If the table has no such row.
    #[inline(always)]
    pub fn row(&self, row: u32) -> &[f32] {
        let start = row as usize * self.stride;
        &self.cells[start..start + self.width]
    }

    /// Adds the gradient of a penalty per look-up to the gradient of a batch's rows: `share` gives the fraction of the
    /// examples that look a row up. Rows that are not looked up are unaffected and cost nothing.
    pub fn add_penalty(&self, rows: &[u32], share: impl Fn(u32) -> f32, gradient: &mut [f32]) {
        let decay = self.penalty.decay_per_look_up() as f32;
        if decay == 0.0 {
            return;
        }
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                for (&row, gradient) in rows.iter().zip(gradient.chunks_exact_mut(self.width)) {
                    let decay = decay * share(row);
                    for (gradient, weight) in gradient.iter_mut().zip(self.row(row)) {
                        *gradient += decay * weight;
                    }
                }
            },
        );
    }

    /// `l2 * sum(w^2)` of the whole table; bring it up to date first. A penalty per look-up is not included.
    pub fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.part(0).map(|w| f64::from(w) * f64::from(w));
        self.penalty.l2 * squares.sum::<f64>()
    }

    /// The numbers of one part, row by row: 0 is the weights, then the states in the order of [`Rule::state_names`](crate::Rule::state_names).
    pub fn part(&self, part: usize) -> impl Iterator<Item = f32> + '_ {
        let columns = self.columns(part);
        self.cells
            .chunks_exact(self.stride)
            .flat_map(move |row| row[columns.clone()].iter().copied())
    }

    /// The place of a part in each row.
    fn columns(&self, part: usize) -> Range<usize> {
        match part.checked_sub(1) {
            None => 0..self.width,
            Some(state) => {
                let start = self.width + state * self.state_width;
                start..start + self.state_width
            }
        }
    }

    /// Replaces the numbers of one part, row by row.
    ///
    /// # Panics
    /// If their number is not that of [`RowTable::part`].
    pub fn set_part(&mut self, part: usize, values: &[f32]) {
        let (columns, stride) = (self.columns(part), self.stride);
        assert_eq!(
            values.len(),
            self.rows() * columns.len(),
            "a part has as many numbers in every row"
        );
        for (row, values) in self
            .cells
            .chunks_exact_mut(stride)
            .zip(values.chunks_exact(columns.len()))
        {
            row[columns.clone()].copy_from_slice(values);
        }
    }

    /// The numbers of one part of a row; the parts are those of [`RowTable::part`].
    ///
    /// # Panics
    /// If the table has no such row.
    pub fn part_of_row(&self, part: usize, row: usize) -> &[f32] {
        &self.cells[row * self.stride..][self.columns(part)]
    }

    /// Replaces the numbers of one part of a row; false if there is no such row or part, or it has another width.
    pub fn set_part_of_row(&mut self, part: usize, row: usize, numbers: &[f32]) -> bool {
        let columns = self.columns(part);
        let cells = self.cells.chunks_exact_mut(self.stride).nth(row);
        match cells.and_then(|cells| cells.get_mut(columns)) {
            Some(place) if place.len() == numbers.len() => {
                place.copy_from_slice(numbers);
                true
            }
            _ => false,
        }
    }

    /// Replaces the weights of as many rows as these fill, from the row `first` on.
    ///
    /// # Panics
    /// If the table has fewer rows.
    pub fn set_rows(&mut self, first: usize, weights: &[f32]) {
        let (width, stride) = (self.width, self.stride);
        let cells = &mut self.cells[first * stride..];
        assert!(
            weights.len() / width <= cells.len() / stride,
            "the table has no rows for all of these weights"
        );
        for (row, weights) in cells
            .chunks_exact_mut(stride)
            .zip(weights.chunks_exact(width))
        {
            row[..width].copy_from_slice(weights);
        }
    }

    /// Replaces the weights, row by row.
    pub fn set_weights(&mut self, weights: &[f32]) {
        self.set_part(0, weights);
    }
}
