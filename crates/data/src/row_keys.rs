//! Keys of rows: a random order that any program can reproduce.

use crate::ids::IdMap;
use crate::ratings::Ratings;
use recburn_schema::Index;
pub use recburn_schema::splitmix64;

/// The key of a row: `splitmix64(splitmix64(seed xor user) xor item)`, where user and item are the numbers of their ids
/// ([`id_number`]). It depends on nothing else, neither on the order of the file nor on a random generator of a
/// language, so every program that sorts rows by their keys obtains the same order.
///
/// ```
/// assert_eq!(recburn_data::row_key(42, 196, 242), 0x9351_827e_0e36_8da2);
/// ```
pub fn row_key(seed: u64, user: u64, item: u64) -> u64 {
    splitmix64(splitmix64(seed ^ user) ^ item)
}

/// The number of an id: its value if it consists of decimal digits and fits into 64 bits, otherwise the 64-bit FNV-1a hash
/// of its UTF-8 bytes (Fowler, Noll and Vo).
///
/// ```
/// use recburn_data::id_number;
///
/// assert_eq!(id_number("242"), 242);
/// assert_eq!(id_number("a"), 0xaf63_dc4c_8601_ec8c);
/// ```
pub fn id_number(id: &str) -> u64 {
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { id.parse().ok() } else { None };
    number.unwrap_or_else(|| {
        id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    })
}

/// The numbers of the users' and the items' ids, by table row.
pub(crate) struct Numbers {
    users: Vec<u64>,
    items: Vec<u64>,
}

impl Numbers {
    pub(crate) fn of<User: Index, Item: Index>(users: &IdMap<User>, items: &IdMap<Item>) -> Self {
        fn numbers<Ix: Index>(ids: &IdMap<Ix>) -> Vec<u64> {
            let mut numbers = vec![0; ids.rows()];
            for (index, id) in ids.iter() {
                numbers[index.row() as usize] = id_number(&id);
            }
            numbers
        }
        Self {
            users: numbers(users),
            items: numbers(items),
        }
    }

    /// The item's number, and the key of each row. A row of a user or an item without an id, in columns that somebody has
    /// changed, counts as that of 0.
    pub(crate) fn keys(&self, ratings: &Ratings, seed: u64) -> Vec<(u64, u64)> {
        let number = |of: &[u64], row: u32| of.get(row as usize).copied().unwrap_or_default();
        let pairs = ratings.users.iter().zip(&ratings.items);
        pairs
            .map(|(user, item)| {
                let item = number(&self.items, item.0);
                (row_key(seed, number(&self.users, user.0), item), item)
            })
            .collect()
    }
}
