//! The rows that a step asks for, where they come from, and where their gradients go.

use crate::spread_raters::Pooled;
use recburn_spread::{Asked, Ranks, Room};

/// The rows of one or more tables that the current step asks for.
#[derive(Default)]
pub(crate) struct Wanted {
    pub asked: Asked,
    /// The users of the items that are asked for, if the rows are theirs, pooled.
    pub pooled: Option<Pooled>,
    /// Their positions in the list of the group; `None` if they are all of it.
    pub at: Option<Vec<u32>>,
    /// The length of that list.
    pub len: usize,
    /// The number of the request.
    pub request: u64,
    /// The weight of the whole batch.
    pub weight: f64,
}

impl Wanted {
    /// The own rows that any process wants, ascending.
    pub fn rows(&self) -> &[u32] {
        match &self.pooled {
            Some(pooled) => pooled.rows(),
            None => self.asked.rows(),
        }
    }

    /// Whether the rows of the list are sums over those here.
    pub fn is_pooled(&self) -> bool {
        self.pooled.is_some()
    }

    /// The rows of the list, which `row` returns where they live; 0 for those that were not asked for. Their memory is taken
    /// from the room.
    pub fn answer<'a>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        row: impl Fn(u32) -> &'a [f32],
        room: &mut Room,
    ) -> Vec<f32> {
        if let Some(pooled) = &self.pooled {
            return pooled.answer(ranks, &self.asked, width, row);
        }
        let rows = self.asked.answer(ranks, width, row, room);
        let Some(at) = &self.at else {
            return std::mem::take(rows);
        };
        let mut list = vec![0.0; self.len * width];
        for (&at, row) in at.iter().zip(rows.chunks_exact(width)) {
            list[at as usize * width..][..width].copy_from_slice(row);
        }
        list
    }

    /// Sends the gradients of rows at these positions of the list, and returns the sums of those of [`Wanted::rows`]. It may
    /// leave the gradients in another order.
    pub fn add_up<'r>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        positions: &[u32],
        gradients: &mut [f32],
        room: &'r mut Room,
    ) -> &'r [f32] {
        let in_order = self.at.is_none()
            && positions.len() == self.len
            && positions
                .iter()
                .zip(0..)
                .all(|(&position, at)| position == at);
        if in_order && !self.is_pooled() {
            return self.asked.add_up(ranks, width, gradients, room);
        }
        let mut list = self.in_list(width, positions, gradients);
        if let Some(pooled) = &self.pooled {
            return room.hold(pooled.add_up(ranks, &self.asked, width, &mut list));
        }
        let Some(at) = &self.at else {
            return self.asked.add_up(ranks, width, &mut list, room);
        };
        let of = |&at: &u32| list[at as usize * width..][..width].iter().copied();
        let mut asked: Vec<f32> = at.iter().flat_map(of).collect();
        self.asked.add_up(ranks, width, &mut asked, room)
    }

    /// How often all processes look up [`Wanted::rows`], from how often this one looks up these positions of the list.
    pub fn look_ups(&self, ranks: &dyn Ranks, positions: &[u32], shares: &mut [f32]) -> Vec<f32> {
        match &self.pooled {
            None => {
                let room = &mut Room::default();
                self.add_up(ranks, 1, positions, shares, room).to_vec()
            }
            Some(pooled) => {
                let mut list = self.in_list(1, positions, shares);
                pooled.look_ups(ranks, &self.asked, &mut list)
            }
        }
    }

    /// Rows at these positions of the list, in its order; 0 for others.
    fn in_list(&self, width: usize, positions: &[u32], rows: &[f32]) -> Vec<f32> {
        let mut list = vec![0.0; self.len * width];
        for (&position, row) in positions.iter().zip(rows.chunks_exact(width)) {
            list[position as usize * width..][..width].copy_from_slice(row);
        }
        list
    }
}
