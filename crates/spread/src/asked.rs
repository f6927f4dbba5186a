//! Which rows the ranks want of each other in a step.

use crate::homes::{owner_of, row_of};
use crate::ranks::{Ranks, exchange, share_counts};
use bytemuck::Pod;

/// The exchange of the rows of a batch: this rank asks the owners of its items, or of other numbered things, for their rows,
/// answers what others ask of it, and sends gradients back the way the rows came. Ids travel once, whatever the number of
/// tables.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The position of each asked item among those of the batch, owner by owner.
    order: Vec<u32>,
    /// The number of items asked of each owner.
    counts: Vec<usize>,
    /// The position of each wanted row among the distinct ones, asker by asker.
    wanted: Vec<u32>,
    /// The number of rows that each rank wants.
    expected: Vec<usize>,
    /// The own rows that any rank wants, ascending.
    rows: Vec<u32>,
}

impl Asked {
    /// Asks the owners of these distinct items.
    pub fn ask(ranks: &dyn Ranks, items: &[u32]) -> Self {
        let size = ranks.size();
        let mut of_owner: Vec<Vec<u32>> = vec![Vec::new(); size];
        let mut order: Vec<Vec<u32>> = vec![Vec::new(); size];
        for (place, &item) in (0..).zip(items) {
            let owner = owner_of(item, size);
            of_owner[owner].push(row_of(item, size));
            order[owner].push(place);
        }
        let counts: Vec<usize> = of_owner.iter().map(Vec::len).collect();
        let expected = share_counts(ranks, &counts);
        let asked: Vec<u32> = exchange(ranks, &of_owner.concat(), &counts, &expected);
        let mut rows = asked.clone();
        rows.sort_unstable();
        rows.dedup();
        let place = |row: &u32| rows.partition_point(|known| known < row) as u32;
        Self {
            order: order.concat(),
            wanted: asked.iter().map(place).collect(),
            counts,
            expected,
            rows,
        }
    }

    /// The own rows that any rank wants, ascending.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The number of items that this rank has asked for.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether this rank has asked for none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Sends the wanted rows, which `row` returns by their number here, and returns those of the batch's items, in the order
    /// in which they were asked for.
    pub fn answer<'a, T: Pod>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        row: impl Fn(u32) -> &'a [T],
    ) -> Vec<T> {
        let mut send = Vec::with_capacity(self.wanted.len() * width);
        for &place in &self.wanted {
            send.extend_from_slice(row(self.rows[place as usize]));
        }
        let received = exchange(
            ranks,
            &send,
            &times(&self.expected, width),
            &times(&self.counts, width),
        );
        drop(send);
        let mut rows = vec![T::zeroed(); received.len()];
        for (&place, row) in self.order.iter().zip(received.chunks_exact(width)) {
            rows[place as usize * width..][..width].copy_from_slice(row);
        }
        rows
    }

    /// Sends the gradients of the batch's items to their owners, and returns the sums of those of [`Asked::rows`], added in
    /// the order of ranks.
    pub fn add_up(&self, ranks: &dyn Ranks, width: usize, gradients: &[f32]) -> Vec<f32> {
        let mut send = Vec::with_capacity(gradients.len());
        for &place in &self.order {
            send.extend_from_slice(&gradients[place as usize * width..][..width]);
        }
        let received: Vec<f32> = exchange(
            ranks,
            &send,
            &times(&self.counts, width),
            &times(&self.expected, width),
        );
        drop(send);
        let mut sums = vec![0.0; self.rows.len() * width];
        for (&place, gradient) in self.wanted.iter().zip(received.chunks_exact(width)) {
            let sum = &mut sums[place as usize * width..][..width];
            for (sum, gradient) in sum.iter_mut().zip(gradient) {
                *sum += gradient;
            }
        }
        sums
    }
}

fn times(counts: &[usize], width: usize) -> Vec<usize> {
    counts.iter().map(|count| count * width).collect()
}
