//! The gradients of the rows that a step read, table by table.

use burn::module::ParamId;
use recburn_nn::ColumnId;
use std::collections::HashMap;

/// The gradients by which a step updates rows. Kept between steps to reuse the memory.
#[derive(Default)]
pub(crate) struct RowGradients {
    tables: Vec<OfTable>,
    /// The number of entries that belong to the current step.
    used: usize,
}

struct OfTable {
    table: ParamId,
    column: ColumnId,
    /// If a table was read by several columns, the rows of all of them.
    merged: Option<Vec<u32>>,
    /// `[rows, width]`
    gradient: Vec<f32>,
}

impl RowGradients {
    /// Forgets the last step.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds a gradient of the rows of a column, `[rows, width]`, swapping it for a spare buffer. `rows_of` returns the
    /// rows of a column.
    pub fn add<'a>(
        &mut self,
        table: ParamId,
        column: ColumnId,
        rows_of: &dyn Fn(ColumnId) -> &'a [u32],
        gradient: &mut Vec<f32>,
    ) {
        let (used, kept) = self.tables.split_at_mut(self.used);
        if let Some(first) = used.iter_mut().find(|first| first.table == table) {
            first.add_up(column, rows_of, gradient);
            return;
        }
        self.used += 1;
        match kept.first_mut() {
            Some(place) => {
                (place.table, place.column, place.merged) = (table, column, None);
                std::mem::swap(&mut place.gradient, gradient);
            }
            None => self.tables.push(OfTable {
                table,
                column,
                merged: None,
                gradient: std::mem::take(gradient),
            }),
        }
    }

    /// Visits each table once, with its rows and their gradient.
    pub fn each<'a>(
        &mut self,
        rows_of: &dyn Fn(ColumnId) -> &'a [u32],
        mut take: impl FnMut(ParamId, &[u32], &mut [f32]),
    ) {
        for of in &mut self.tables[..self.used] {
            let rows = of.merged.as_deref().unwrap_or_else(|| rows_of(of.column));
            take(of.table, rows, &mut of.gradient);
        }
    }
}

impl OfTable {
    /// Adds the gradient of a second read, by the same column or another.
    fn add_up<'a>(
        &mut self,
        column: ColumnId,
        rows_of: &dyn Fn(ColumnId) -> &'a [u32],
        gradient: &[f32],
    ) {
        if self.merged.is_none() && self.column == column {
            for (sum, more) in self.gradient.iter_mut().zip(gradient) {
                *sum += more;
            }
            return;
        }
        let mut rows = match self.merged.take() {
            Some(rows) => rows,
            None => rows_of(self.column).to_vec(),
        };
        let mut places: HashMap<u32, usize> = rows.iter().copied().zip(0..).collect();
        let added = rows_of(column);
        let width = gradient.len() / added.len().max(1);
        for (&row, gradient) in added.iter().zip(gradient.chunks_exact(width.max(1))) {
            let place = *places.entry(row).or_insert_with(|| {
                rows.push(row);
                self.gradient.resize(rows.len() * width, 0.0);
                rows.len() - 1
            });
            let sums = &mut self.gradient[place * width..][..width];
            for (sum, more) in sums.iter_mut().zip(gradient) {
                *sum += more;
            }
        }
        self.merged = Some(rows);
    }
}
