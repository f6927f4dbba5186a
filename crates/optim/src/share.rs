//! Rows of a table, dealt out to threads.

/// Weights, or their steps, from which handing work to another thread costs less than it saves: some 20 microseconds.
pub(crate) const THREADS_PAY: usize = 1 << 16;

/// Some rows of a table and the stretch of it that holds them.
pub(crate) struct Share<'a> {
    /// The rows, in any order within the stretch.
    pub rows: &'a [u32],
    /// The row that the stretch begins with.
    pub first: usize,
    /// Numbers of a row.
    pub stride: usize,
    /// The stretch.
    pub cells: &'a mut [f32],
    /// The steps up to which its rows have been brought.
    pub marks: &'a mut [u32],
}

impl Share<'_> {
    /// Calls `visit` with each row's place among the rows, its numbers and its mark.
    #[inline(always)]
    pub fn each(self, mut visit: impl FnMut(usize, &mut [f32], &mut u32)) {
        for (at, &row) in self.rows.iter().enumerate() {
            let row = row as usize - self.first;
            let cells = &mut self.cells[row * self.stride..][..self.stride];
            visit(at, cells, &mut self.marks[row]);
        }
    }
}

/// How many of so many rows go into a share: several shares a thread, since rows differ in what they missed.
pub(crate) fn shared(rows: usize) -> usize {
    rows.div_ceil(8 * rayon::current_num_threads()).max(1)
}

/// Cuts a table at every [`shared`] row of `rows`, which ascend.
pub(crate) fn cut<'a>(
    mut cells: &'a mut [f32],
    mut marks: &'a mut [u32],
    stride: usize,
    rows: &'a [u32],
) -> Vec<Share<'a>> {
    let mut shares = Vec::new();
    let mut first = 0;
    for rows in rows.chunks(shared(rows.len())) {
        let after = rows.last().map_or(first, |&last| last as usize + 1);
        let (own, others) = cells.split_at_mut((after - first) * stride);
        let (own_marks, other_marks) = marks.split_at_mut(after - first);
        shares.push(Share {
            rows,
            first,
            stride,
            cells: own,
            marks: own_marks,
        });
        (cells, marks, first) = (others, other_marks, after);
    }
    shares
}
