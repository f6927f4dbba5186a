//! Histories against what comes next.

use super::pairs;
use crate::common::{epoch, expand, queries, ratings};
use proptest::prelude::*;
use recburn_data::{
    ByUser, Examples, Features, Input, ItemIx, Kind, Known, Negatives, NextItem, Ratings, Side,
    UserIx, Values,
};
use std::collections::BTreeSet;

/// A model's input: the last `length` items.
fn recent(length: usize) -> Input {
    Input::new(
        Features::RECENT,
        Side::User,
        Kind::Sequence { rows: 9, length },
    )
}

proptest! {
    #[test]
    fn every_position_of_a_history_is_followed_by_what_comes_next(
        pairs in pairs(), length in 1..6_usize, size in 1..6_usize, seed in any::<u64>(), catalogue in any::<bool>(),
    ) {
        let times: Vec<i64> = pairs.iter().map(|pair| i64::from(pair.1 * 5 % 3)).collect();
        let train = Ratings { timestamps: Some(times), ..ratings(&pairs) };
        let negatives = if catalogue { Negatives::Catalogue } else { Negatives::uniform(2) };
        let examples = NextItem::new(&train, negatives).expect("good ratings");
        let (by_user, known) = (ByUser::of(&train), Known::of(&[&train]));
        let all: BTreeSet<u32> = pairs.iter().map(|pair| pair.1).collect();
        let usable: BTreeSet<u32> = by_user
            .iter()
            .filter(|(user, items)| items.len() > 1 && known.items(*user).len() < all.len())
            .map(|(user, _)| user.0)
            .collect();
        let rated = by_user.iter().filter(|(_, items)| !items.is_empty()).count();
        prop_assert_eq!(examples.left_out(), rated - usable.len());
        let Ok(mut feed) = examples.feed(&[recent(length), Input::items(9)], size) else {
            prop_assert!(usable.is_empty());
            return Ok(());
        };
        let mut met = BTreeSet::new();
        for batch in epoch(&mut *feed, seed, 2) {
            prop_assert!(batch.every_position && batch.users.rows.len() <= size);
            let Values::Bags(recent) = &batch.others[0] else { panic!("no sequence") };
            prop_assert!(recent.weights.is_empty() && recent.len() == batch.users.rows.len());
            let entries = expand(&recent.column);
            prop_assert_eq!(entries.len(), batch.queries);
            let queries = queries(&batch);
            for (at, &user) in batch.users.rows.iter().enumerate() {
                prop_assert!(usable.contains(&user) && met.insert(user));
                let items: Vec<u32> = by_user.others(UserIx(user)).iter().map(|item| item.0).collect();
                let end = items.len() - 1;
                let begin = end.saturating_sub(length);
                prop_assert_eq!(&entries[recent.entries(at)], &items[begin..end]);
                for (query, next) in recent.entries(at).zip(&items[begin + 1..]) {
                    let (of, candidates) = &queries[query];
                    let place = batch.positives.get(query).map_or(0, |&place| place as usize);
                    prop_assert_eq!((*of, candidates[place]), (user, *next));
                    for (place, &item) in candidates.iter().enumerate() {
                        let in_matrix = (query * candidates.len() + place) as u32;
                        let is_known = item != *next && known.contains(UserIx(user), ItemIx(item));
                        prop_assert_eq!(batch.left_out.binary_search(&in_matrix).is_ok(), is_known);
                    }
                }
            }
        }
        prop_assert_eq!(met, usable);
    }
}
