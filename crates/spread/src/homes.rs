//! Which rank owns what.

use recburn_data::splitmix64;

/// A hash of a raw id, the same on every platform and in every version: FNV-1a, finished by SplitMix64.
pub fn hash_of(id: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    splitmix64(id.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// The home of a user: the rank, of so many, that has its ratings and its rows.
pub fn home_of(user: &str, ranks: usize) -> usize {
    ((u128::from(hash_of(user)) * ranks as u128) >> 64) as usize
}

/// The owner of an item: the rank, of so many, that has its rows.
pub fn owner_of(item: u32, ranks: usize) -> usize {
    item as usize % ranks
}

/// The row of an item in the tables of its owner.
pub fn row_of(item: u32, ranks: usize) -> u32 {
    item / ranks as u32
}

/// The item of a row in the tables of its owner.
pub fn number_of(row: u32, owner: usize, ranks: usize) -> u32 {
    row * ranks as u32 + owner as u32
}

/// The number of items, of so many in all, that a rank owns.
pub fn owned_by(rank: usize, items: usize, ranks: usize) -> usize {
    items.saturating_sub(rank).div_ceil(ranks)
}
