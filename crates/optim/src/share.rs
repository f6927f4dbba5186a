//! Rows of a table, dealt out to threads.

/// Weights, or their steps, from which handing work to another thread costs less than it saves. A thread that sleeps takes
/// some 50 microseconds to come; a tenth of a nanosecond is what a weight's step takes.
const HAND_OVER: usize = 1 << 19;

/// Whether there are threads to share this many weights, and they are worth it.
pub(crate) fn threads_pay(weights: usize) -> bool {
    weights >= HAND_OVER && rayon::current_num_threads() > 1
}

/// Does two things that do not see each other, on two threads where they move enough weights. The calling thread does one
/// of them, so that nothing waits for a thread that sleeps.
pub fn both(weights: usize, one: impl FnOnce() + Send, other: impl FnOnce()) {
    if threads_pay(weights) {
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| one());
            other();
        });
    } else {
        one();
        other();
    }
}

/// Does the same with each part, on as many threads; the calling thread is one of them.
pub(crate) fn each_apart<T: Send>(parts: impl IntoIterator<Item = T>, visit: impl Fn(T) + Sync) {
    let (mut parts, visit) = (parts.into_iter(), &visit);
    let Some(own) = parts.next() else {
        return;
    };
    rayon::in_place_scope(|scope| {
        for part in parts {
            scope.spawn(move |_| visit(part));
        }
        visit(own);
    });
}

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

/// Numbers of a table from which its rows are seldom in a cache.
const BEYOND_CACHE: usize = 1 << 20;

/// Numbers of a cache line.
const LINE: usize = 16;

impl Share<'_> {
    /// Reads a number of each cache line of the rows. Their arithmetic would wait for memory row by row; reads that depend
    /// on nothing are on their way all at once.
    #[inline(always)]
    pub fn warm(&self) {
        if self.cells.len() < BEYOND_CACHE {
            return;
        }
        let mut sum = 0u32;
        for &row in self.rows {
            let row = row as usize - self.first;
            sum = sum.wrapping_add(self.marks[row]);
            for number in self.cells[row * self.stride..][..self.stride]
                .iter()
                .step_by(LINE)
            {
                sum = sum.wrapping_add(number.to_bits());
            }
        }
        std::hint::black_box(sum);
    }

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

/// How many of so many rows go into a share: one share a thread. Rows that take their missed steps together want to be
/// many.
pub(crate) fn shared(rows: usize) -> usize {
    rows.div_ceil(rayon::current_num_threads()).max(1)
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
