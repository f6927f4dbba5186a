//! Ratings by user, by item and by pair.

use crate::common::ratings;
use proptest::prelude::*;
use recburn_data::{ByItem, ByUser, ItemIx, Known, Ratings, UserIx};
use std::collections::BTreeSet;

/// Pairs with times, of which many are the same.
fn timed() -> impl Strategy<Value = Vec<((u32, u32), i64)>> {
    prop::collection::vec(((0..12_u32, 0..9_u32), 0..5_i64), 0..60)
}

proptest! {
    #[test]
    fn histories_are_by_time_and_else_as_the_file_has_them(rows in timed(), times in any::<bool>()) {
        let pairs: Vec<_> = rows.iter().map(|&(pair, _)| pair).collect();
        let ratings = Ratings {
            timestamps: times.then(|| rows.iter().map(|&(_, time)| time).collect()),
            ..ratings(&pairs)
        };
        let (by_user, by_item) = (ByUser::of(&ratings), ByItem::of(&ratings));
        for number in 0..14 {
            let expected = |is: &dyn Fn(&(u32, u32)) -> bool| {
                let mut own: Vec<u32> = (0..rows.len() as u32).filter(|&row| is(&pairs[row as usize])).collect();
                if times {
                    own.sort_by_key(|&row| rows[row as usize].1);
                }
                own
            };
            let own = expected(&|pair| pair.0 == number);
            prop_assert_eq!(by_user.rows(UserIx(number)), own.as_slice());
            let items: Vec<ItemIx> = own.iter().map(|&row| ratings.items[row as usize]).collect();
            prop_assert_eq!(by_user.others(UserIx(number)), items.as_slice());
            let stars: Vec<f32> = own.iter().map(|&row| row as f32).collect();
            prop_assert_eq!(by_user.ratings(UserIx(number)), stars.as_slice());
            let own = expected(&|pair| pair.1 == number);
            prop_assert_eq!(by_item.rows(ItemIx(number)), own.as_slice());
        }
        let all: usize = by_user.iter().map(|(_, items)| items.len()).sum();
        prop_assert_eq!(all, rows.len());
        prop_assert_eq!(by_user.is_empty(), rows.is_empty());
    }

    #[test]
    fn a_pair_is_known_if_one_of_the_parts_has_it(rows in timed(), cut in 0..60_usize) {
        let pairs: Vec<_> = rows.iter().map(|&(pair, _)| pair).collect();
        let (first, second) = pairs.split_at(cut.min(pairs.len()));
        let known = Known::of(&[&ratings(first), &ratings(second)]);
        let expected: BTreeSet<(u32, u32)> = pairs.into_iter().collect();
        prop_assert_eq!(known.len(), expected.len());
        for user in 0..14 {
            let items: Vec<ItemIx> = expected.range((user, 0)..(user + 1, 0)).map(|&(_, item)| ItemIx(item)).collect();
            prop_assert_eq!(known.items(UserIx(user)), items.as_slice());
            for item in 0..10 {
                prop_assert_eq!(known.contains(UserIx(user), ItemIx(item)), expected.contains(&(user, item)));
            }
        }
    }
}
