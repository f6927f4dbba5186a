//! What moves the rows of a table, compiled for each rule and run with the widest instructions there are.

use crate::rest::{make_up, step_row};
use crate::table::{Mode, RowTable, Steps};
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
        let (width, stride, pull) = (table.width, table.stride(), table.penalty.pull());
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for &row in rows {
                    let row = row as usize;
                    let missed = steps.since(table.current[row]);
                    let cells = &mut table.cells[row * stride..][..stride];
                    make_up(update, cells, width, missed, pull);
                    table.current[row] = steps.taken();
                }
            },
        );
    }
}

/// Moves these rows by their gradients.
pub(crate) struct StepRows<'a> {
    pub table: &'a mut RowTable,
    pub rows: &'a [u32],
    pub gradient: &'a [f32],
    pub taken: u64,
}

impl UpdateVisitor for StepRows<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            table,
            rows,
            gradient,
            taken,
        } = self;
        let (width, stride, pull) = (table.width, table.stride(), table.penalty.pull());
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (&row, gradient) in rows.iter().zip(gradient.chunks_exact(width)) {
                    let row = row as usize;
                    debug_assert!(table.mode == Mode::Touched || table.current[row] + 1 == taken);
                    let cells = &mut table.cells[row * stride..][..stride];
                    step_row(update, cells, width, gradient, pull);
                    table.current[row] = taken;
                }
            },
        );
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
            .zip(table.current.par_chunks_mut(ROWS_A_TASK))
            .for_each(|(cells, current)| {
                Arch::new().dispatch(
                    #[inline(always)]
                    || {
                        for (cells, current) in cells.chunks_exact_mut(stride).zip(current) {
                            make_up(update, cells, width, steps.since(*current), pull);
                            *current = steps.taken();
                        }
                    },
                );
            });
    }
}
