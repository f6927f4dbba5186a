//! Row numbers typed by side: two plain integers could be swapped unnoticed.

use serde::{Deserialize, Serialize};

/// A row number of one side.
pub trait Index: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync {
    /// The index of this row.
    fn new(row: u32) -> Self;

    /// The row.
    fn row(self) -> u32;
}

/// A user as a row of the user tables. Not the id in the file.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UserIx(pub u32);

/// An item as a row of the item tables. Not the id in the file.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ItemIx(pub u32);

impl UserIx {
    /// The row, for indexing a slice.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ItemIx {
    /// The row, for indexing a slice.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Index for UserIx {
    fn new(row: u32) -> Self {
        Self(row)
    }

    fn row(self) -> u32 {
        self.0
    }
}

impl Index for ItemIx {
    fn new(row: u32) -> Self {
        Self(row)
    }

    fn row(self) -> u32 {
        self.0
    }
}
