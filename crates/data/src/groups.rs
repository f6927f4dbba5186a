//! Grouping of rows by number.

use std::ops::Range;

/// The rows of a column grouped by their number, each group in the order of the column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    /// The rows of number `n` are `rows[offsets[n]..offsets[n + 1]]`.
    pub(crate) offsets: Vec<u32>,
    pub(crate) rows: Vec<u32>,
}

impl Groups {
    /// Groups with a counting sort. `numbers` is iterated twice.
    pub(crate) fn of(numbers: impl ExactSizeIterator<Item = u32> + Clone) -> Self {
        let count = numbers.clone().max().map_or(0, |last| last as usize + 1);
        let mut offsets = vec![0_u32; count + 1];
        for number in numbers.clone() {
            offsets[number as usize + 1] += 1;
        }
        for at in 0..count {
            offsets[at + 1] += offsets[at];
        }
        // Filling moves each offset to its end, which is where the next group begins.
        let mut rows = vec![0; numbers.len()];
        for (row, number) in (0..).zip(numbers) {
            let place = &mut offsets[number as usize];
            rows[*place as usize] = row;
            *place += 1;
        }
        offsets.rotate_right(1);
        offsets[0] = 0;
        Self { offsets, rows }
    }

    /// The rows of each number, up to the last one with rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        ranges(&self.offsets).map(|range| &self.rows[range])
    }
}

/// The ranges between consecutive offsets.
pub(crate) fn ranges(offsets: &[u32]) -> impl Iterator<Item = Range<usize>> {
    let ends = offsets.windows(2);
    ends.map(|ends| ends[0] as usize..ends[1] as usize)
}
