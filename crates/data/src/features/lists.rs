//! Lists of ids, one per row.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Lists of weighted ids, stored contiguously: bags, or sequences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lists {
    /// The end of each list among the ids; a list begins where the one before it ends.
    ends: Vec<u32>,
    ids: Vec<u32>,
    /// One per id; empty if all are 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    weights: Vec<f32>,
}

impl Lists {
    /// Lists whose ids all have weight 1.
    pub fn of<'a>(lists: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.push(list.iter().copied());
        }
        all
    }

    /// Adds a list of ids with weight 1.
    pub fn push(&mut self, ids: impl IntoIterator<Item = u32>) {
        self.ids.extend(ids);
        if !self.weights.is_empty() {
            self.weights.resize(self.ids.len(), 1.0);
        }
        self.ends.push(self.ids.len() as u32);
    }

    /// Adds a list of ids with weights.
    pub fn push_weighted(&mut self, list: impl IntoIterator<Item = (u32, f32)>) {
        self.weights.resize(self.ids.len(), 1.0);
        for (id, weight) in list {
            self.ids.push(id);
            self.weights.push(weight);
        }
        self.ends.push(self.ids.len() as u32);
    }

    /// The number of lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The ids of list `at`.
    ///
    /// # Panics
    ///
    /// If there is no such list.
    pub fn ids(&self, at: usize) -> &[u32] {
        &self.ids[self.range(at)]
    }

    /// The weights of list `at`, one per id; `None` if the ids of all lists have weight 1.
    ///
    /// # Panics
    ///
    /// If there is no such list.
    pub fn weights(&self, at: usize) -> Option<&[f32]> {
        (!self.weights.is_empty()).then(|| &self.weights[self.range(at)])
    }

    /// These lists, in this order.
    pub(crate) fn take(&self, lists: impl Iterator<Item = usize>) -> Self {
        let mut taken = Self::default();
        for at in lists {
            taken.ids.extend_from_slice(self.ids(at));
            taken
                .weights
                .extend_from_slice(self.weights(at).unwrap_or_default());
            taken.ends.push(taken.ids.len() as u32);
        }
        taken
    }

    /// These lists, followed by others.
    pub(crate) fn joined(&self, others: &Self) -> Self {
        let mut joined = self.clone();
        for at in 0..others.len() {
            let ids = others.ids(at).iter().copied();
            match others.weights(at) {
                Some(weights) => joined.push_weighted(ids.zip(weights.iter().copied())),
                None => joined.push(ids),
            }
        }
        joined
    }

    /// The ids of all lists.
    pub(crate) fn all_ids(&self) -> &[u32] {
        &self.ids
    }

    /// The weights of all ids; empty if all are 1.
    pub(crate) fn all_weights(&self) -> &[f32] {
        &self.weights
    }

    fn range(&self, at: usize) -> Range<usize> {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        begin as usize..self.ends[at] as usize
    }

    /// Whether the lists are consistent: a saved file might contain anything.
    pub(crate) fn is_sound(&self) -> bool {
        self.ends.is_sorted()
            && self.ends.last().map_or(0, |&end| end as usize) == self.ids.len()
            && (self.weights.is_empty() || self.weights.len() == self.ids.len())
    }
}
