//! Pooling of the rows of bags.

use super::{Rows, RowsMut, put};
use crate::widest::widest;
use recburn_graph::Pool;
use recburn_schema::Bags;

/// Pools the rows of each bag: their sum weighted by the entries' weights, times a factor that depends on the number of
/// entries.
pub(crate) fn pool<'a, 'b>(
    row_of: impl Fn(u32) -> &'a [f32],
    bags: &Bags,
    how: Pool,
    output: impl RowsMut<'b>,
) {
    widest!(for (bag, output) in output.enumerate() {
        output.fill(0.0);
        let entries = bags.entries(bag);
        let factor = factor(how, entries.len());
        for entry in entries {
            let factor = factor * bags.weights.get(entry).unwrap_or(&1.0);
            let row = row_of(bags.column.rows[bags.column.inverse[entry] as usize]);
            put(output, true, row.iter().map(|number| factor * number));
        }
    });
}

/// Adds the gradients of the rows of bags to the existing ones.
pub(crate) fn of_pool<'a>(
    gradient: impl Rows<'a>,
    bags: &Bags,
    how: Pool,
    of_rows: &mut [f32],
    width: usize,
) {
    widest!(for (bag, gradient) in gradient.enumerate() {
        let entries = bags.entries(bag);
        let factor = factor(how, entries.len());
        for entry in entries {
            let factor = factor * bags.weights.get(entry).unwrap_or(&1.0);
            let out = &mut of_rows[bags.column.inverse[entry] as usize * width..][..width];
            put(out, true, gradient.iter().map(|number| factor * number));
        }
    });
}

/// The factor of the sum of this many entries.
fn factor(how: Pool, entries: usize) -> f32 {
    match how {
        Pool::Sum => 1.0,
        Pool::Mean => 1.0 / entries.max(1) as f32,
        Pool::RootMean => 1.0 / (entries.max(1) as f32).sqrt(),
    }
}
