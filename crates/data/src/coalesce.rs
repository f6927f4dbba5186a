//! The distinct rows of a batch.

use recburn_schema::Column;

/// Finds the distinct rows of a batch, in time that depends on the batch and not on the table, and without hashing.
///
/// A batch that is large against its table has its rows in ascending order, which is how memory likes to be read; a small
/// one has them in order of first sight.
#[derive(Clone, Debug)]
pub struct Coalescer {
    rows: usize,
    /// For each table row, the batch that last held it and its position there, side by side: one cache line a look. Made
    /// with the first small batch.
    seen: Vec<(u32, u32)>,
    /// The number of the batch at hand; never 0, which is no batch's.
    batch: u32,
    /// For large batches: for each 64 rows, which of them the batch holds, and how many come before them.
    held: Vec<(u64, u32)>,
}

/// Table rows for each example up to which it pays to go over all of them, 64 at a time.
const LARGE: usize = 64;

impl Coalescer {
    /// For a table of this many rows.
    pub fn new(rows: usize) -> Self {
        Self {
            rows,
            seen: Vec::new(),
            batch: 0,
            held: Vec::new(),
        }
    }

    /// The distinct rows of `ids` and each one's position among them.
    ///
    /// # Panics
    ///
    /// If an id lies beyond the table.
    pub fn column(&mut self, ids: &[u32]) -> Column {
        let mut column = Column::default();
        self.fill(ids.iter().copied(), &mut column);
        column
    }

    /// As [`Coalescer::column`], into a column that keeps its memory.
    ///
    /// # Panics
    ///
    /// If an id lies beyond the table.
    pub fn fill(&mut self, ids: impl Iterator<Item = u32>, column: &mut Column) {
        column.rows.clear();
        column.inverse.clear();
        // First the ids themselves, which lie all over the data: looked up one after the other, without a wait between.
        column.inverse.extend(ids);
        if column.len().saturating_mul(LARGE) >= self.rows {
            self.ascending(column);
        } else {
            self.by_first_sight(column);
        }
    }

    /// Puts positions in the place of ids.
    fn by_first_sight(&mut self, column: &mut Column) {
        self.seen.resize(self.rows, (0, 0));
        self.batch = match self.batch.checked_add(1) {
            Some(next) => next,
            // The counter wraps after 2^32 batches: clear the marks so that stale entries are not mistaken for current ones.
            None => {
                self.seen.fill((0, 0));
                1
            }
        };
        for id in &mut column.inverse {
            let (batch, position) = &mut self.seen[*id as usize];
            if *batch != self.batch {
                *batch = self.batch;
                *position = column.rows.len() as u32;
                column.rows.push(*id);
            }
            *id = *position;
        }
    }

    /// Marks the rows, counts the marks before each, and looks the counts up: a bit a row stays in the nearest cache where
    /// a position a row would not.
    fn ascending(&mut self, column: &mut Column) {
        self.held.clear();
        self.held.resize(self.rows.div_ceil(64), (0, 0));
        for &id in &column.inverse {
            assert!(
                (id as usize) < self.rows,
                "row {id} of a table of {}",
                self.rows
            );
            self.held[id as usize / 64].0 |= 1 << (id % 64);
        }
        for (word, (held, before)) in (0u32..).zip(&mut self.held) {
            *before = column.rows.len() as u32;
            let mut left = *held;
            while left != 0 {
                column.rows.push(word * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        for id in &mut column.inverse {
            let (held, before) = self.held[*id as usize / 64];
            *id = before + (held & ((1 << (*id % 64)) - 1)).count_ones();
        }
    }
}
