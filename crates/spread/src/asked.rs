//! Which rows the ranks want of each other in a step.

use crate::ranks::{Ranks, exchange_into};
use crate::request::{List, Request};
use bytemuck::Pod;

/// The exchange of the rows of a batch: this rank asks the owners of its items, or of other numbered things, for their rows,
/// answers what others ask of it, and sends gradients back the way the rows came. Ids travel once, whatever the number of
/// tables; they do not depend on weights, so a [`Request`] can be on its way during the step before.
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
        let asked = Request::new(ranks, &[items]).ask(ranks).pop();
        asked.expect("one list, one answer")
    }

    /// For rows that the ranks want, asker by asker.
    pub(crate) fn new(own: List, wanted: Vec<u32>, expected: Vec<usize>) -> Self {
        let mut rows = wanted.clone();
        rows.sort_unstable();
        rows.dedup();
        let place = |row: &u32| rows.partition_point(|known| known < row) as u32;
        Self {
            order: own.order,
            counts: own.counts,
            wanted: wanted.iter().map(place).collect(),
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
    pub fn answer<'a, 'r, T: Pod>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        row: impl Fn(u32) -> &'a [T],
        room: &'r mut Room<T>,
    ) -> &'r mut Vec<T> {
        let Room { send, receive } = room;
        send.clear();
        send.reserve_exact(self.wanted.len() * width);
        for &place in &self.wanted {
            send.extend_from_slice(row(self.rows[place as usize]));
        }
        match ranks.size() {
            1 => std::mem::swap(send, receive),
            _ => {
                let (counts, expected) = (times(&self.expected, width), times(&self.counts, width));
                fit(receive, expected.iter().sum());
                exchange_into(ranks, send, &counts, &expected, receive);
            }
        }
        scatter(receive, width, &self.order);
        receive
    }

    /// Sends the gradients of the batch's items to their owners, and returns the sums of those of [`Asked::rows`], added in
    /// the order of ranks. It leaves the gradients in another order.
    pub fn add_up<'r>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        gradients: &mut [f32],
        room: &'r mut Room<f32>,
    ) -> &'r [f32] {
        collect(gradients, width, &self.order);
        let Room {
            send: received,
            receive: sums,
        } = room;
        let received = match ranks.size() {
            1 => gradients,
            _ => {
                let (counts, expected) = (times(&self.counts, width), times(&self.expected, width));
                fit(received, expected.iter().sum());
                exchange_into(ranks, gradients, &counts, &expected, received);
                &mut received[..]
            }
        };
        sums.clear();
        fit(sums, self.rows.len() * width);
        for (&place, gradient) in self.wanted.iter().zip(received.chunks_exact(width)) {
            let sum = &mut sums[place as usize * width..][..width];
            for (sum, gradient) in sum.iter_mut().zip(gradient) {
                *sum += gradient;
            }
        }
        sums
    }
}

/// The memory of an exchange of rows, kept to reuse it.
#[derive(Clone, Debug, Default)]
pub struct Room<T = f32> {
    send: Vec<T>,
    receive: Vec<T>,
}

impl<T> Room<T> {
    /// Puts back the memory of rows that were taken from what [`Asked::answer`] returned.
    pub fn put_back(&mut self, rows: Vec<T>) {
        if rows.capacity() > self.receive.capacity() {
            self.receive = rows;
        }
    }

    /// Keeps rows that come another way where those of an exchange would be.
    pub fn hold(&mut self, rows: Vec<T>) -> &mut Vec<T> {
        self.receive = rows;
        &mut self.receive
    }
}

/// Gives a vector a length, and not much more memory than it needs: batches differ little.
fn fit<T: Pod>(numbers: &mut Vec<T>, len: usize) {
    if numbers.capacity() < len {
        *numbers = Vec::with_capacity(len + len / 32);
    }
    numbers.resize(len, T::zeroed());
}

/// Moves each row to its place, `to[row]`, within the same memory.
fn scatter<T: Pod>(rows: &mut [T], width: usize, to: &[u32]) {
    along_cycles(to, |first, _, next| swap_rows(rows, width, first, next));
}

/// Moves the row at each place, `from[row]`, to that row: the reverse of [`scatter`].
fn collect<T: Pod>(rows: &mut [T], width: usize, from: &[u32]) {
    along_cycles(from, |_, at, next| swap_rows(rows, width, at, next));
}

/// Passes on every step of the cycles of a permutation but the last, which closes it: where the cycle begins, and where the
/// step leads from and to.
fn along_cycles(permutation: &[u32], mut step: impl FnMut(usize, usize, usize)) {
    let mut seen = vec![false; permutation.len()];
    for first in 0..permutation.len() {
        let mut at = first;
        while !seen[at] {
            seen[at] = true;
            let next = permutation[at] as usize;
            if next != first {
                step(first, at, next);
            }
            at = next;
        }
    }
}

/// Swaps two different rows.
fn swap_rows<T: Pod>(rows: &mut [T], width: usize, one: usize, other: usize) {
    let (before, after) = rows.split_at_mut(one.max(other) * width);
    before[one.min(other) * width..][..width].swap_with_slice(&mut after[..width]);
}

fn times(counts: &[usize], width: usize) -> Vec<usize> {
    counts.iter().map(|count| count * width).collect()
}
