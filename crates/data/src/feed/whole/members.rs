//! Batches of users with all their ratings, or of items with all theirs.

use super::hide::Hide;
use super::{Groups, Whole};
use crate::by_user::Grouped;
use crate::coalesce::Coalescer;
use crate::features::Gather;
use crate::feed::against::next;
use crate::feed::{Examples, Feed, Pick, clear};
use crate::random::Random;
use crate::row_keys::splitmix64;
use recburn_schema::{Batch, Candidates, Column, Index, ItemIx, UserIx};

/// The batches of [`Whole`].
pub(super) struct Members<'a> {
    pub(super) examples: &'a Whole<'a>,
    pub(super) size: usize,
    pub(super) members: Vec<u32>,
    pub(super) order: Vec<u32>,
    pub(super) next: usize,
    /// For the other side of the ratings.
    pub(super) others: Coalescer,
    pub(super) gather: Gather<'a>,
    /// The row of each query.
    pub(super) rows: Vec<u32>,
    pub(super) hide: Hide,
}

impl Feed for Members<'_> {
    fn queries(&self) -> usize {
        self.examples.queries()
    }

    fn steps(&self) -> usize {
        self.members.len().div_ceil(self.size)
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        self.order.clone_from(&self.members);
        Random::new(seed, epoch).shuffle(&mut self.order);
        self.next = 0;
        self.hide.begin(seed, epoch);
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        let Some(range) = next(&mut self.next, self.size, self.order.len()) else {
            return false;
        };
        // Rows of a table are read fastest in ascending order.
        let mut order = std::mem::take(&mut self.order);
        order[range.clone()].sort_unstable();
        self.fill_members(&order[range], &[], batch);
        self.order = order;
        true
    }
}

impl Pick for Members<'_> {
    fn begin(&mut self, seed: u64, epoch: u64) {
        self.hide.begin(seed, epoch);
    }

    fn fill(&mut self, users: &[u32], keys: &[u64], batch: &mut Batch) {
        assert_eq!(users.len(), keys.len(), "a key per user");
        self.fill_members(users, keys, batch);
    }
}

impl Members<'_> {
    /// Writes the batch of these users or items, with their keys if there are any.
    fn fill_members(&mut self, members: &[u32], keys: &[u64], batch: &mut Batch) {
        clear(batch);
        self.rows.clear();
        let Batch {
            users,
            items,
            targets,
            ..
        } = batch;
        match &self.examples.groups {
            Groups::Users(groups) => {
                let others =
                    fill_groups::<UserIx, ItemIx>(groups, members, users, targets, &mut self.rows);
                self.others.fill(others, items);
            }
            Groups::Items(groups) => {
                let others =
                    fill_groups::<ItemIx, UserIx>(groups, members, items, targets, &mut self.rows);
                self.others.fill(others, users);
            }
            Groups::Profiles {
                histories,
                items: all,
            } => {
                batch.candidates = Candidates::Shared(all.len());
                distinct(users, members);
                distinct(items, all);
                targets.resize(members.len() * all.len(), 0.0);
                for (&user, targets) in members.iter().zip(targets.chunks_exact_mut(all.len())) {
                    for item in histories.others(UserIx(user)) {
                        targets[all.partition_point(|&other| other < item.0)] = 1.0;
                    }
                }
            }
        }
        batch.queries = batch.users.len();
        match (&self.examples.groups, keys) {
            (_, []) => {}
            (Groups::Profiles { .. }, keys) => batch.keys.extend_from_slice(keys),
            (Groups::Users(groups), keys) => {
                for (&user, key) in members.iter().zip(keys) {
                    let ratings = 0..groups.others(UserIx(user)).len() as u64;
                    batch
                        .keys
                        .extend(ratings.map(|at| splitmix64(key ^ splitmix64(at))));
                }
            }
            (Groups::Items(groups), keys) => {
                for (&item, key) in members.iter().zip(keys) {
                    let rows = groups.rows(ItemIx(item)).iter();
                    let own = rows.zip(0..).map(|(&row, at)| {
                        let of_rating = self.examples.keys.get(row as usize).copied();
                        splitmix64(key ^ splitmix64(of_rating.unwrap_or(at)))
                    });
                    batch.keys.extend(own);
                }
            }
        }
        self.gather.fill_rows(batch, &self.rows);
        self.hide.hide(keys, batch);
    }
}

/// A column of distinct rows, in this order.
fn distinct(column: &mut Column, rows: &[u32]) {
    column.rows.clear();
    column.rows.extend_from_slice(rows);
    column.inverse.clear();
    column.inverse.extend(0..rows.len() as u32);
}

/// Fills in the members' own side, ratings and rows; returns the ids of the other side.
fn fill_groups<'b, By: Index, Other: Index>(
    groups: &'b Grouped<By, Other>,
    members: &'b [u32],
    own: &mut Column,
    targets: &mut Vec<f32>,
    rows: &mut Vec<u32>,
) -> impl Iterator<Item = u32> + 'b {
    own.rows.clear();
    own.rows.extend_from_slice(members);
    own.inverse.clear();
    for (place, &member) in (0..).zip(members) {
        let ratings = groups.ratings(By::new(member));
        own.inverse
            .extend(std::iter::repeat_n(place, ratings.len()));
        targets.extend_from_slice(ratings);
        rows.extend_from_slice(groups.rows(By::new(member)));
    }
    let others = members
        .iter()
        .flat_map(|&member| groups.others(By::new(member)));
    others.map(|other| other.row())
}
