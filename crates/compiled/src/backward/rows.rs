//! The gradients of the rows of tables.

use super::Own;
use crate::buffers::Buffers;
use crate::kernels::{add_up, copy, of_pool};
use crate::layout::Layout;
use crate::program::{Operation, Program};
use recburn_optim::row_sums;

/// The gradients of the distinct rows of a table, from the gradient of the values that were read.
pub(super) fn of_rows(
    program: &Program,
    buffers: &mut Buffers,
    layout: &Layout<'_>,
    own: Own<'_>,
    read: usize,
    of_output: &[f32],
) {
    let (place, add) = (own.place, own.step.adds[0] == Some(true));
    let (ids, out) = (program.reads[read].ids, &mut buffers.of_rows[read]);
    let axis = program.values[own.step.output.0].axis;
    let (distinct, _) = layout.ids(ids, axis);
    let count = distinct.len() * place.width;
    let rows = place.rows(of_output, own.rows);
    if let Operation::Pool { how, .. } = own.step.operation {
        exactly(out, count, add);
        of_pool(rows, layout.bags(ids), how, out, place.width);
        return;
    }
    match layout.column(ids, axis) {
        Some(column) if !add => {
            let columns = place.start..place.start + place.width;
            row_sums(column, of_output, columns, place.stride, out);
        }
        Some(column) => add_up(rows, column.inverse, out, place.width),
        None => {
            exactly(out, count, add);
            copy(rows, out.chunks_exact_mut(place.width), add);
        }
    }
}

/// Resizes a vector to this length; fills it with zeros unless values are added to the existing ones.
fn exactly(numbers: &mut Vec<f32>, count: usize, add: bool) {
    if !add {
        numbers.clear();
    }
    numbers.resize(count, 0.0);
}
