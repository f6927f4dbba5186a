//! How the entries of a batch relate to each other.

use crate::program::{Axis, Ids, Program};
use recburn_optim::Column;
use recburn_schema::{Bags, Batch, Candidates, Values, splitmix64};
use std::borrow::Cow;
use std::cell::OnceCell;

/// A batch, with the positions of its pairs along the other axes.
pub(crate) struct Layout<'a> {
    pub batch: &'a Batch,
    pairs: usize,
    /// Where each sequence ends among the entries, if the graph looks a sequence up step by step.
    pub ends: &'a [u32],
    /// Computed when first needed: they are long if many queries share many candidates.
    users: OnceCell<Cow<'a, [u32]>>,
    items: OnceCell<Cow<'a, [u32]>>,
}

impl<'a> Layout<'a> {
    /// The layout of a batch for this program.
    ///
    /// # Panics
    ///
    /// If every entry of a sequence is a query, but the number of queries differs from the number of entries.
    pub fn new(batch: &'a Batch, program: &Program) -> Self {
        let ends = match program.sequence {
            Some(ids) => bags_of(batch, ids).ends.as_slice(),
            None => &[],
        };
        let layout = Self {
            batch,
            pairs: batch.scores(),
            ends,
            users: OnceCell::new(),
            items: OnceCell::new(),
        };
        let entries = layout.rows(Axis::Entries);
        assert!(
            !program.every_position || entries == batch.queries,
            "a batch with a query for every position has {} queries for {entries} positions of the sequence",
            batch.queries
        );
        layout
    }

    /// Each pair's position among the distinct users; borrowed from the batch if each query has one candidate of its own.
    fn users(&self) -> &[u32] {
        let users = &self.batch.users.inverse;
        self.users
            .get_or_init(|| match self.batch.candidates.per_query() {
                1 => Cow::Borrowed(users),
                count => {
                    let repeated = users.iter().flat_map(|&at| std::iter::repeat_n(at, count));
                    Cow::Owned(repeated.collect())
                }
            })
    }

    /// Each pair's position among the distinct items.
    fn items(&self) -> &[u32] {
        let items = &self.batch.items.inverse;
        self.items.get_or_init(|| match self.batch.candidates {
            Candidates::Each(_) => Cow::Borrowed(items),
            Candidates::Shared(_) => Cow::Owned(items.repeat(self.batch.queries)),
        })
    }

    /// The number of rows of a value along an axis.
    pub fn rows(&self, axis: Axis) -> usize {
        match axis {
            Axis::Users => self.batch.users.rows.len(),
            Axis::Items => self.batch.items.rows.len(),
            Axis::Entries => self.ends.last().map_or(0, |&end| end as usize),
            Axis::Queries => self.batch.queries,
            Axis::Pairs => self.pairs,
        }
    }

