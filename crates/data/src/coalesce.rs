//! The distinct rows of a batch.

use recburn_schema::Column;

/// Finds the distinct rows of a batch, without hashing, in time that depends on the batch and not on the table.
///
/// The rows of a batch that is large relative to its table are in ascending order, which is efficient for memory
/// access; those of a small batch are in order of first occurrence.
#[derive(Clone, Debug)]
pub struct Coalescer {
    rows: usize,
    /// For each table row, the batch that last contained it and its position there, stored together: one cache line per
    /// look-up. Allocated with the first small batch.
    seen: Vec<(u32, u32)>,
    /// The number of the current batch; never 0, which denotes none.
    batch: u32,
    /// For large batches: per 64 rows, which of them the batch contains, and how many come before them.
    held: Vec<(u64, u32)>,
}

/// The number of table rows per example up to which scanning the whole table, 64 rows at a time, pays off.
const LARGE: usize = 64;

impl Coalescer {
    /// A coalescer for a table with this many rows.
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
    /// If an id is outside the table.
    pub fn column(&mut self, ids: &[u32]) -> Column {
        let mut column = Column::default();
        self.fill(ids.iter().copied(), &mut column);
        column
    }

    /// As [`Coalescer::column`], into a column whose memory is reused.
    ///
    /// # Panics
    ///
    /// If an id is outside the table.
    pub fn fill(&mut self, ids: impl Iterator<Item = u32>, column: &mut Column) {
        column.rows.clear();
        column.inverse.clear();
        // First gather the ids, which are scattered over the data, so that the loads do not wait for each other.
        column.inverse.extend(ids);
        if column.len().saturating_mul(LARGE) >= self.rows {
            self.ascending(column);
        } else {
            self.by_first_sight(column);
        }
    }

    /// Replaces ids by positions.
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

    /// Marks the rows in a bitmap, counts the marks before each, and looks the counts up: one bit per row fits into the
    /// L1 cache, where one position per row would not.
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
