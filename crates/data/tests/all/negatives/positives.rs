//! Positives against negatives of their own, and against candidates that they share.

use super::{pairs, samplers};
use crate::common::{epoch, expand, queries, ratings};
use proptest::prelude::*;
use recburn_data::{
    Candidates, DataError, Examples, Implicit, Input, ItemIx, Known, Negatives, UserIx,
};
use std::collections::BTreeSet;

proptest! {
    #[test]
    fn each_positive_comes_once_with_items_that_its_user_does_not_know(
        pairs in pairs(), held_out in pairs(), count in 1..5_usize, sampler in samplers(), size in 1..30_usize, seed in any::<u64>(),
        targets in any::<bool>(),
    ) {
        let (train, other) = (ratings(&pairs), ratings(&held_out));
        let negatives = Negatives::Each { count, sampler };
        let mut examples = Implicit::with(&train, negatives, &[&other], [ItemIx(4)]).expect("good positives");
        if targets {
            examples = examples.with_targets();
        }
        let known = Known::of(&[&train, &other]);
        let all: BTreeSet<u32> = pairs.iter().chain(&held_out).map(|pair| pair.1).chain([4]).collect();
        let usable: Vec<(u32, u32)> =
            pairs.iter().copied().filter(|pair| known.items(UserIx(pair.0)).len() < all.len()).collect();
        prop_assert_eq!(examples.left_out(), pairs.len() - usable.len());
        prop_assert_eq!(examples.has_targets(), targets);
        if usable.is_empty() {
            let refused = matches!(examples.feed(&[], size), Err(DataError::Examples { .. }));
            prop_assert!(refused);
            return Ok(());
        }
        let mut feed = examples.feed(&[Input::users(8), Input::items(9)], size).expect("good positives");
        let batches = epoch(&mut *feed, seed, 3);
        let mut met = Vec::new();
        for batch in &batches {
            prop_assert_eq!(batch.candidates, Candidates::Each(1 + count));
            prop_assert!(batch.positives.is_empty() && batch.left_out.is_empty() && batch.log_q.is_empty());
            for (user, items) in queries(batch) {
                met.push((user, items[0]));
                for &item in &items[1..] {
                    prop_assert!(!known.contains(UserIx(user), ItemIx(item)) && all.contains(&item));
                }
            }
            let expected: Vec<f32> = match targets {
                true => (0..batch.scores()).map(|at| f32::from(u8::from(at % (1 + count) == 0))).collect(),
                false => Vec::new(),
            };
            prop_assert_eq!(&batch.targets, &expected);
        }
        met.sort_unstable();
        let mut usable = usable;
        usable.sort_unstable();
        prop_assert_eq!(met, usable);
        prop_assert_eq!(epoch(&mut *feed, seed, 3), batches);
    }

    #[test]
    fn shared_candidates_leave_out_what_else_a_user_knows(
        pairs in pairs(), count in 0..6_usize, sampler in samplers(), size in 1..30_usize, seed in any::<u64>(),
        catalogue in any::<bool>(), known_too in any::<bool>(),
    ) {
        let train = ratings(&pairs);
        let negatives = if catalogue { Negatives::Catalogue } else { Negatives::Shared { count, sampler } };
        let mut examples = Implicit::new(&train, negatives).expect("good positives");
        if known_too {
            examples = examples.with_known_negatives();
        }
        let known = Known::of(&[&train]);
        let all: BTreeSet<u32> = pairs.iter().map(|pair| pair.1).collect();
        let Ok(mut feed) = examples.feed(&[], size) else {
            prop_assert_eq!(examples.queries(), 0);
            return Ok(());
        };
        let most = examples.candidates(size).per_query();
        let batches = epoch(&mut *feed, seed, 0);
        for batch in &batches {
            let items = expand(&batch.items);
            prop_assert!(items.is_sorted_by(|one, other| one < other));
            prop_assert!(items.iter().all(|item| all.contains(item)) && items.len() <= most);
            if catalogue {
                prop_assert_eq!(items.len(), all.len());
            }
            let mut left_out = Vec::new();
            for (query, user) in expand(&batch.users).into_iter().enumerate() {
                let own = items[batch.positives[query] as usize];
                prop_assert!(known.contains(UserIx(user), ItemIx(own)));
                for (place, &item) in items.iter().enumerate() {
                    if item != own && !known_too && known.contains(UserIx(user), ItemIx(item)) {
                        left_out.push((query * items.len() + place) as u32);
                    }
                }
            }
            prop_assert_eq!(&batch.left_out, &left_out);
            prop_assert_eq!(batch.log_q.is_empty(), catalogue);
            prop_assert!(batch.log_q.iter().all(|&log| log.is_finite() && log <= 0.0));
        }
        prop_assert_eq!(epoch(&mut *feed, seed, 0), batches);
    }
}
