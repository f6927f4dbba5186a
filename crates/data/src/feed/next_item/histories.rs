//! Batches of histories, with a query for each position except the last.

use super::NextItem;
use crate::coalesce::Coalescer;
use crate::features::Gather;
use crate::feed::against::{Against, next};
use crate::feed::{Feed, Pick, clear};
use crate::random::Random;
use crate::row_keys::splitmix64;
use recburn_schema::{Batch, UserIx};

/// The batches of [`NextItem`].
pub(super) struct Histories<'a> {
    pub(super) examples: &'a NextItem<'a>,
    /// Users per batch.
    pub(super) size: usize,
    pub(super) length: usize,
    pub(super) order: Vec<u32>,
    pub(super) next: usize,
    pub(super) recent: Coalescer,
    pub(super) against: Against<'a>,
    pub(super) gather: Gather<'a>,
    /// For each query: the user, the next item, and its row.
    pub(super) user_ids: Vec<u32>,
    pub(super) item_ids: Vec<u32>,
    pub(super) rows: Vec<u32>,
}

impl Feed for Histories<'_> {
    fn queries(&self) -> usize {
        self.examples.queries_of(self.length)
    }

    fn steps(&self) -> usize {
        self.examples.users.len().div_ceil(self.size)
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        self.order.clear();
        self.order.extend_from_slice(&self.examples.users);
        Random::new(seed, epoch).shuffle(&mut self.order);
        self.against.begin(seed, epoch);
        self.next = 0;
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        let Some(range) = next(&mut self.next, self.size, self.order.len()) else {
            return false;
        };
        let mut order = std::mem::take(&mut self.order);
        // Rows of a table are read fastest in ascending order.
        order[range.clone()].sort_unstable();
        self.fill_users(&order[range], &[], batch);
        self.order = order;
        true
    }
}

impl Pick for Histories<'_> {
    fn begin(&mut self, seed: u64, epoch: u64) {
        self.against.begin(seed, epoch);
    }

    fn fill(&mut self, users: &[u32], keys: &[u64], batch: &mut Batch) {
        assert_eq!(users.len(), keys.len(), "a key per user");
        self.fill_users(users, keys, batch);
    }
}

impl Histories<'_> {
    /// Writes the batch of these users, with their keys if there are any.
    fn fill_users(&mut self, users: &[u32], keys: &[u64], batch: &mut Batch) {
        let histories = &self.examples.histories;
        let positions = users
            .iter()
            .map(|&user| (user, self.examples.positions(user, self.length)));
        clear(batch);
        batch.every_position = true;
        batch.users.rows.clear();
        batch.users.inverse.clear();
        self.user_ids.clear();
        self.item_ids.clear();
        self.rows.clear();
        for (place, (user, range)) in (0..).zip(positions.clone()) {
            let count = range.len();
            batch.users.rows.push(user);
            batch
                .users
                .inverse
                .extend(std::iter::repeat_n(place, count));
            self.user_ids.extend(std::iter::repeat_n(user, count));
            let behind = range.start + 1..range.end + 1;
            let items = &histories.others(UserIx(user))[behind.clone()];
            self.item_ids.extend(items.iter().map(|item| item.0));
            self.rows
                .extend_from_slice(&histories.rows(UserIx(user))[behind]);
        }
        batch.queries = self.user_ids.len();
        for (key, (_, range)) in keys.iter().zip(positions.clone()) {
            let key_of = |at: usize| splitmix64(key ^ splitmix64(at as u64));
            batch.keys.extend(range.map(key_of));
        }
        if let Some(recent) = self.gather.own(batch) {
            recent.weights.clear();
            recent.ends.clear();
            let mut end = 0;
            recent.ends.extend(positions.clone().map(|(_, range)| {
                end += range.len() as u32;
                end
            }));
            let entries =
                positions.flat_map(|(user, range)| &histories.others(UserIx(user))[range]);
            self.recent
                .fill(entries.map(|item| item.0), &mut recent.column);
        }
        self.against.fill(&self.user_ids, &self.item_ids, batch);
        self.gather.fill_rows(batch, &self.rows);
    }
}
