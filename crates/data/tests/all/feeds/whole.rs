//! All ratings of a user or of an item at once.

use crate::common::{epoch, queries, ratings};
use proptest::prelude::*;
use recburn_data::{Candidates, Examples, Features, Input, ItemIx, Kind, Side, Values, Whole};
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn users_and_items_come_whole(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..80), size in 1..12_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        for by_user in [true, false] {
            let whole = if by_user { Whole::users(&ratings) } else { Whole::items(&ratings) }.expect("good ratings");
            let mut feed = whole.feed(&[], size).expect("good ratings");
            let mut met: BTreeMap<u32, usize> = BTreeMap::new();
            let batches = epoch(&mut *feed, seed, 1);
            prop_assert_eq!(&epoch(&mut *feed, seed, 1), &batches);
            let mut rows = Vec::new();
            for (number, batch) in batches.iter().enumerate() {
                let members = if by_user { &batch.users } else { &batch.items };
                prop_assert!(members.rows.len() == size || number + 1 == batches.len());
                prop_assert!(members.inverse.is_sorted());
                for &member in &members.rows {
                    prop_assert_eq!(met.insert(member, number), None);
                }
                for ((user, items), &row) in queries(batch).into_iter().zip(&batch.targets) {
                    prop_assert_eq!(pairs[row as usize], (user, items[0]));
                    rows.push(row as usize);
                }
            }
            rows.sort_unstable();
            prop_assert_eq!(rows, (0..pairs.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_profile_has_a_target_for_every_item(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..60), size in 1..12_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        let whole = Whole::profiles(&ratings).expect("good ratings");
        let mut met = Vec::new();
        for batch in epoch(&mut *whole.feed(&[], size).expect("good ratings"), seed, 1) {
            for ((user, items), targets) in queries(&batch).into_iter().zip(batch.targets.chunks(batch.items.len())) {
                prop_assert!(items.is_sorted());
                for (item, &target) in items.into_iter().zip(targets) {
                    prop_assert_eq!(target, f32::from(u8::from(pairs.contains(&(user, item)))));
                }
                met.push(user);
            }
        }
        met.sort_unstable();
        let mut users: Vec<u32> = pairs.iter().map(|pair| pair.0).collect();
        users.sort_unstable();
        users.dedup();
        prop_assert_eq!((whole.queries(), whole.ratings()), (users.len(), pairs.len()));
        prop_assert_eq!(met, users);
    }

    #[test]
    fn hidden_items_keep_their_places_and_targets_stay_whole(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..60), size in 1..12_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        let (users, items) = {
            let schema = ratings.schema();
            (schema.users(), schema.items())
        };
        let history = Input::new(Input::HISTORY, Side::User, Kind::Bag { rows: items });
        let mut features = Features::default();
        features.set_histories(&ratings, users, items).expect("good ratings");
        let whole = Whole::profiles(&ratings).expect("good ratings").with_features(&features);
        let hiding = whole.clone().hiding(0.75).expect("a share");
        let wanted = [history];
        let seen = |whole: &Whole<'_>, seed| {
            epoch(&mut *whole.feed(&wanted, size).expect("good ratings"), seed, 1)
        };
        let all = seen(&hiding, seed);
        prop_assert_eq!(&all, &seen(&hiding, seed));
        for (hidden, plain) in all.iter().zip(seen(&whole, seed)) {
            prop_assert_eq!(&hidden.targets, &plain.targets);
            let ([Values::Bags(hidden)], [Values::Bags(plain)]) = (&*hidden.others, &*plain.others) else {
                panic!("one history");
            };
            prop_assert_eq!((&hidden.column, &hidden.ends), (&plain.column, &plain.ends));
            prop_assert_eq!(hidden.weights.len(), hidden.column.len());
            prop_assert!(hidden.weights.iter().all(|&weight| weight == 0.0 || weight == 4.0));
        }
    }
}

#[test]
fn a_share_of_one_and_a_catalogue() {
    let ratings = ratings(&[(0, 2), (1, 2)]);
    let whole = Whole::profiles(&ratings).expect("good ratings");
    let error = whole.clone().hiding(1.0).expect_err("nothing is left");
    assert!(error.to_string().contains("[0, 1)"), "{error}");
    let among = whole.among([ItemIx(4), ItemIx(2)]);
    assert_eq!(among.candidates(8), Candidates::Shared(2));
    assert_eq!(among.schema().items(), 5);
}

proptest! {
    #[test]
    fn what_is_hidden_of_a_chosen_profile_depends_on_its_key_alone(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..60), seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        let mut features = Features::default();
        features.set_histories(&ratings, 9, 7).expect("good ratings");
        let kind = Kind::Bag { rows: 7 };
        let wanted = [Input::new(Features::HISTORY, Side::User, kind)];
        let whole = Whole::profiles(&ratings).expect("good ratings").hiding(0.5).expect("a share");
        let whole = whole.with_features(&features);
        let users = whole.members();
        let picked = |users: &[u32]| {
            let mut pick = whole.pick(&wanted).expect("good inputs").expect("users can be chosen");
            let mut batch = recburn_data::Batch::default();
            pick.begin(seed, 1);
            let keys: Vec<u64> = users.iter().map(|&user| u64::from(user) * 7 + 1).collect();
            pick.fill(users, &keys, &mut batch);
            batch
        };
        let all = picked(&users);
        prop_assert_eq!(all.keys.len(), users.len());
        let Values::Bags(of_all) = &all.others[0] else { panic!("a bag") };
        for (at, &user) in users.iter().enumerate() {
            let alone = picked(&[user]);
            let Values::Bags(own) = &alone.others[0] else { panic!("a bag") };
            prop_assert_eq!(&own.weights[..], &of_all.weights[of_all.entries(at)]);
            prop_assert_eq!(&alone.targets[..], &all.targets[at * alone.targets.len()..][..alone.targets.len()]);
        }
    }
}
