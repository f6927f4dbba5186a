//! How the entries of a batch relate to each other.

use crate::program::{Axis, Ids};
use recburn_optim::Column;
use recburn_schema::{Bags, Batch, Candidates, Values};
use std::borrow::Cow;

/// A batch, with the positions of its pairs along the other axes.
pub(crate) struct Layout<'a> {
    pub batch: &'a Batch,
    pairs: usize,
    users: Cow<'a, [u32]>,
    items: Cow<'a, [u32]>,
}

impl<'a> Layout<'a> {
    /// Borrowed from the batch if each query has one candidate of its own.
    pub fn new(batch: &'a Batch) -> Self {
        let (users, items) = (&batch.users.inverse, &batch.items.inverse);
        Self {
            batch,
            pairs: batch.scores(),
            users: match batch.candidates.per_query() {
                1 => Cow::Borrowed(users),
                count => {
                    let repeated = users.iter().flat_map(|&at| std::iter::repeat_n(at, count));
                    Cow::Owned(repeated.collect())
                }
            },
            items: match batch.candidates {
                Candidates::Each(_) => Cow::Borrowed(items),
                Candidates::Shared(_) => Cow::Owned(items.repeat(batch.queries)),
            },
        }
    }

    /// The number of rows of a value along an axis.
    pub fn rows(&self, axis: Axis) -> usize {
        match axis {
            Axis::Users => self.batch.users.rows.len(),
            Axis::Items => self.batch.items.rows.len(),
            Axis::Queries => self.batch.queries,
            Axis::Pairs => self.pairs,
        }
    }

    /// The position of each pair along an axis.
    pub fn places(&self, axis: Axis) -> Cow<'_, [u32]> {
        match axis {
            Axis::Users => Cow::Borrowed(&self.users),
            Axis::Items => Cow::Borrowed(&self.items),
            Axis::Queries => {
                let count = self.batch.candidates.per_query() as u32;
                Cow::Owned((0..self.pairs as u32).map(|pair| pair / count).collect())
            }
            Axis::Pairs => Cow::Owned((0..self.pairs as u32).collect()),
        }
    }

    /// The distinct rows of a column, and the position of each entry's row among them; `None` if the entries are the
    /// rows themselves.
    ///
    /// # Panics If the batch has other inputs than the graph reads, because its feed was not made for this model.
    pub fn ids(&self, ids: Ids, axis: Axis) -> (&[u32], Option<&[u32]>) {
        let (column, of_pairs) = match ids {
            Ids::Users => (&self.batch.users, &self.users),
            Ids::Items => (&self.batch.items, &self.items),
            Ids::Other(at) => match &self.batch.others[at] {
                Values::Ids(column) => return (&column.rows, Some(&column.inverse)),
                Values::Bags(bags) => return (&bags.column.rows, Some(&bags.column.inverse)),
                Values::Numbers(_) => panic!("input {at} of a batch has numbers instead of ids"),
            },
        };
        (&column.rows, (axis == Axis::Pairs).then_some(of_pairs))
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
        match ids {
            Ids::Other(at) => match &self.batch.others[at] {
                Values::Bags(bags) => bags,
                Values::Ids(_) | Values::Numbers(_) => {
                    panic!("input {at} of a batch has no bags, which the graph reads")
                }
            },
            Ids::Users | Ids::Items => unreachable!("users and items are not bags"),
        }
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
