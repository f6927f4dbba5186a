//! Positives against negatives, and histories against what comes next.

mod common;

use common::{epoch, expand, queries, ratings};
use proptest::prelude::*;
use recburn_data::{
    Batch, ByUser, Candidates, DataError, Examples, Features, Implicit, Input, ItemIx, Kind, Known,
    Negatives, NextItem, Ratings, Sampler, Side, UserIx, Values,
};
use std::collections::{BTreeMap, BTreeSet};

fn samplers() -> impl Strategy<Value = Sampler> {
    prop_oneof![
        Just(Sampler::Uniform),
        prop_oneof![Just(1.0), Just(0.75), Just(0.3), Just(0.0)]
            .prop_map(|exponent| Sampler::Popular { exponent }),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..8_u32, prop_oneof![0..9_u32, 0..3_u32]), 1..70)
}

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

    #[test]
    fn words_for_negatives_are_read_back(count in 1..99_usize, sampler in samplers(), shared in any::<bool>()) {
        let negatives = match shared {
            true => Negatives::Shared { count, sampler },
            false => Negatives::Each { count, sampler },
        };
        prop_assert_eq!(negatives.to_string().parse::<Negatives>().expect("its own words"), negatives);
    }
}

/// How often each item is drawn for a user who knows items 0 to 2 of these: item `i` has `counts[i]` positives.
fn drawn(counts: &[u32], sampler: Sampler, draws: usize) -> BTreeMap<u32, f64> {
    let mut pairs: Vec<(u32, u32)> = vec![(0, 0), (0, 1), (0, 2)];
    for (item, &count) in (0..).zip(counts) {
        pairs.extend((0..count).map(|user| (1 + user, item)));
    }
    let train = ratings(&pairs);
    let negatives = Negatives::Each { count: 50, sampler };
    let examples = Implicit::new(&train, negatives).expect("good positives");
    let mut feed = examples.feed(&[], 999).expect("good positives");
    let mut seen = BTreeMap::new();
    let mut all = 0;
    for number in 0.. {
        for batch in epoch(&mut *feed, 5, number) {
            for (_, items) in queries(&batch).iter().filter(|(user, _)| *user == 0) {
                for &item in &items[1..] {
                    *seen.entry(item).or_default() += 1.0;
                    all += 1;
                }
            }
        }
        if all >= draws {
            break;
        }
    }
    seen.values_mut().for_each(|count| *count /= all as f64);
    seen
}

#[test]
fn negatives_are_drawn_as_often_as_they_should_be() {
    let counts = [50, 9, 9, 1, 4, 10, 25];
    let unknown = [1.0, 4.0, 10.0, 25.0];
    for (sampler, weight) in [
        (Sampler::Uniform, 0.0),
        (Sampler::Popular { exponent: 1.0 }, 1.0),
        (Sampler::Popular { exponent: 0.5 }, 0.5),
    ] {
        let sum: f64 = unknown.iter().map(|count: &f64| count.powf(weight)).sum();
        let seen = drawn(&counts, sampler, 60_000);
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [3, 4, 5, 6]);
        for (count, share) in unknown.iter().zip(seen.values()) {
            let expected = count.powf(weight) / sum;
            // Four deviations of a share of 60,000 draws.
            let tolerance = 4.0 * (expected * (1.0 - expected) / 60_000.0).sqrt();
            assert!(
                (share - expected).abs() < tolerance,
                "{sampler}: {share} {expected}"
            );
        }
    }
    // The user knows all but three in nine hundred of what is drawn: then what is left is gone through.
    let seen = drawn(
        &[300, 300, 300, 1, 2],
        Sampler::Popular { exponent: 1.0 },
        20_000,
    );
    assert!(
        (seen[&3] - 1.0 / 3.0).abs() < 0.02 && (seen[&4] - 2.0 / 3.0).abs() < 0.02,
        "{seen:?}"
    );
}

#[test]
fn chances_of_shared_candidates_are_those_of_being_there() {
    let pairs: Vec<(u32, u32)> = (0..400)
        .map(|row| (row, if row < 300 { 0 } else { 1 + row % 10 }))
        .collect();
    let train = ratings(&pairs);
    for negatives in [
        Negatives::IN_BATCH,
        Negatives::Shared {
            count: 3,
            sampler: Sampler::Uniform,
        },
        Negatives::Shared {
            count: 3,
            sampler: Sampler::Popular { exponent: 1.0 },
        },
    ] {
        let examples = Implicit::new(&train, negatives).expect("good positives");
        let mut feed = examples.feed(&[], 10).expect("good positives");
        let mut seen: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        let mut batches = 0.0;
        for number in 0..200 {
            for batch in epoch(&mut *feed, 1, number) {
                batches += 1.0;
                for (item, log_q) in expand(&batch.items).into_iter().zip(&batch.log_q) {
                    let (count, chance) = seen.entry(item).or_default();
                    *count += 1.0;
                    *chance = f64::from(*log_q).exp();
                }
            }
        }
        for (item, (count, chance)) in seen {
            assert!(
                (count / batches - chance).abs() < 0.02,
                "{negatives} {item}: {} {chance}",
                count / batches
            );
        }
    }
}

