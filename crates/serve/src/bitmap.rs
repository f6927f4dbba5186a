//! Sets of rows.

/// A set of the rows of a table: a bit for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bitmap(Vec<u64>);

impl Bitmap {
    /// The empty set of so many rows.
    pub fn none(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    /// Adds a row.
    pub fn insert(&mut self, row: u32) {
        self.0[row as usize / 64] |= 1 << (row % 64);
    }

    /// Takes a row out.
    pub fn remove(&mut self, row: u32) {
        self.0[row as usize / 64] &= !(1 << (row % 64));
    }

    /// Whether a row is in the set.
    pub fn has(&self, row: usize) -> bool {
        self.0
            .get(row / 64)
            .is_some_and(|bits| bits >> (row % 64) & 1 == 1)
    }

    /// Adds the rows of another set.
    pub fn add(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(own, other)| *own |= other);
    }

    /// Keeps the rows that are in another set as well.
    pub fn keep(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(own, other)| *own &= other);
    }

    /// Takes the rows of another set out.
    pub fn subtract(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(own, other)| *own &= !other);
    }

    /// The number of rows in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Bitmap;

    #[test]
    fn sets_are_joined_cut_and_counted() {
        let set = |rows: &[u32]| {
            let mut set = Bitmap::none(130);
            rows.iter().for_each(|&row| set.insert(row));
            set
        };
        let mut own = set(&[0, 63, 64, 129]);
        assert_eq!(
            (own.len(), own.has(63), own.has(62), own.has(1_000)),
            (4, true, false, false)
        );
        own.remove(63);
        own.add(&set(&[1]));
        assert_eq!(own, set(&[0, 1, 64, 129]));
        own.keep(&set(&[1, 64, 100]));
        assert_eq!(own, set(&[1, 64]));
        own.subtract(&set(&[64]));
        assert_eq!(own, set(&[1]));
    }
}
