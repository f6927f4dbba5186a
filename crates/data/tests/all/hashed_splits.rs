//! Splits by key: the same rows for every order of the file and of the indices.

use crate::common;
use proptest::prelude::*;
use recburn_data::{
    Dataset, Fingerprint, IdOrder, Part, SplitKind, TiedLast, id_number, row_key, splitmix64,
};
use std::collections::BTreeSet;

/// Distinct pairs of a user, an item and a time, in any order; users and items are also words.
fn rows() -> impl Strategy<Value = Vec<(String, String, i64)>> {
    let pairs = prop::collection::btree_map((0..9_u32, 0..25_u32), 0..4_i64, 20..150);
    pairs
        .prop_map(|pairs| {
            let word = |id: u32| match id % 3 {
                0 => format!("id {id}"),
                _ => id.to_string(),
            };
            let rows = pairs.into_iter();
            rows.map(|((user, item), time)| (word(user), word(item), time))
                .collect::<Vec<_>>()
        })
        .prop_shuffle()
}

fn dataset(rows: &[(String, String, i64)], order: IdOrder) -> Dataset {
    let rows: Vec<_> = rows
        .iter()
        .map(|(user, item, time)| (&**user, &**item, 3.0, Some(*time)))
        .collect();
    common::of_rows(&rows, order)
}

/// The rows of each part, by their ids.
fn parts(
    dataset: &Dataset,
    rows: &[(String, String, i64)],
    kind: &SplitKind,
    seed: u64,
) -> Option<Parts> {
    let parts = dataset.parts(kind, seed).ok()?;
    let of = |wanted: Part| {
        let own = rows.iter().zip(&parts).filter(|(_, part)| **part == wanted);
        own.map(|(row, _)| row.clone()).collect()
    };
    Some([of(Part::Train), of(Part::Valid), of(Part::Test)])
}

type Parts = [BTreeSet<(String, String, i64)>; 3];

fn half_up(share: usize, rows: usize) -> usize {
    (2 * share * rows + 10) / 20
}

proptest! {
    #[test]
    fn neither_the_order_of_the_file_nor_that_of_the_indices_matters(rows in rows(), seed in any::<u64>(), last in any::<bool>()) {
        let word = if last { "leave-last-out-hashed:1/1" } else { "by-user-hashed:0.7/0.1/0.2" };
        let kind: SplitKind = word.parse().expect("a split");
        let mut sorted = rows.clone();
        sorted.sort();
        let (one, other) = (dataset(&rows, IdOrder::FirstSight), dataset(&sorted, IdOrder::Sorted));
        prop_assert_eq!(parts(&one, &rows, &kind, seed), parts(&other, &sorted, &kind, seed));
        let print = |dataset: &Dataset| -> Option<Fingerprint> {
            let split = dataset.split(&kind, seed).ok()?;
            Some(split.fingerprint(&dataset.users, &dataset.items))
        };
        prop_assert_eq!(print(&one), print(&other));
    }

    #[test]
    fn parts_have_their_sizes_and_are_ordered_by_key(rows in rows(), seed in any::<u64>()) {
        let kind: SplitKind = "by-user-hashed:0.7/0.1/0.2".parse().expect("a split");
        let Some([train, valid, test]) = parts(&dataset(&rows, IdOrder::FirstSight), &rows, &kind, seed) else {
            return Ok(());
        };
        for user in rows.iter().map(|row| &row.0) {
            let keys = |part: &BTreeSet<(String, String, i64)>| -> Vec<u64> {
                let own = part.iter().filter(|row| row.0 == *user);
                own.map(|row| row_key(seed, id_number(&row.0), id_number(&row.1))).collect()
            };
            let (train, valid, test) = (keys(&train), keys(&valid), keys(&test));
            let count = train.len() + valid.len() + test.len();
            prop_assert_eq!((valid.len(), test.len()), (half_up(1, count), half_up(2, count)));
            let last_of_test = test.iter().max().copied().unwrap_or(0);
            let last_of_valid = valid.iter().max().copied().unwrap_or(last_of_test);
            prop_assert!(valid.iter().all(|&key| key >= last_of_test));
            prop_assert!(train.iter().all(|&key| key >= last_of_valid));
        }
    }

    #[test]
    fn the_last_rows_by_time_and_key_are_held_out(rows in rows(), seed in any::<u64>(), valid in 1..3_usize, test in 1..3_usize) {
        let kind: SplitKind = format!("leave-last-out-hashed:{valid}/{test}").parse().expect("a split");
        let Some(split) = parts(&dataset(&rows, IdOrder::FirstSight), &rows, &kind, seed) else {
            return Ok(());
        };
        let mut expected: Parts = Default::default();
        for user in rows.iter().map(|row| &row.0).collect::<BTreeSet<_>>() {
            let mut own: Vec<_> = rows.iter().filter(|row| row.0 == *user).cloned().collect();
            own.sort_by_key(|row| (row.2, row_key(seed, id_number(&row.0), id_number(&row.1))));
            for (from_last, row) in own.iter().rev().enumerate() {
                let part = match from_last {
                    _ if from_last + 1 == own.len() => 0,
                    _ if from_last < test => 2,
                    _ if from_last < valid + test => 1,
                    _ => 0,
                };
                expected[part].insert(row.clone());
            }
        }
        prop_assert_eq!(split, expected);
    }

    #[test]
    fn users_with_several_ratings_at_their_last_time_are_counted(rows in rows()) {
        let users: BTreeSet<_> = rows.iter().map(|row| &row.0).collect();
        let tied = users.iter().filter(|user| {
            let times = || rows.iter().filter(|row| row.0 == ***user).map(|row| row.2);
            let last = times().max();
            times().filter(|&time| Some(time) == last).count() > 1
        });
        let expected = TiedLast { tied: tied.count(), users: users.len() };
        prop_assert_eq!(dataset(&rows, IdOrder::FirstSight).ratings.tied_last(), expected);
    }
}

