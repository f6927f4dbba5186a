//! Embedding tables: who and what is similar, and a map of all items.

use crate::bitmap::Bitmap;
use crate::pca::{Pca, components};
use recburn_compiled::Rows;
use recburn_data::{ItemIx, Side};
use recburn_recommender::{AnyRecommender, EmbeddingTable, best_where};
use std::sync::OnceLock;

/// One embedding table, whose rows have the length 1.
#[derive(Debug)]
pub(crate) struct Directions {
    pub name: String,
    /// One for each id, in the order of the rows of the model that have one.
    rows: Rows,
    /// The model's row of each.
    model_rows: Vec<u32>,
    /// The two directions in which the rows differ most, once somebody has asked.
    pca: OnceLock<Option<Pca>>,
}

impl Directions {
    /// The tables of one side, the widest first.
    pub fn all(model: &AnyRecommender, side: Side) -> Vec<Self> {
        let Ok(network) = model.network() else {
            return Vec::new(); // of classical models
        };
        let mut tables = network.tables_of(side);
        // Of biases every direction is the same.
        tables.retain(|(_, width)| *width > 1);
        tables.sort_by_key(|(_, width)| std::cmp::Reverse(*width));
        let rows: Vec<u32> = match side {
            Side::Item => model.items().iter().map(|(item, _)| item.0).collect(),
            _ => model.users().iter().map(|(user, _)| user.0).collect(),
        };
        let tables = tables
            .iter()
            .filter_map(|(name, _)| network.embedding(name).ok());
        tables.map(|table| Self::of(table, rows.clone())).collect()
    }

    fn of(table: EmbeddingTable, model_rows: Vec<u32>) -> Self {
        let mut values = table.values;
        for row in values.chunks_exact_mut(table.width) {
            let squares: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
            let length = squares.sqrt();
            if length > 0.0 {
                row.iter_mut()
                    .for_each(|x| *x = (f64::from(*x) / length) as f32);
            }
        }
        Self {
            name: table.name,
            rows: Rows::new(&values, table.width),
            model_rows,
            pca: OnceLock::new(),
        }
    }

    /// The rows of the model that are nearest to one of them in direction, with their cosines, without itself; at most
    /// `count` of those that are wanted.
    pub fn nearest(&self, row: u32, count: usize, wanted: impl Fn(u32) -> bool) -> Vec<(u32, f32)> {
        let Ok(own) = self.model_rows.binary_search(&row) else {
            return Vec::new();
        };
        let cosines = self.rows.times(&self.rows.row(own));
        let taken = |at: usize| at != own && wanted(self.model_rows[at]);
        let best = best_where(&cosines, count, taken);
        let best = best.into_iter();
        best.map(|(at, cosine)| (self.model_rows[at as usize], cosine))
            .collect()
    }

    /// Where every item is on a map of the two directions in which the rows of `items` differ most; `None` where they do not.
    pub fn map(&self, model: &AnyRecommender, items: &Bitmap) -> Option<&Pca> {
        let pca = self.pca.get_or_init(|| {
            let table = model.network().ok()?.embedding(&self.name).ok()?;
            let rows = table.values.chunks_exact(table.width);
            let mut values = Vec::new();
            for (row, numbers) in self.model_rows.iter().zip(rows) {
                if items.has(*row as usize) {
                    values.extend_from_slice(numbers);
                }
            }
            components(&table.values, &values, table.width)
        });
        pca.as_ref()
    }

    /// The place of an item in the table.
    pub fn place(&self, item: ItemIx) -> Option<usize> {
        self.model_rows.binary_search(&item.0).ok()
    }
}
