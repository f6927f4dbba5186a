//! Positives with the weights of a similarity, and the neighbours under its cosine.

use crate::error::ClassicalError;
use crate::gram;
use crate::rows::Rows;
use crate::similarity::{Neighbourhood, Similarity};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The weight of a rating: a factor of its item times a factor of the user's number of ratings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TermWeights {
    items: Vec<f32>,
    /// For [`Similarity::Bm25`]: the mean number of ratings of a user.
    mean_length: Option<f32>,
}

impl TermWeights {
    /// The weights for positives `[users, items]`; `raters` is the transpose.
    pub(crate) fn of(positives: &Rows, raters: &Rows, similarity: Similarity) -> Self {
        let users = positives.len() as f32;
        let count = |item: usize| raters.row(item).0.len() as f32;
        let weight = |item: usize| match similarity {
            Similarity::TfIdf | Similarity::Bm25 => (users / (1.0 + count(item))).ln(),
            _ => 1.0,
        };
        let ratings: usize = (0..positives.len())
            .map(|user| positives.row(user).0.len())
            .sum();
        Self {
            items: (0..raters.len()).map(weight).collect(),
            mean_length: (similarity == Similarity::Bm25).then_some(ratings as f32 / users),
        }
    }

    /// The weighted matrix.
    pub(crate) fn applied(&self, positives: &Rows) -> Rows {
        positives.map(|user, item, _| {
            self.of_user(positives.row(user).0.len()) * self.items[item as usize]
        })
    }

    /// The weights of a profile with these items.
    pub(crate) fn profile(&self, items: &[u32]) -> Vec<f32> {
        let user = self.of_user(items.len());
        items
            .iter()
            .map(|&item| user * self.items[item as usize])
            .collect()
    }

    fn of_user(&self, ratings: usize) -> f32 {
        match self.mean_length {
            Some(mean) => 2.2 / (1.2 * (0.2 + 0.8 * ratings as f32 / mean) + 1.0),
            None => 1.0,
        }
    }

    pub(crate) fn check(&self, method: &'static str, items: usize) -> Result<(), ClassicalError> {
        match self.items.len() == items {
            true => Ok(()),
            false => Err(ClassicalError::Damaged {
                method,
                what: format!("{} weights for {items} items", self.items.len()),
            }),
        }
    }
}

/// The most similar rows of every row, with their similarities; only those above 0, and never the row itself.
pub(crate) fn nearest(rows: &Rows, transposed: &Rows, settings: &Neighbourhood) -> Rows {
    let norms = norms(rows);
    let lists: Vec<Vec<(u32, f32)>> = (0..rows.len())
        .into_par_iter()
        .map_init(
            || vec![0.0; rows.len()],
            |products, row| {
                gram::row_of(rows, transposed, row, 0..u32::MAX, products);
                products[row] = 0.0;
                nearest_of(products, norms[row], &norms, settings)
            },
        )
        .collect();
    Rows::of(&lists)
}

/// The Euclidean norm of every row.
pub(crate) fn norms(rows: &Rows) -> Vec<f32> {
    (0..rows.len()).map(|row| norm(rows.row(row).1)).collect()
}

/// The Euclidean norm.
pub(crate) fn norm(values: &[f32]) -> f32 {
    values
        .iter()
        .map(|value| value * value)
        .sum::<f32>()
        .max(1e-12)
        .sqrt()
}

/// The nearest rows out of the products of one row with all, ascending.
pub(crate) fn nearest_of(
    products: &[f32],
    own: f32,
    norms: &[f32],
    settings: &Neighbourhood,
) -> Vec<(u32, f32)> {
    let shrinkage = settings.shrinkage as f32;
    let positive = products.iter().zip(norms).enumerate();
    let positive = positive.filter(|(_, (product, _))| **product > 0.0);
    let similar =
        positive.map(|(row, (product, norm))| (row as u32, product / (own * norm + shrinkage)));
    let mut nearest: Vec<(u32, f32)> = similar.collect();
    if nearest.len() > settings.neighbours {
        nearest.select_nth_unstable_by(settings.neighbours - 1, |left, right| {
            right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
        });
        nearest.truncate(settings.neighbours);
        nearest.sort_unstable_by_key(|near| near.0);
    }
    nearest
}
