//! Updates of the rows of a table, compiled for each rule and run with the widest instructions available.

use crate::catch_up::{Bring, one_by_one};
use crate::mode::Mode;
use crate::pace::Pace;
use crate::penalty::{Penalty, Shrink};
use crate::row::{advance, step_row};
use crate::rule::Rule;
use crate::share::{Share, each_apart, shared, threads_pay};
use crate::steps::Steps;
use crate::table::RowTable;
use crate::update::{Update, UpdateVisitor};
use pulp::Arch;
use rayon::prelude::*;

/// Brings these rows up to date.
pub(crate) struct CatchUp<'a> {
    pub table: &'a mut RowTable,
    pub rows: &'a [u32],
    pub steps: &'a Steps,
}

impl UpdateVisitor for CatchUp<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self { table, rows, steps } = self;
        if steps.mode() == Mode::Touched {
            return;
        }
        if table.is_due(steps) {
            CatchUpAll { table, steps }.visit(update);
            return;
        }
        let (width, shrink) = (table.width, table.penalty.shrink());
        let blocks = table.blocks.clone();
        let blocks = blocks.as_deref();
        let bring = |share: Share<'_>| {
            let bring = Bring {
                update,
                share,
                width,
                steps,
                shrink,
                blocks,
            };
            bring.run();
        };
        // A row that must go through its missed steps one by one dominates the cost of a step; any other row costs about one
        // step.
        let one_by_one = one_by_one(update, steps, shrink);
        let missed = |row: &u32| steps.missed(table.marks[*row as usize]);
        let moves = if one_by_one {
            rows.iter().map(missed).sum()
        } else {
            rows.len()
        };
        if !threads_pay(moves * width) {
            bring(table.whole(rows));
        } else if rows.is_sorted() {
            each_apart(table.shares(rows), bring);
        } else if one_by_one {
            let mut rows = rows.to_vec();
            rows.sort_unstable();
            each_apart(table.shares(&rows), bring);
        } else {
            bring(table.whole(rows));
        }
    }
}

/// Updates these rows by their gradients.
pub(crate) struct StepRows<'a> {
    pub table: &'a mut RowTable,
    pub rows: &'a [u32],
    pub gradient: &'a [f32],
    pub steps: &'a Steps,
}

impl UpdateVisitor for StepRows<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            table,
            rows,
            gradient,
            steps,
        } = self;
        let (width, shrink, mark) = (table.width, table.penalty.shrink(), steps.mark());
        let exact = steps.mode() == Mode::Exact;
        let step = |share: Share<'_>, gradient: &[f32]| {
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    share.each(
                        #[inline(always)]
                        |at, cells, own| {
                            debug_assert!(
                                !exact || steps.missed(*own) == 1,
                                "rows must be gathered first"
                            );
                            let gradient = &gradient[at * width..][..width];
                            step_row(update, cells, width, gradient, shrink);
                            *own = mark;
                        },
                    );
                },
            );
        };
        if !threads_pay(rows.len() * width) || !rows.is_sorted() {
            step(table.whole(rows), gradient);
        } else {
            let gradients = gradient.chunks(shared(rows.len()) * width);
            each_apart(
                table.shares(rows).into_iter().zip(gradients),
                |(share, gradient)| {
                    step(share, gradient);
                },
            );
        }
    }
}

/// Updates the weights of a parameter that is not a table, and its states, which are stored separately.
struct StepWhole<'a> {
    weights: &'a mut [f32],
    state: &'a mut [Vec<f32>],
    gradient: &'a [f32],
}

impl UpdateVisitor for StepWhole<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            weights,
            state,
            gradient,
        } = self;
        let mut state = state.iter_mut();
        let state: [&mut [f32]; N] =
            std::array::from_fn(|_| &mut **state.next().expect("the rule's own number of states"));
        let gradient = &gradient[..weights.len()];
        Arch::new().dispatch(
            #[inline(always)]
            || advance(update, weights, state, |at| gradient[at], Shrink::NONE),
        );
    }
}

struct HasClosedForm<'a> {
    steps: &'a Steps,
    shrink: Shrink,
}

impl UpdateVisitor for HasClosedForm<'_> {
    type Output = bool;
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> bool {
        !one_by_one(update, self.steps, self.shrink)
    }
}

impl Steps {
    /// Whether rows of a table under this penalty can catch up with any number of missed steps at once. Otherwise the
    /// steps are applied one by one.
    pub fn has_closed_form(&self, penalty: &Penalty) -> bool {
        let shrink = penalty.shrink();
        let asked = HasClosedForm {
            steps: self,
            shrink,
        };
        self.rule().at(Pace::default(), asked)
    }
}

impl Rule {
    /// One step, at this [pace](Rule::pace), for a parameter that is not a table.
    ///
    /// # Panics
    /// If the gradient or one of the rule's states is shorter than the weights.
    pub fn step(&self, pace: Pace, weights: &mut [f32], state: &mut [Vec<f32>], gradient: &[f32]) {
        let step = StepWhole {
            weights,
            state,
            gradient,
        };
        self.at(pace, step);
    }
}

/// The number of rows that a thread brings up to date at a time: enough to be worth handing over, few enough that the
/// rows of the long tail, which have missed most, do not all fall to one thread.
const ROWS_A_TASK: usize = 64;

/// Brings every row up to date, on every core.
pub(crate) struct CatchUpAll<'a> {
    pub table: &'a mut RowTable,
    pub steps: &'a Steps,
}

impl UpdateVisitor for CatchUpAll<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self { table, steps } = self;
        table.swept = steps.taken();
        let (width, stride, shrink) = (table.width, table.stride, table.penalty.shrink());
        let blocks = table.blocks.as_deref();
        let all: [u32; ROWS_A_TASK] = std::array::from_fn(|row| row as u32);
        // Rows are independent, so the result does not depend on the number of threads.
        table
            .cells
            .par_chunks_mut(stride * ROWS_A_TASK)
            .zip(table.marks.par_chunks_mut(ROWS_A_TASK))
            .for_each(|(cells, marks)| {
                let share = Share {
                    rows: &all[..marks.len()],
                    first: 0,
                    stride,
                    cells,
                    marks,
                };
                let bring = Bring {
                    update,
                    share,
                    width,
                    steps,
                    shrink,
                    blocks,
                };
                bring.run();
            });
    }
}

impl RowTable {
    /// Brings these rows up to date.
    ///
    /// # Panics
    /// If a row is not in the table; ids are checked when data meet a model.
    pub fn catch_up(&mut self, rows: &[u32], steps: &Steps) {
        steps.rule().at(
            Pace::default(),
            CatchUp {
                table: self,
                rows,
                steps,
            },
        );
    }

    /// Updates these rows by their gradients, `rows.len() * width` numbers, at the step that [`Steps::begin`] began.
    /// Rows must be distinct and have been brought up to date ([`RowTable::catch_up`]) after the step before.
    pub fn step(&mut self, rows: &[u32], gradient: &[f32], pace: Pace, steps: &Steps) {
        steps.rule().at(
            pace,
            StepRows {
                table: self,
                rows,
                gradient,
                steps,
            },
        );
    }

    /// Brings every row up to date.
    pub fn catch_up_all(&mut self, steps: &Steps) {
        if steps.mode() == Mode::Exact {
            let every = CatchUpAll { table: self, steps };
            steps.rule().at(Pace::default(), every);
        }
    }
}
