//! The columns of a block: sparse, and a function of the user (or the item, or the day) alone.

use super::BayesianFm;
use super::NAME;
use crate::error::ClassicalError;
use recburn_data::{Feature, FeatureValues, Features, Side};
use std::ops::Range;

/// Sparse columns, stored column by column, in groups with a prior of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Columns {
    /// The entries of column `c` are at `offsets[c]..offsets[c + 1]`.
    offsets: Vec<u32>,
    rows: Vec<u32>,
    values: Vec<f32>,
    groups: Vec<Range<usize>>,
}

impl Columns {
    /// The number of columns.
    pub(super) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The columns of each group.
    pub(super) fn groups(&self) -> &[Range<usize>] {
        &self.groups
    }

    /// The rows of a column, and its values there.
    pub(super) fn entries(&self, column: usize) -> (&[u32], &[f32]) {
        let range = self.offsets[column] as usize..self.offsets[column + 1] as usize;
        (&self.rows[range.clone()], &self.values[range])
    }

    /// Adds a group of `width` columns, given as entries `(column, row, value)` ordered by row.
    fn push(&mut self, width: usize, entries: &[(u32, u32, f32)]) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        let begin = self.len();
        let mut counts = vec![0_u32; width];
        for &(column, _, _) in entries {
            counts[column as usize] += 1;
        }
        let mut next: Vec<usize> = Vec::with_capacity(width);
        let mut end = self.rows.len();
        for count in counts {
            next.push(end);
            end += count as usize;
            self.offsets.push(end as u32);
        }
        self.rows.resize(end, 0);
        self.values.resize(end, 0.0);
        for &(column, row, value) in entries {
            let at = &mut next[column as usize];
            self.rows[*at] = row;
            self.values[*at] = value;
            *at += 1;
        }
        self.groups.push(begin..begin + width);
    }

    /// Adds the history of each row, `lists`, as a group of columns with the value `1 / sqrt(n)` for `n` ratings.
    pub(super) fn push_history<'a>(
        &mut self,
        width: usize,
        lists: impl Iterator<Item = &'a [u32]>,
    ) {
        let mut entries = Vec::new();
        for (row, list) in (0..).zip(lists) {
            let value = 1.0 / (list.len() as f32).sqrt();
            entries.extend(list.iter().map(|&column| (column, row, value)));
        }
        self.push(width, &entries);
    }

    /// Adds the features that the options name, each as a group.
    pub(super) fn push_features(
        &mut self,
        options: &BayesianFm,
        features: Option<&Features>,
        side: Side,
        rows: usize,
    ) -> Result<(), ClassicalError> {
        for feature in features.into_iter().flat_map(Features::iter) {
            let input = &feature.input;
            let wanted = match &options.features {
                Some(names) => names.contains(&input.name),
                None => !input.is_history(),
            };
            if input.side == side && wanted {
                self.push_feature(feature, rows)?;
            }
        }
        Ok(())
    }

    fn push_feature(&mut self, feature: &Feature, rows: usize) -> Result<(), ClassicalError> {
        if feature.rows() < rows {
            return Err(ClassicalError::Setting {
                method: NAME,
                setting: "features",
                value: format!("`{}` with {} rows", feature.input.name, feature.rows()),
                wanted: "features with a value for every user or item",
            });
        }
        let mut entries = Vec::new();
        let ids = feature.input.kind.rows().unwrap_or_default();
        let width = match &feature.values {
            FeatureValues::Ids(of) => {
                entries.extend((0..rows as u32).zip(of).map(|(row, &id)| (id, row, 1.0)));
                ids
            }
            FeatureValues::Lists(lists) => {
                for row in 0..rows {
                    let weights = lists.weights(row);
                    for (at, &id) in lists.ids(row).iter().enumerate() {
                        entries.push((id, row as u32, weights.map_or(1.0, |all| all[at])));
                    }
                }
                ids
            }
            FeatureValues::Numbers(numbers) => {
                let width = numbers.len() / feature.rows().max(1);
                for (row, own) in (0..rows as u32).zip(numbers.chunks_exact(width.max(1))) {
                    entries.extend((0..).zip(own).map(|(column, &x)| (column, row, x)));
                }
                width
            }
        };
        self.push(width, &entries);
        Ok(())
    }
}
