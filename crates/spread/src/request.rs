//! Requests for rows, on their way while something else is done.

use crate::asked::Asked;
use crate::homes::{owner_of, row_of};
use crate::ranks::{Ranks, exchange, exchange_during};
use bytemuck::Pod;

/// Requests for the rows of several lists of items, whose owners have not been told yet. All lists travel together.
pub struct Request {
    lists: Vec<List>,
    /// The rows asked of each owner, owner by owner, and of each list by list.
    rows: Vec<u32>,
    /// The number of rows asked of each owner.
    sizes: Vec<usize>,
}

/// Items of one list.
pub(crate) struct List {
    /// The position of each in the list, owner by owner.
    pub order: Vec<u32>,
    /// The number of items of each owner.
    pub counts: Vec<usize>,
}

/// Requests whose owners know how many rows they are asked for.
pub struct Told {
    request: Request,
    /// The number of rows that each rank wants of each list, rank by rank.
    expected: Vec<u64>,
}

impl Request {
    /// Requests for these lists of distinct items; every rank has as many.
    pub fn new(ranks: &dyn Ranks, lists: &[impl AsRef<[u32]>]) -> Self {
        let size = ranks.size();
        // Of each owner, the rows of each list.
        let mut rows = vec![vec![Vec::new(); lists.len()]; size];
        let list = |(at, items): (usize, &[u32])| {
            let mut order: Vec<Vec<u32>> = vec![Vec::new(); size];
            for (place, &item) in (0..).zip(items) {
                let owner = owner_of(item, size);
                rows[owner][at].push(row_of(item, size));
                order[owner].push(place);
            }
            List {
                counts: order.iter().map(Vec::len).collect(),
                order: order.concat(),
            }
        };
        let items = lists.iter().map(AsRef::as_ref).enumerate();
        let lists: Vec<List> = items.map(list).collect();
        let rows: Vec<Vec<u32>> = rows.iter().map(|of_owner| of_owner.concat()).collect();
        Self {
            lists,
            sizes: rows.iter().map(Vec::len).collect(),
            rows: rows.concat(),
        }
    }

    /// Asks the owners at once. All ranks call it.
    pub fn ask(self, ranks: &dyn Ranks) -> Vec<Asked> {
        self.tell(ranks, None).send(ranks, None)
    }

    /// Tells the owners how many rows they are asked for, while `work` runs. All ranks call it.
    pub fn told_during(self, ranks: &dyn Ranks, work: &mut dyn FnMut()) -> Told {
        self.tell(ranks, Some(work))
    }

    fn tell(self, ranks: &dyn Ranks, work: Option<&mut dyn FnMut()>) -> Told {
        let of_owner = |owner| self.lists.iter().map(move |list| list.counts[owner] as u64);
        let counts: Vec<u64> = (0..ranks.size()).flat_map(of_owner).collect();
        let each = vec![self.lists.len(); ranks.size()];
        Told {
            expected: travel(ranks, &counts, &each, &each, work),
            request: self,
        }
    }
}

impl Told {
    /// Asks the owners for their rows, while `work` runs. All ranks call it.
    pub fn sent_during(self, ranks: &dyn Ranks, work: &mut dyn FnMut()) -> Vec<Asked> {
        self.send(ranks, Some(work))
    }

    fn send(self, ranks: &dyn Ranks, work: Option<&mut dyn FnMut()>) -> Vec<Asked> {
        let Request { lists, rows, sizes } = self.request;
        let count = lists.len();
        // `[ranks, lists]`
        let expected: Vec<usize> = self
            .expected
            .iter()
            .map(|&wanted| wanted as usize)
            .collect();
        let of_rank = |rank: usize| expected[rank * count..][..count].iter().sum();
        let all: Vec<usize> = (0..ranks.size()).map(of_rank).collect();
        let received = travel(ranks, &rows, &sizes, &all, work);
        let mut wanted = vec![Vec::new(); count];
        let mut rest = &received[..];
        for (at, &rows) in expected.iter().enumerate() {
            let (own, others) = rest.split_at(rows);
            rest = others;
            wanted[at % count].extend_from_slice(own);
        }
        let of_list = |(at, (own, wanted)): (usize, (List, Vec<u32>))| {
            let expected = expected.iter().skip(at).step_by(count).copied();
            Asked::new(own, wanted, expected.collect())
        };
        let lists = lists.into_iter().zip(wanted).enumerate();
        lists.map(of_list).collect()
    }
}

/// An exchange, during some work if there is any.
fn travel<T: Pod>(
    ranks: &dyn Ranks,
    send: &[T],
    counts: &[usize],
    expected: &[usize],
    work: Option<&mut dyn FnMut()>,
) -> Vec<T> {
    match work {
        Some(work) => exchange_during(ranks, send, counts, expected, work),
        None => exchange(ranks, send, counts, expected),
    }
}
