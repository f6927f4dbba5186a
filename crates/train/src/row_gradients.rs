//! The gradients of the rows that a step read, table by table.

use burn::module::ParamId;
use recburn_nn::Ids;
use std::collections::HashMap;

/// What a step's rows are to be moved by. Kept between steps for its memory.
#[derive(Default)]
pub(crate) struct RowGradients {
    tables: Vec<OfTable>,
    /// How many of them belong to the step at hand.
    used: usize,
}

struct OfTable {
    table: ParamId,
    ids: Ids,
    /// Where a table was read by several columns: the rows of all of them.
    merged: Option<Vec<u32>>,
    /// `[rows, width]`
    gradient: Vec<f32>,
}

impl RowGradients {
    /// Forgets the last step.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds a gradient of these rows, `[rows, width]`; leaves other memory in its place.
    pub fn add(&mut self, table: ParamId, ids: &Ids, gradient: &mut Vec<f32>) {
        let (used, kept) = self.tables.split_at_mut(self.used);
        if let Some(first) = used.iter_mut().find(|first| first.table == table) {
            first.add_up(ids, gradient);
            return;
        }
        self.used += 1;
        match kept.first_mut() {
            Some(place) => {
                (place.table, place.ids, place.merged) = (table, ids.clone(), None);
                std::mem::swap(&mut place.gradient, gradient);
            }
            None => self.tables.push(OfTable {
                table,
                ids: ids.clone(),
                merged: None,
                gradient: std::mem::take(gradient),
            }),
        }
    }

    /// Each table once, with its rows and their gradient.
    pub fn iter(&mut self) -> impl Iterator<Item = (ParamId, &[u32], &mut [f32])> {
        self.tables[..self.used].iter_mut().map(|of| {
            let rows = of.merged.as_deref().unwrap_or(of.ids.rows());
            (of.table, rows, of.gradient.as_mut_slice())
        })
    }
}

impl OfTable {
    /// Adds the gradient of a second reading, by the same ids or by others.
    fn add_up(&mut self, ids: &Ids, gradient: &[f32]) {
        if self.merged.is_none() && self.ids.same(ids) {
            for (sum, more) in self.gradient.iter_mut().zip(gradient) {
                *sum += more;
            }
            return;
        }
        let mut rows = self.merged.as_deref().unwrap_or(self.ids.rows()).to_vec();
        let mut places: HashMap<u32, usize> = rows.iter().copied().zip(0..).collect();
        let width = gradient.len() / ids.rows().len().max(1);
        for (&row, gradient) in ids.rows().iter().zip(gradient.chunks_exact(width.max(1))) {
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