    /// The position of each pair along an axis.
    pub fn places(&self, axis: Axis) -> Cow<'_, [u32]> {
        match axis {
            Axis::Users => Cow::Borrowed(self.users()),
            Axis::Items => Cow::Borrowed(self.items()),
            Axis::Queries => {
                let count = self.batch.candidates.per_query() as u32;
                Cow::Owned((0..self.pairs as u32).map(|pair| pair / count).collect())
            }
            Axis::Pairs => Cow::Owned((0..self.pairs as u32).collect()),
            Axis::Entries => unreachable!("a step is no value of pairs"),
        }
    }

    /// The keys of the rows of a value along an axis, on which random numbers depend; `None` if they depend on positions.
    ///
    /// An entry of a sequence that is no query has the key of its list's first query, and its distance from the end.
    pub fn keys(&self, axis: Axis) -> Option<Vec<u64>> {
        let keys = &self.batch.keys;
        if keys.is_empty() {
            return None;
        }
        let queries = keys.iter().copied();
        match axis {
            Axis::Queries => Some(queries.collect()),
            Axis::Pairs => {
                let candidates = 0..self.batch.candidates.per_query() as u64;
                let of = |key: u64| candidates.clone().map(move |at| splitmix64(key ^ at));
                Some(queries.flat_map(of).collect())
            }
            Axis::Entries if self.batch.every_position => Some(queries.collect()),
            Axis::Users => Some(self.keys_of_users()),
            Axis::Entries => {
                let of_user = self.keys_of_users();
                let begins = std::iter::once(0).chain(self.ends.iter().copied());
                let lists = begins.zip(self.ends).zip(of_user);
                let of = |((begin, &end), key)| {
                    (begin..end).map(move |at| splitmix64(key ^ u64::from(end - at)))
                };
                Some(lists.flat_map(of).collect())
            }
            // Masks are drawn for pairs and for steps, and noise for users.
            Axis::Items => None,
        }
    }

    /// The key of each user's first query.
    fn keys_of_users(&self) -> Vec<u64> {
        let mut of_user = vec![0; self.batch.users.rows.len()];
        let queries = self.batch.users.inverse.iter().zip(&self.batch.keys);
        for (&user, &key) in queries.rev() {
            of_user[user as usize] = key;
        }
        of_user
    }

    /// The distinct rows of a column, and the position of each entry's row among them; `None` if the entries are the
    /// rows themselves.
    ///
    /// # Panics
    /// If the batch has other inputs than the graph reads, because its feed was not made for this model.
    pub fn ids(&self, ids: Ids, axis: Axis) -> (&[u32], Option<&[u32]>) {
        let pairs = axis == Axis::Pairs;
        match ids {
            Ids::Users => (&self.batch.users.rows, pairs.then(|| self.users())),
            Ids::Items => (&self.batch.items.rows, pairs.then(|| self.items())),
            Ids::Other(at) => match &self.batch.others[at] {
                Values::Ids(column) => (&column.rows, Some(&column.inverse)),
                Values::Bags(bags) => (&bags.column.rows, Some(&bags.column.inverse)),
                Values::Numbers(_) => panic!("input {at} of a batch has numbers instead of ids"),
            },
        }
    }

    /// The same with the position of every entry, for summing by row.
    pub fn column(&self, ids: Ids, axis: Axis) -> Option<Column<'_>> {
        let (rows, inverse) = self.ids(ids, axis);
        inverse.map(|inverse| Column { rows, inverse })
    }

    /// The bags of an input.
    ///
    /// # Panics
    /// As [`Layout::ids`].
    pub fn bags(&self, ids: Ids) -> &'a Bags {
        bags_of(self.batch, ids)
    }

    /// The numbers of an input.
    ///
    /// # Panics
    /// As [`Layout::ids`].
    pub fn numbers(&self, at: usize) -> &'a [f32] {
        match &self.batch.others[at] {
            Values::Numbers(numbers) => numbers,
            Values::Ids(_) | Values::Bags(_) => {
                panic!("input {at} of a batch has no numbers, which the graph reads")
            }
        }
    }
}

fn bags_of(batch: &Batch, ids: Ids) -> &Bags {
    match ids {
        Ids::Other(at) => match &batch.others[at] {
            Values::Bags(bags) => bags,
            Values::Ids(_) | Values::Numbers(_) => {
                panic!("input {at} of a batch has no bags, which the graph reads")
            }
        },
        Ids::Users | Ids::Items => unreachable!("users and items are no bags"),
    }
}

/// The distinct rows of a column of a batch.
pub(crate) fn rows_of(batch: &Batch, ids: Ids) -> &[u32] {
    match ids {
        Ids::Users => &batch.users.rows,
        Ids::Items => &batch.items.rows,
        Ids::Other(at) => match &batch.others[at] {
            Values::Ids(column) => &column.rows,
            Values::Bags(bags) => &bags.column.rows,
            Values::Numbers(_) => &[],
        },
    }
}
