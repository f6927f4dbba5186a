//! What moves the rows of a table, compiled for each rule and run with the widest instructions there are.

use crate::rest::{make_up, step_row};
use crate::share::{Share, THREADS_PAY, shared};
use crate::steps::Steps;
use crate::table::{Mode, RowTable};
use crate::update::{Update, UpdateVisitor};
use pulp::Arch;
use rayon::prelude::*;

/// Brings these rows up to date.
pub(crate) struct MakeUp<'a> {
    pub table: &'a mut RowTable,
    pub rows: &'a [u32],
    pub steps: &'a Steps,
}

impl UpdateVisitor for MakeUp<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self { table, rows, steps } = self;
        if table.mode == Mode::Touched {
            return;
        }
        let (width, pull) = (table.width, table.penalty.pull());
        let bring = |share: Share<'_>| {
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    share.each(
                        #[inline(always)]
                        |_, cells, mark| {
                            make_up(update, cells, width, steps.since(*mark), pull);
                            *mark = steps.mark();
                        },
                    );
                },
            );
        };
        // A row that must go through its missed steps one by one is the dear part of a step; any other costs about one.
        let one_by_one = pull.decay > 0.0;
        let missed = |row: &u32| steps.missed(table.marks[*row as usize]);
        let moves = if one_by_one {
            rows.iter().map(missed).sum()
        } else {
            rows.len()
        };
        if moves * width < THREADS_PAY {
            bring(table.whole(rows));
        } else if rows.is_sorted() {
            table.shares(rows).into_par_iter().for_each(bring);
        } else if one_by_one {
            let mut rows = rows.to_vec();
            rows.sort_unstable();
            table.shares(&rows).into_par_iter().for_each(bring);
        } else {
            bring(table.whole(rows));
        }
    }
}

/// Moves these rows by their gradients.
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
        let (width, pull, mark) = (table.width, table.penalty.pull(), steps.mark());
        let exact = table.mode == Mode::Exact;
        let step = |share: Share<'_>, gradient: &[f32]| {
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    share.each(
                        #[inline(always)]
                        |at, cells, own| {
                            debug_assert!(!exact || steps.missed(*own) == 1, "gather first");
                            let gradient = &gradient[at * width..][..width];
                            step_row(update, cells, width, gradient, pull);
                            *own = mark;
                        },
                    );
                },
            );
        };
        if rows.len() * width < THREADS_PAY || !rows.is_sorted() {
            step(table.whole(rows), gradient);
        } else {
            let gradients = gradient.par_chunks(shared(rows.len()) * width);
            let shares = table.shares(rows).into_par_iter();
            shares
                .zip(gradients)
                .for_each(|(share, gradient)| step(share, gradient));
        }
    }
}

/// Rows that one thread brings up to date before it looks for more: enough to be worth a hand-over, few enough that
/// rows of the long tail, which rested longest, do not all fall to one.
const ROWS_A_TASK: usize = 64;

/// Brings every row up to date, on every core.
pub(crate) struct MakeUpAll<'a> {
    pub table: &'a mut RowTable,
    pub steps: &'a Steps,
}

impl UpdateVisitor for MakeUpAll<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self { table, steps } = self;
        let (width, stride, pull) = (table.width, table.stride(), table.penalty.pull());
        // Rows do not see each other, so the result does not depend on how many threads share them.
        table
            .cells
            .par_chunks_mut(stride * ROWS_A_TASK)
            .zip(table.marks.par_chunks_mut(ROWS_A_TASK))
            .for_each(|(cells, marks)| {
                Arch::new().dispatch(
                    #[inline(always)]
                    || {
                        for (cells, mark) in cells.chunks_exact_mut(stride).zip(marks) {
                            make_up(update, cells, width, steps.since(*mark), pull);
                            *mark = steps.mark();
                        }
                    },
                );
            });
    }
}