#[test]
fn keys_are_the_published_ones() {
    assert_eq!(splitmix64(0), 0xe220_a839_7b1d_cdaf);
    assert_eq!(row_key(42, 1, 1), 0x71d2_9ac1_3008_abfa);
    assert_eq!(row_key(42, 196, 242), 0x9351_827e_0e36_8da2);
    assert_eq!(id_number("18446744073709551615"), u64::MAX);
    // FNV-1a of what is no number of 64 bits.
    assert_eq!(id_number("foobar"), 0x8594_4171_f739_67e8);
    assert_eq!(id_number(""), 0xcbf2_9ce4_8422_2325);
    assert_ne!(id_number("18446744073709551616"), 0);
    assert_ne!(id_number("-1"), 1);
}

#[test]
fn the_words_are_read_as_they_are_printed_and_the_seed_has_an_effect() {
    for (word, shown, seeded) in [
        ("by_user_hashed:0.8", "by-user-hashed:0.8", true),
        ("by-user-hashed:0.7/0.1", "by-user-hashed:0.7/0.1/0.2", true),
        ("leave-last-out-hashed", "leave-last-out-hashed:1", true),
        (
            "leave_last_out_hashed:2/1",
            "leave_last_out_hashed:2/1",
            true,
        ),
        ("leave-last-out:1/1", "leave-last-out:1/1", false),
        ("by-user:0.8", "by-user:0.8", false),
        ("by-user-shuffled:0.8", "by-user-shuffled:0.8", true),
        ("fraction:0.7/0.1/0.2", "fraction:0.7/0.1/0.2", true),
        ("time:0.8", "time:0.8", false),
        ("none", "none", false),
    ] {
        let kind: SplitKind = word.parse().expect(word);
        assert_eq!(kind.to_string(), shown.replace('_', "-"));
        assert_eq!(kind.uses_seed(), seeded, "{word}");
        let stored = serde_json::to_string(&kind).expect("a text");
        assert_eq!(
            serde_json::from_str::<SplitKind>(&stored).expect("stored"),
            kind
        );
    }
    for word in [
        "by-user-hashed",
        "by-user-hashed:1",
        "by-user-hashed:0.9/0.1",
        "leave-last-out-hashed:0",
    ] {
        assert!(word.parse::<SplitKind>().is_err(), "{word}");
    }
}

#[test]
fn a_row_in_another_part_changes_the_fingerprint_of_a_split() {
    let rows = [
        ("1", "1", 1.0, Some(1)),
        ("1", "2", 1.0, Some(2)),
        ("2", "1", 1.0, Some(3)),
        ("2", "2", 1.0, Some(4)),
    ];
    let dataset = common::of_rows(&rows, IdOrder::FirstSight);
    let mut seen = BTreeSet::new();
    let choices = [Part::Train, Part::Valid, Part::Test];
    for number in 0..81 {
        let parts = (0..4)
            .map(|row| choices[number / 3_usize.pow(row) % 3])
            .collect();
        let (rest, split) = dataset.clone().into_parts(parts);
        let print = split.fingerprint(&rest.users, &rest.items);
        assert_eq!(print.rows, 4);
        assert!(seen.insert(print.hash));
    }
    assert_eq!(seen.len(), 81);
}
