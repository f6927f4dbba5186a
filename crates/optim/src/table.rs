//! A table whose rows move one batch at a time.

use crate::adam_blocks::AdamBlocks;
use crate::penalty::Penalty;
use crate::share::{Share, cut};
use crate::steps::Steps;
use std::sync::Arc;

/// Missed steps of weights, all rows together, that are worth waking a thread for several times over.
const SWEEP: u64 = 1 << 23;

/// Steps that should be missing at least, since blocks of steps are cheaper by the step.
const LEAST_SWEEP: u64 = 32;

/// Weights and optimizer state of an embedding, each row one stretch of memory: `width` weights, then `width` numbers
/// of each state.
#[derive(Clone, Debug)]
pub struct RowTable {
    pub(crate) width: usize,
    /// Numbers of a row, state included.
    pub(crate) stride: usize,
    pub(crate) penalty: Penalty,
    pub(crate) cells: Vec<f32>,
    /// The step up to which each row has been brought ([`Steps::mark`]); unused in [`Mode::Touched`].
    pub(crate) marks: Vec<u32>,
    /// The step at which all rows were last brought up to date.
    pub(crate) swept: u64,
    /// How missed steps are taken many at a time, where they can be.
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
        let mut table = Self {
            width,
            stride: width * (1 + rule.states()),
            penalty,
            cells: vec![rule.initial_state(); rows * width * (1 + rule.states())],
            marks: vec![steps.mark(); rows],
            swept: steps.taken(),
            blocks: AdamBlocks::new(rule, penalty.shrink()).map(Arc::new),
        };
        table.set_weights(weights);
        table
    }

    /// Rows of the table.
    pub fn rows(&self) -> usize {
        self.marks.len()
    }

    /// Weights of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Penalty and constraint of the table.
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// All of the table as the share of one thread.
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

    /// Whether so many steps are missing that all rows together are brought up to date, on every core: with a penalty that
    /// must be done some time, and many rows with the same missed steps are the quickest. When depends on the table and the
    /// steps alone, so that the number of cores changes nothing.
    pub(crate) fn is_due(&self, steps: &Steps) -> bool {
        let weights = (self.rows() * self.width) as u64;
        let missing = steps.taken() - self.swept;
        self.blocks.is_some() && missing >= (SWEEP / weights.max(1)).max(LEAST_SWEEP)
    }

    /// The table cut up for several threads; `rows` ascend.
    pub(crate) fn shares<'a>(&'a mut self, rows: &'a [u32]) -> Vec<Share<'a>> {
        let stride = self.stride;
        cut(&mut self.cells, &mut self.marks, stride, rows)
    }

    /// The weights of a row as they stand.
    ///
    /// # Panics
    /// If the table has no such row.
    #[inline(always)]
    pub fn row(&self, row: u32) -> &[f32] {
        let start = row as usize * self.stride;
        &self.cells[start..start + self.width]
    }

    /// Adds what a penalty per look-up pulls to the gradient of a batch's rows: `share` says how many of the examples look
    /// a row up, as a part of all of them. Rows that are not looked up rest, and cost nothing.
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

    /// `l2 * sum(w^2)` of the whole table as it stands; bring it up to date first. A penalty per look-up is no part of it.
    pub fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.part(0).map(|w| f64::from(w) * f64::from(w));
        self.penalty.l2 * squares.sum::<f64>()
    }

    /// The numbers of one part, row by row: 0 is the weights, then the states in the order of [`Rule::state_names`](crate::Rule::state_names).
    pub fn part(&self, part: usize) -> impl Iterator<Item = f32> + '_ {
        let (width, start) = (self.width, part * self.width);
        self.cells
            .chunks_exact(self.stride)
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
        let (width, start, stride) = (self.width, part * self.width, self.stride);
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
