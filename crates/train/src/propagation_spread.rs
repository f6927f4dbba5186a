//! Smoothing of rows along a graph whose items are on several processes.

use crate::propagation::{scale_of, scaled};
use recburn_spread::{Asked, Ranks, Room};
use std::fmt;
use std::rc::Rc;

/// The rows of the items that the users at home have, which live on several processes.
///
/// A layer needs the row of each such item once, and its owner needs the sum over the users of each process once: two rows
/// on the wire for each item, layer and direction. Parts of sums are added in the order of the processes.
pub(crate) struct Between {
    ranks: Rc<dyn Ranks>,
    asked: Asked,
    /// Of the rows that live here, by the interactions of all processes.
    scales: Vec<f32>,
}

impl fmt::Debug for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Between")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

impl Between {
    /// Asks for these distinct items, of which users at home have so many interactions; `rows` live here.
    pub fn new(ranks: Rc<dyn Ranks>, items: &[u32], mut counts: Vec<f32>, rows: usize) -> Self {
        let asked = Asked::ask(&*ranks, items);
        let mut scales = vec![0.0; rows];
        let room = &mut Room::default();
        let sums = asked.add_up(&*ranks, 1, &mut counts, room);
        for (&row, &count) in asked.rows().iter().zip(sums) {
            scales[row as usize] = scale_of(count);
        }
        Self {
            ranks,
            asked,
            scales,
        }
    }

    /// The rows of the items that are asked for, multiplied by their scales; `own` has those that live here.
    pub fn scaled_rows(&self, own: &[f32], width: usize) -> Vec<f32> {
        let mut products = Vec::new();
        scaled(own, &self.scales, width, &mut products);
        let row = |row: u32| &products[row as usize * width..][..width];
        std::mem::take(
            self.asked
                .answer(&*self.ranks, width, row, &mut Room::default()),
        )
    }

    /// Replaces the rows that live here by the scaled sums of all parts.
    pub fn add_up(&self, parts: &mut [f32], width: usize, own: &mut [f32]) {
        let room = &mut Room::default();
        let sums = self.asked.add_up(&*self.ranks, width, parts, room);
        own.fill(0.0);
        for (&row, sum) in self.asked.rows().iter().zip(sums.chunks_exact(width)) {
            let scale = self.scales[row as usize];
            let own = &mut own[row as usize * width..][..width];
            for (own, sum) in own.iter_mut().zip(sum) {
                *own = scale * sum;
            }
        }
    }
}
