//! Sparse matrices by row.

use crate::error::ClassicalError;
use recburn_data::{ItemIx, Ratings};
use serde::{Deserialize, Serialize};

/// A sparse matrix by row; the columns of a row ascend, each at most once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rows {
    /// Row `r` is at `offsets[r]..offsets[r + 1]`.
    offsets: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Rows {
    /// Every rated pair as a 1, `[users, items]`.
    pub(crate) fn positives(ratings: &Ratings, users: usize) -> Self {
        let mut rows = Self::ratings(ratings, users);
        rows.values.fill(1.0);
        rows
    }

    /// The ratings, `[users, items]`; the last one of a pair that occurs several times.
    pub(crate) fn ratings(ratings: &Ratings, users: usize) -> Self {
        let mut lists: Vec<Vec<(u32, f32)>> = vec![Vec::new(); users];
        let pairs = ratings.users.iter().zip(&ratings.items);
        for ((user, item), &rating) in pairs.zip(&ratings.ratings) {
            lists[user.index()].push((item.0, rating));
        }
        for list in &mut lists {
            *list = last_of_each(std::mem::take(list));
        }
        Self::of(&lists)
    }

    /// The rows with these entries, whose columns ascend.
    pub(crate) fn of(lists: &[Vec<(u32, f32)>]) -> Self {
        let entries = lists.iter().map(Vec::len).sum();
        let mut rows = Self {
            offsets: Vec::with_capacity(lists.len() + 1),
            columns: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
        };
        rows.offsets.push(0);
        for list in lists {
            rows.columns.extend(list.iter().map(|entry| entry.0));
            rows.values.extend(list.iter().map(|entry| entry.1));
            rows.offsets.push(rows.columns.len() as u32);
        }
        rows
    }

    /// The transpose of a matrix with this number of columns.
    pub(crate) fn transposed(&self, columns: usize) -> Self {
        let mut offsets = vec![0; columns + 1];
        for &column in &self.columns {
            offsets[column as usize + 1] += 1;
        }
        for column in 0..columns {
            offsets[column + 1] += offsets[column];
        }
        let mut next = offsets.clone();
        let mut transposed = Self {
            offsets,
            columns: vec![0; self.columns.len()],
            values: vec![0.0; self.values.len()],
        };
        for row in 0..self.len() {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                let place = next[column as usize] as usize;
                next[column as usize] += 1;
                transposed.columns[place] = row as u32;
                transposed.values[place] = value;
            }
        }
        transposed
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The columns and values of a row; none after the last row.
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[f32]) {
        match self.offsets.get(row..row + 2) {
            Some(&[from, to]) => {
                let range = from as usize..to as usize;
                (&self.columns[range.clone()], &self.values[range])
            }
            _ => (&[], &[]),
        }
    }

    /// The value at a place, if there is one.
    pub(crate) fn get(&self, row: usize, column: u32) -> Option<f32> {
        let (columns, values) = self.row(row);
        let place = columns.binary_search(&column).ok()?;
        Some(values[place])
    }

    /// A matrix of the same shape with other values.
    pub(crate) fn map(&self, value: impl Fn(usize, u32, f32) -> f32) -> Self {
        let mut mapped = self.clone();
        for row in 0..self.len() {
            for place in self.offsets[row] as usize..self.offsets[row + 1] as usize {
                mapped.values[place] = value(row, self.columns[place], self.values[place]);
            }
        }
        mapped
    }

    /// Whether the parts fit together and every column is below `columns`, for a matrix that was loaded.
    pub(crate) fn check(&self, method: &'static str, columns: usize) -> Result<(), ClassicalError> {
        let entries = self.columns.len();
        let ends = (self.offsets.first(), self.offsets.last());
        let sound = ends == (Some(&0), Some(&(entries as u32)))
            && self.values.len() == entries
            && self.offsets.is_sorted()
            && (0..self.len()).all(|row| self.row(row).0.is_sorted_by(|left, right| left < right))
            && self
                .columns
                .iter()
                .all(|&column| (column as usize) < columns);
        match sound {
            true => Ok(()),
            false => Err(ClassicalError::Damaged {
                method,
                what: "a sparse matrix is not in order".to_string(),
            }),
        }
    }
}

/// The bytes of a sparse matrix.
pub(crate) fn bytes(rows: usize, entries: usize) -> u64 {
    rows as u64 * 4 + entries as u64 * 8
}

/// A profile with ascending items; the last rating of an item that occurs several times.
pub(crate) fn rated(profile: &[(ItemIx, f32)]) -> Vec<(u32, f32)> {
    last_of_each(
        profile
            .iter()
            .map(|&(item, rating)| (item.0, rating))
            .collect(),
    )
}

fn last_of_each(mut list: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    list.reverse();
    list.sort_by_key(|entry| entry.0);
    list.dedup_by_key(|entry| entry.0);
    list
}