#[test]
fn a_user_who_knows_every_item_is_left_out_and_counted() {
    let train = ratings(&[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 2)]);
    let examples = Implicit::new(&train, Negatives::uniform(1)).expect("good positives");
    assert_eq!((examples.left_out(), examples.queries()), (3, 3));
    let all = Implicit::new(&train, Negatives::uniform(1))
        .expect("good positives")
        .with_known_negatives();
    assert_eq!((all.left_out(), all.queries()), (0, 6));
    assert!(all.feed(&[], 6).is_ok());
    let more =
        Implicit::with(&train, Negatives::uniform(1), &[], [ItemIx(7)]).expect("good positives");
    assert_eq!(more.left_out(), 0);
    assert_eq!(more.schema().items(), 8);
    let histories = NextItem::new(&train, Negatives::uniform(1)).expect("good ratings");
    // One has a single item, and one every item.
    assert_eq!(histories.left_out(), 2);
    assert_eq!(histories.with_known_negatives().left_out(), 1);
}

#[test]
fn what_cannot_be_made_is_refused_in_words() {
    let train = ratings(&[(0, 0), (0, 1), (1, 2)]);
    let said = |examples: &dyn Examples, wanted: &[Input]| {
        let refused = examples.feed(wanted, 4).map(|_| ());
        refused.expect_err("cannot be made").to_string()
    };
    let shared = Implicit::new(&train, Negatives::IN_BATCH).expect("good positives");
    assert_eq!(
        said(&shared.with_targets(), &[]),
        "targets of 1 and 0 need separate negatives per positive, such as uniform:4, not in-batch"
    );
    let small = Implicit::new(&train, Negatives::uniform(1)).expect("good positives");
    assert!(said(&small, &[Input::items(2)]).contains("beyond the table's 2 rows"));
    let more =
        Implicit::with(&train, Negatives::uniform(1), &[], [ItemIx(8)]).expect("good positives");
    assert_eq!(
        said(&more, &[Input::items(5)]),
        "the input `item` has ids below 9, but the model's tables have only 5 rows"
    );
    let next = NextItem::new(&train, Negatives::uniform(1)).expect("good ratings");
    assert_eq!(
        said(&next, &[]),
        "these examples are histories, but the model does not read the sequence `recent`"
    );
    for (word, error) in [
        (
            "uniform:0",
            "at least one negative is needed for each positive",
        ),
        (
            "popular^-1:4",
            "the exponent of a popularity is finite and not below 0, not -1",
        ),
        (
            "random:4",
            "unknown way to take negatives 'random:4': expected uniform:4, popular:4, popular^0.75:4, shared-uniform:100, \
             shared-popular:100, in-batch or catalogue",
        ),
    ] {
        assert_eq!(
            word.parse::<Negatives>().expect_err(word).to_string(),
            error
        );
    }
    let empty = Ratings::default();
    let none = Implicit::new(&empty, Negatives::uniform(1)).expect("columns of one length");
    assert!(matches!(none.serves(&[]), Err(DataError::NoRatings)));
}

/// Batches of these settings were made by an earlier version: what is drawn must not change.
#[test]
fn negatives_are_the_same_in_every_version() {
    let pairs: Vec<(u32, u32)> = (0..60).map(|row| (row % 13, row * row % 29)).collect();
    let train = ratings(&pairs);
    let first = |negatives: &str| -> Batch {
        let examples =
            Implicit::new(&train, negatives.parse().expect("negatives")).expect("good positives");
        epoch(&mut *examples.feed(&[], 4).expect("good positives"), 7, 1).swap_remove(0)
    };
    let items = |negatives: &str| expand(&first(negatives).items);
    assert_eq!(
        items("uniform:2"),
        [9, 6, 7, 9, 28, 25, 0, 22, 20, 24, 13, 13]
    );
    assert_eq!(
        items("popular:2"),
        [9, 6, 28, 9, 25, 20, 0, 22, 6, 24, 5, 1]
    );
    assert_eq!(items("shared-uniform:2"), [0, 6, 7, 9, 24]);
}
