//! Sampled candidates.

use crate::checksum::numbers;
use recburn_data::{Dataset, Known, Ratings, UserIx, row_key};

/// The items that are no candidates, for each user with test rows: all except the test items and the `negatives` items
/// with the smallest keys among those that the user has not rated.
pub(crate) struct Excluded(Vec<Vec<u32>>);

impl Excluded {
    pub(crate) fn of(
        dataset: &Dataset,
        known: &Ratings,
        test: &Ratings,
        negatives: usize,
        seed: u64,
    ) -> Self {
        let (users, items) = (numbers(&dataset.users), numbers(&dataset.items));
        let (known, tested) = (Known::of(&[known]), Known::of(&[test]));
        let of_user = |(row, &number): (u32, &u64)| {
            let user = UserIx(row);
            if tested.items(user).is_empty() {
                return Vec::new();
            }
            let is_in = |of: &Known, item: u32| {
                of.items(user)
                    .binary_search_by_key(&item, |item| item.0)
                    .is_ok()
            };
            let unrated = (0..items.len() as u32)
                .filter(|&item| !is_in(&known, item) && !is_in(&tested, item));
            let mut keyed: Vec<(u64, u32)> = unrated
                .map(|item| (row_key(seed, number, items[item as usize]), item))
                .collect();
            keyed.sort_unstable();
            let rest = keyed.get(negatives..).unwrap_or_default();
            let mut excluded: Vec<u32> = rest.iter().map(|&(_, item)| item).collect();
            excluded.extend(known.items(user).iter().map(|item| item.0));
            excluded.sort_unstable();
            excluded
        };
        Self((0..).zip(&users).map(of_user).collect())
    }

    pub(crate) fn items(&self, user: u32) -> &[u32] {
        self.0.get(user as usize).map_or(&[], Vec::as_slice)
    }
}
