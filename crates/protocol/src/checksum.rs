//! A checksum of ratings that does not depend on the order of rows.

use recburn_data::{Dataset, Fingerprint, IdMap, Index, id_number, row_key, splitmix64};

/// The numbers of ids, by table row; 0 for a row without an id.
pub(crate) fn numbers<Ix: Index>(ids: &IdMap<Ix>) -> Vec<u64> {
    let mut numbers = vec![0; ids.rows()];
    for (index, id) in ids.iter() {
        if let Some(number) = numbers.get_mut(index.row() as usize) {
            *number = id_number(&id);
        }
    }
    numbers
}

/// A checksum of the ratings by the ids of user and item: equal for the same ratings in another order, in several files or
/// under other indices. Timestamps are ignored.
///
/// It is the number of rows, and the sum, modulo 2^64, of [`row_key`]`(splitmix64(bits of the rating as a 32-bit float),
/// user, item)`.
///
/// ```
/// use recburn_data::{Dataset, IdOrder};
/// use recburn_protocol::checksum;
///
/// let orders = [IdOrder::FirstSight, IdOrder::Raw];
/// let [one, other] = orders.map(|order| checksum(&Dataset::sample(order)));
/// assert_eq!(one, other);
/// ```
pub fn checksum(dataset: &Dataset) -> Fingerprint {
    let (users, items) = (numbers(&dataset.users), numbers(&dataset.items));
    let ratings = &dataset.ratings;
    let pairs = ratings.users.iter().zip(&ratings.items);
    let number = |of: &[u64], row: usize| of.get(row).copied().unwrap_or(0);
    let keys = pairs.zip(&ratings.ratings).map(|((user, item), rating)| {
        let seed = splitmix64(u64::from(rating.to_bits()));
        row_key(
            seed,
            number(&users, user.index()),
            number(&items, item.index()),
        )
    });
    Fingerprint {
        rows: ratings.len(),
        hash: keys.fold(0, u64::wrapping_add),
    }
}
