//! The upper triangle of a symmetric matrix, stored for products of its blocks.

use rayon::prelude::*;

/// The columns of a panel: what a product reads and writes at a time.
pub(crate) const PANEL: usize = 32;

/// The columns of a group, which one thread works on, and the rows of a block: a multiple of [`PANEL`] and of
/// [`ROWS`](crate::tiles::ROWS).
pub(crate) const GROUP: usize = 96;

/// The upper triangle of a symmetric matrix `[n, n]`, filled up with zeros to a multiple of [`GROUP`].
///
/// Group `g` holds the columns from `96 g` on in three panels, each `[96 (g + 1), 32]` row by row: the rows above the
/// diagonal, and the block on it. Neighbouring rows of a panel are adjacent in memory, which row by row they would not
/// be: products run through memory in order, and the matrix takes half of the space.
pub(crate) struct Triangle {
    n: usize,
    values: Vec<f32>,
}

impl Triangle {
    /// Zeros.
    pub(crate) fn zeros(n: usize) -> Self {
        Self {
            n,
            values: vec![0.0; start(n.div_ceil(GROUP))],
        }
    }

    /// The number of rows and columns.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// The number of groups.
    pub(crate) fn groups(&self) -> usize {
        self.n.div_ceil(GROUP)
    }

    /// The rows of a panel.
    pub(crate) fn panel(&self, panel: usize) -> &[f32] {
        let group = panel * PANEL / GROUP;
        let size = rows(group) * PANEL;
        let from = start(group) + panel % (GROUP / PANEL) * size;
        &self.values[from..from + size]
    }

    /// All groups for writing, on all threads.
    pub(crate) fn par_groups_mut(
        &mut self,
    ) -> impl IndexedParallelIterator<Item = (usize, &mut [f32])> {
        let mut groups = Vec::with_capacity(self.groups());
        let mut rest = self.values.as_mut_slice();
        for group in 0..self.n.div_ceil(GROUP) {
            let (first, others) = rest.split_at_mut(rows(group) * GROUP);
            groups.push((group, first));
            rest = others;
        }
        groups.into_par_iter().with_max_len(1)
    }

    /// A square block of [`PANEL`] rows and columns on either side of the diagonal, by the numbers of such blocks.
    pub(crate) fn block(&self, row: usize, column: usize, into: &mut [f32; PANEL * PANEL]) {
        const SIZE: usize = PANEL * PANEL;
        if row <= column {
            into.copy_from_slice(&self.panel(column)[row * SIZE..(row + 1) * SIZE]);
        } else {
            transpose(&self.panel(row)[column * SIZE..(column + 1) * SIZE], into);
        }
        if row == column {
            for row in 1..PANEL {
                for column in 0..row {
                    into[row * PANEL + column] = into[column * PANEL + row];
                }
            }
        }
    }

    /// Adds to every value on the diagonal.
    pub(crate) fn add_to_diagonal(&mut self, value: f32) {
        for item in 0..self.n {
            let place = self.place(item, item);
            self.values[place] += value;
        }
    }

    /// The value at a place above the diagonal or on it.
    pub(crate) fn get(&self, row: usize, column: usize) -> f32 {
        self.values[self.place(row, column)]
    }

    fn place(&self, row: usize, column: usize) -> usize {
        let (group, within) = (column / GROUP, column % GROUP);
        let row = within / PANEL * rows(group) + row;
        start(group) + row * PANEL + column % PANEL
    }
}

/// The rows of a group.
pub(crate) fn rows(group: usize) -> usize {
    (group + 1) * GROUP
}

/// Where a group starts.
fn start(group: usize) -> usize {
    group * (group + 1) / 2 * GROUP * GROUP
}

/// The bytes of such a triangle.
pub(crate) fn bytes(n: usize) -> u64 {
    start(n.div_ceil(GROUP)) as u64 * 4
}

/// Copies the transpose of a block of [`PANEL`] rows of this width.
pub(crate) fn transpose(from: &[f32], into: &mut [f32]) {
    let width = from.len() / PANEL;
    for (row, values) in from.chunks_exact(width.max(1)).enumerate() {
        for (into, value) in into.iter_mut().skip(row).step_by(PANEL).zip(values) {
            *into = *value;
        }
    }
}
