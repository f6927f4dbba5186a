//! Distributing the rows of a table to threads.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// Weights, or their steps, from which handing work to another thread costs less than it saves. A thread that sleeps takes
/// some 50 microseconds to come; a tenth of a nanosecond is what a weight's step takes.
const HAND_OVER: usize = 1 << 19;

/// Whether there are other threads, and this many weights are worth sharing.
pub(crate) fn threads_pay(weights: usize) -> bool {
    weights >= HAND_OVER && rayon::current_num_threads() > 1
}

/// Runs two independent tasks, on two threads if they update enough weights. The calling thread runs one of them, so
/// that nothing waits for a sleeping thread.
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

/// Runs a function on each part, one thread per part; the calling thread is one of them.
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

/// The least number of queries that a thread takes at a time.
const QUERIES: usize = 32;

/// The result of `visit` for each query, in order, on several threads if there are enough scores. Each query is computed
/// by one thread, so that no result depends on the number of threads.
pub(crate) fn each_query<T: Send, R: Send>(
    scores: usize,
    queries: impl Iterator<Item = T>,
    visit: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    // A score takes about ten times as long as the step of one weight.
    if !threads_pay(scores.saturating_mul(10)) {
        return queries.map(visit).collect();
    }
    let queries: Vec<T> = queries.collect();
    let all = queries.into_par_iter().with_min_len(QUERIES);
    all.map(visit).collect()
}

/// Some rows of a table and the stretch of it that holds them.
pub(crate) struct Share<'a> {
    /// The rows, in any order within the slice.
    pub rows: &'a [u32],
    /// The first row of the slice.
    pub first: usize,
    /// Numbers per row.
    pub stride: usize,
    /// The slice.
    pub cells: &'a mut [f32],
    /// The step up to which each of its rows is up to date.
    pub marks: &'a mut [u32],
}

/// The size of a table, in numbers, from which its rows are rarely in a cache.
const BEYOND_CACHE: usize = 1 << 20;

/// Numbers per cache line.
const LINE: usize = 16;

impl Share<'_> {
    /// Reads one number of each cache line of the rows. The arithmetic would wait for memory row by row, whereas
    /// independent reads are in flight all at once.
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

    /// Calls `visit` with each row's position among the rows, its numbers and its mark.
    #[inline(always)]
    pub fn each(self, mut visit: impl FnMut(usize, &mut [f32], &mut u32)) {
        for (at, &row) in self.rows.iter().enumerate() {
            let row = row as usize - self.first;
            let cells = &mut self.cells[row * self.stride..][..self.stride];
            visit(at, cells, &mut self.marks[row]);
        }
    }
}

/// The number of rows per share: one share per thread, since rows that take their missed steps together should be many.
pub(crate) fn shared(rows: usize) -> usize {
    rows.div_ceil(rayon::current_num_threads()).max(1)
}

/// Cuts a table at every [`shared`] row of `rows`, which must be ascending.
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
