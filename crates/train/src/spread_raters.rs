//! Tables that are read by the users of an item, who live on several processes.
//!
//! What a model reads of such a table is a pooled row for each item: a sum over its users. Each process adds up the rows of
//! its own users, the owner of the item adds up these parts in the order of the processes, and whoever has the item in its
//! batch asks the owner for the whole. Gradients of pooled rows go back the same way, and reach all processes that have users
//! of the item.

use recburn_data::{ByItem, Ratings};
use recburn_graph::{Op, Pool};
use recburn_nn::Model;
use recburn_schema::{Bags, Column, Input, ItemIx};
use recburn_spread::{Asked, Ranks, Room, exchange, gather, number_of};
use std::cell::RefCell;
use std::rc::Rc;

/// The users of the items, as far as they are at home on this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raters {
    by_item: ByItem,
    /// The number of users of each item on all processes, repeated ones counted.
    counts: Vec<u64>,
    /// How the model pools their rows.
    pub how: Pool,
}

/// As the tables that read them share it.
pub(crate) type SharedRaters = Rc<RefCell<Raters>>;

/// How a model pools the rows of the users of an item; `None` if it does not, `Err` if it does in several ways.
pub(crate) fn pool_of<M: Model>(model: &M) -> Result<Option<Pool>, ()> {
    let Some(graph) = model.as_graph() else {
        return Ok(None);
    };
    let mut found = None;
    for node in graph.nodes() {
        let Op::Pool { how, .. } = &node.op else {
            continue;
        };
        let source = node.sources.first().map(|&at| &graph.nodes()[at]);
        let reads = |input: Input| input.name == Input::RATERS;
        if !source.and_then(|source| source.input()).is_some_and(reads) {
            continue;
        }
        if found.is_some_and(|other| other != *how) {
            return Err(());
        }
        found = Some(*how);
    }
    Ok(found)
}

impl Raters {
    /// The users of these ratings, of whose items all processes have so many ratings.
    pub fn set(&mut self, ratings: &Ratings, counts: Vec<u64>) {
        self.by_item = ByItem::of(ratings);
        self.counts = counts;
    }

    /// A bag of one entry for each of these items: the sum over its users, with the weight that pooling gives it.
    pub fn bags(&self, items: &[u32]) -> Bags {
        let positions: Vec<u32> = (0..items.len() as u32).collect();
        let weight = |&item: &u32| {
            let count = self.counts.get(item as usize).copied().unwrap_or(0).max(1) as f32;
            match self.how {
                Pool::Sum => 1.0,
                Pool::Mean => 1.0 / count,
                Pool::RootMean => 1.0 / count.sqrt(),
            }
        };
        Bags {
            ends: positions.iter().map(|at| at + 1).collect(),
            weights: items.iter().map(weight).collect(),
            column: Column {
                rows: positions.clone(),
                inverse: positions,
            },
        }
    }
}

/// The users at home of the items that any process has in its batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pooled {
    /// The number of these items that each process owns.
    owned: Vec<usize>,
    /// The rows of the distinct users here, ascending.
    rows: Vec<u32>,
    /// The end of each item's users, in the order of owners and of their items.
    ends: Vec<u32>,
    /// The position of each user among the distinct ones, and its weight.
    users: Vec<(u32, f32)>,
}

impl Pooled {
    /// Of the items that have been asked for. All processes call it.
    pub fn new(ranks: &dyn Ranks, asked: &Asked, raters: &Raters) -> Self {
        let mut pooled = Self::default();
        for (owner, rows) in gather(ranks, asked.rows()).into_iter().enumerate() {
            pooled.owned.push(rows.len());
            for row in rows {
                let item = ItemIx(number_of(row, owner, ranks.size()));
                let users = raters.by_item.others(item).iter();
                let users = users.zip(raters.by_item.ratings(item));
                pooled
                    .users
                    .extend(users.map(|(user, &weight)| (user.0, weight)));
                pooled.ends.push(pooled.users.len() as u32);
            }
        }
        pooled.rows = pooled.users.iter().map(|&(user, _)| user).collect();
        pooled.rows.sort_unstable();
        pooled.rows.dedup();
        for (user, _) in &mut pooled.users {
            *user = pooled.rows.partition_point(|row| row < user) as u32;
        }
        pooled
    }

    /// The rows of the users here, ascending.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The users of each item.
    fn items(&self) -> impl Iterator<Item = &[(u32, f32)]> {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let users = &self.users[begin..end as usize];
            begin = end as usize;
            users
        })
    }

    /// The pooled rows of the items that this process has asked for, whose users' rows `row` returns where they live.
    pub fn answer<'a>(
        &self,
        ranks: &dyn Ranks,
        asked: &Asked,
        width: usize,
        row: impl Fn(u32) -> &'a [f32],
    ) -> Vec<f32> {
        let mut parts = vec![0.0; self.ends.len() * width];
        for (users, part) in self.items().zip(parts.chunks_exact_mut(width)) {
            for &(user, weight) in users {
                let row = row(self.rows[user as usize]);
                for (sum, number) in part.iter_mut().zip(row) {
                    *sum += weight * number;
                }
            }
        }
        let counts: Vec<usize> = self.owned.iter().map(|items| items * width).collect();
        let own = asked.rows().len() * width;
        let received = exchange(ranks, &parts, &counts, &vec![own; ranks.size()]);
        let mut sums = vec![0.0; own];
        for part in received.chunks_exact(own.max(1)) {
            for (sum, number) in sums.iter_mut().zip(part) {
                *sum += number;
            }
        }
        let place = |row: u32| asked.rows().partition_point(|&known| known < row);
        let row = |row| &sums[place(row) * width..][..width];
        std::mem::take(asked.answer(ranks, width, row, &mut Room::default()))
    }

    /// The gradients of [`Pooled::rows`], from those of the items that this process has asked for.
    pub fn add_up(
        &self,
        ranks: &dyn Ranks,
        asked: &Asked,
        width: usize,
        gradients: &mut [f32],
    ) -> Vec<f32> {
        self.sums(ranks, asked, width, gradients, |weight| weight)
    }

    /// How often [`Pooled::rows`] are looked up, from how often these items are.
    pub fn look_ups(&self, ranks: &dyn Ranks, asked: &Asked, shares: &mut [f32]) -> Vec<f32> {
        self.sums(ranks, asked, 1, shares, |_| 1.0)
    }

    fn sums(
        &self,
        ranks: &dyn Ranks,
        asked: &Asked,
        width: usize,
        numbers: &mut [f32],
        weight_of: impl Fn(f32) -> f32,
    ) -> Vec<f32> {
        let room = &mut Room::default();
        let own = asked.add_up(ranks, width, numbers, room);
        let of_all = gather(ranks, own).concat();
        let mut sums = vec![0.0; self.rows.len() * width];
        for (users, numbers) in self.items().zip(of_all.chunks_exact(width)) {
            for &(user, weight) in users {
                let weight = weight_of(weight);
                let sums = &mut sums[user as usize * width..][..width];
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    *sum += weight * number;
                }
            }
        }
        sums
    }
}
