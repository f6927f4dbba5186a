//! Splits are disjoint, complete, seeded, and tell what is cold.

mod common;

use std::collections::HashSet;

use proptest::prelude::*;
use recburn_data::{Cold, DataError, Dataset, RowOrder, Split, SplitKind, TestPart, Ties};

fn dataset(pairs: &[(u32, u32)]) -> Dataset {
    common::dataset(common::ratings(pairs))
}

fn kinds() -> impl Strategy<Value = SplitKind> {
    let share = 0.05..0.95_f64;
    prop_oneof![
        share
            .clone()
            .prop_map(|train| SplitKind::Fraction { train }),
        share.clone().prop_map(|train| SplitKind::Mask { train }),
        share.clone().prop_map(|train| SplitKind::ByUser {
            train,
            order: RowOrder::File
        }),
        share.prop_map(|train| SplitKind::ByUser {
            train,
            order: RowOrder::Shuffled
        }),
        (2..7_usize, 0..7_usize).prop_map(|(folds, fold)| SplitKind::KFold {
            folds,
            fold: fold % folds
        }),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..12_u32, 0..30_u32), 20..200)
}

/// By the book.
fn cold_by_hand(split: &Split) -> Cold {
    let users: HashSet<_> = split.train.users.iter().collect();
    let items: HashSet<_> = split.train.items.iter().collect();
    let new_users: HashSet<_> = split
        .valid
        .users
        .iter()
        .filter(|u| !users.contains(u))
        .collect();
    let new_items: HashSet<_> = split
        .valid
        .items
        .iter()
        .filter(|i| !items.contains(i))
        .collect();
    let rows = split.valid.users.iter().zip(&split.valid.items);
    Cold {
        users: new_users.len(),
        items: new_items.len(),
        rows: rows
            .filter(|(user, item)| new_users.contains(user) || new_items.contains(item))
            .count(),
    }
}

proptest! {
    #[test]
    fn parts_are_disjoint_complete_and_in_file_order(
        pairs in pairs(), kind in kinds(), seed in any::<u64>(),
    ) {
        let dataset = dataset(&pairs);
        let split = match dataset.split(&kind, seed) {
            Err(DataError::EmptyPart { .. }) => return Ok(()),
            split => split.expect("a good kind"),
        };
        let mut rows = [split.train_rows.clone(), split.valid_rows.clone()].concat();
        rows.sort_unstable();
        prop_assert_eq!(rows, (0..pairs.len() as u32).collect::<Vec<_>>());
        prop_assert!(split.train_rows.is_sorted() && split.valid_rows.is_sorted());
        prop_assert_eq!(&split.train, &dataset.ratings.take(&split.train_rows));
        prop_assert_eq!(&split.valid, &dataset.ratings.take(&split.valid_rows));
        prop_assert_eq!(split.cold, cold_by_hand(&split));
        prop_assert_eq!(dataset.split(&kind, seed).expect("as before"), split);
    }

    #[test]
    fn moving_the_ratings_gives_the_parts_that_copying_them_gives(
        pairs in pairs(), kind in kinds(), seed in any::<u64>(), timed in any::<bool>(),
    ) {
        let mut dataset = dataset(&pairs);
        dataset.ratings.timestamps = timed.then(|| (0..pairs.len() as i64).collect());
        dataset.truth = Some(vec![0.0; pairs.len()]);
        match (dataset.split(&kind, seed), dataset.clone().into_split(&kind, seed)) {
            (Ok(copied), Ok((rest, moved))) => {
                prop_assert_eq!(moved, copied);
                prop_assert_eq!((&rest.users, &rest.items), (&dataset.users, &dataset.items));
                // What needs ratings says that there are none.
                prop_assert_eq!((rest.density(), rest.noise_floor_of(&[0])), (0.0, None));
            }
            (copied, moved) => prop_assert!(copied.is_err() && moved.is_err()),
        }
    }

    #[test]
    fn a_fraction_is_exact(pairs in pairs(), train in 0.1..0.9_f64, seed in any::<u64>()) {
        let split = dataset(&pairs).split(&SplitKind::Fraction { train }, seed).expect("a share");
        let exact = (pairs.len() as f64 * train).round_ties_even() as usize;
        prop_assert_eq!(split.train.len(), exact);
    }

    #[test]
    fn folds_share_the_rows_evenly(pairs in pairs(), folds in 2..7_usize, seed in any::<u64>()) {
        let dataset = dataset(&pairs);
        let mut met = vec![0; pairs.len()];
        for fold in 0..folds {
            let split = dataset.split(&SplitKind::KFold { folds, fold }, seed).expect("a fold");
            prop_assert!((pairs.len() / folds..=pairs.len().div_ceil(folds)).contains(&split.valid.len()));
            split.valid_rows.iter().for_each(|&row| met[row as usize] += 1);
        }
        prop_assert!(met.iter().all(|&count| count == 1));
    }

    #[test]
    fn every_user_trains_on_the_same_share(
        pairs in pairs(), train in 0.3..0.7_f64, shuffled in any::<bool>(), seed in any::<u64>(),
    ) {
        let order = if shuffled { RowOrder::Shuffled } else { RowOrder::File };
        let split = dataset(&pairs).split(&SplitKind::ByUser { train, order }, seed).expect("a share");
        for user in 0..12 {
            let rows: Vec<u32> =
                (0..pairs.len() as u32).filter(|&row| pairs[row as usize].0 == user).collect();
            let count = (rows.len() as f64 * train).round_ties_even() as usize;
            let trained: Vec<u32> =
                rows.iter().copied().filter(|row| split.train_rows.contains(row)).collect();
            prop_assert_eq!(trained.len(), count);
            if !shuffled {
                prop_assert_eq!(&trained[..], &rows[..count]);
            }
        }
    }
}

#[test]
fn seeds_differ() {
    let pairs: Vec<(u32, u32)> = (0..500).map(|row| (row % 10, row)).collect();
    let dataset = dataset(&pairs);
    let train = 0.5;
    for kind in [
        SplitKind::Fraction { train },
        SplitKind::Mask { train },
        SplitKind::ByUser {
            train,
            order: RowOrder::Shuffled,
        },
        SplitKind::KFold { folds: 2, fold: 0 },
    ] {
        let rows = |seed| dataset.split(&kind, seed).expect("a good kind").train_rows;
        assert_ne!(rows(1), rows(2), "{kind}");
    }
    let kind = SplitKind::ByUser {
        train,
        order: RowOrder::File,
    };
    assert_eq!(
        dataset.split(&kind, 1).expect("good"),
        dataset.split(&kind, 2).expect("good")
    );
}

#[test]
fn a_mask_trains_on_about_its_share() {
    let pairs: Vec<(u32, u32)> = (0..20_000).map(|row| (row % 10, row % 900)).collect();
    let split = dataset(&pairs)
        .split(&SplitKind::Mask { train: 0.8 }, 3)
        .expect("a share");
    // Five standard deviations of 57 rows.
    assert!(
        split.train.len().abs_diff(16_000) < 285,
        "{}",
        split.train.len()
    );
}

#[test]
fn the_same_seed_gives_the_same_rows_in_every_version() {
    let pairs: Vec<(u32, u32)> = (0..10).map(|row| (0, row)).collect();
    let split = dataset(&pairs)
        .split(&SplitKind::Fraction { train: 0.5 }, 42)
        .expect("a share");
    assert_eq!(split.train_rows, [0, 1, 3, 6, 8]);
}

#[test]
fn what_parts_nothing_is_refused() {
    let dataset = dataset(&[(0, 0), (0, 1), (1, 1)]);
    let refusal = |kind: SplitKind| {
        dataset
            .split(&kind, 0)
            .expect_err("nothing parted")
            .to_string()
    };
    for train in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        assert!(refusal(SplitKind::Mask { train }).starts_with("the training share must be"));
        assert!(refusal(SplitKind::Fraction { train }).starts_with("the training share must be"));
    }
    assert_eq!(
        refusal(SplitKind::KFold { folds: 1, fold: 0 }),
        "fold:1/1 makes no two parts: at least 2 folds are needed"
    );
    // Whoever reads a message counts folds from one.
    let there_is_no =
        |fold| format!("there is no fold {fold} of 5: say one from fold:1/5 to fold:5/5");
    assert_eq!(
        refusal(SplitKind::KFold { folds: 5, fold: 5 }),
        there_is_no(6)
    );
    for fold in [0, 6] {
        let word = format!("fold:{fold}/5");
        let error = word.parse::<SplitKind>().expect_err("no such fold");
        assert_eq!(error.to_string(), there_is_no(fold));
    }
    assert_eq!(
        refusal(SplitKind::Fraction { train: 0.99 }),
        "the split 'fraction:0.99' of 3 rows leaves the validation part empty"
    );
    assert_eq!(
        refusal(SplitKind::KFold { folds: 9, fold: 8 }),
        "the split 'fold:9/9' of 3 rows leaves the validation part empty"
    );
    let given = SplitKind::Given {
        train: "u1.base".into(),
        valid: "u1.test".into(),
    };
    assert!(refusal(given).contains("read both with open_pair"));
}

#[test]
fn kinds_are_words() {
    let train = 0.8;
    for (kind, word) in [
        (SplitKind::Fraction { train }, "fraction:0.8"),
        (SplitKind::Mask { train }, "mask:0.8"),
        (
            SplitKind::ByUser {
                train,
                order: RowOrder::File,
            },
            "by-user:0.8",
        ),
        (
            SplitKind::ByUser {
                train,
                order: RowOrder::Shuffled,
            },
            "by-user-shuffled:0.8",
        ),
        (SplitKind::KFold { folds: 5, fold: 1 }, "fold:2/5"),
        (
            SplitKind::Given {
                train: "a.base".into(),
                valid: "a.test".into(),
            },
            "given:a.base,a.test",
        ),
    ] {
        assert_eq!(word.parse::<SplitKind>().expect(word), kind);
        assert_eq!(kind.to_string(), word);
        let saved = serde_json::to_string(&kind).expect("plain data");
        assert_eq!(
            serde_json::from_str::<SplitKind>(&saved).expect("what was saved"),
            kind
        );
    }
    for (stored, kind) in [
        // Files that were written when a split was an object.
        (
            r#"{"kind":"by_user","train":0.8,"order":"file"}"#,
            "by-user:0.8",
        ),
        (r#"{"kind":"k_fold","folds":5,"fold":1}"#, "fold:2/5"),
        (r#"{"kind":"leave_last_out","count":2}"#, "leave-last-out:2"),
        (r#"{"kind":"given","train":"a","valid":"b"}"#, "given:a,b"),
        (r#""stratified:0.8""#, "by-user:0.8"),
    ] {
        let kind: SplitKind = kind.parse().expect("a split");
        assert_eq!(
            serde_json::from_str::<SplitKind>(stored).expect(stored),
            kind
        );
        let saved = serde_json::to_string(&kind).expect("plain data");
        assert_eq!(saved, format!("\"{kind}\""));
    }
    assert!(serde_json::from_str::<SplitKind>(r#""fold:6/5""#).is_err());
    for word in [
        "mask", "mask:", "mask:x", "mask:1.5", "fold:0/5", "fold:6/5", "fold:5", "half:0.5", "",
    ] {
        assert!(word.parse::<SplitKind>().is_err(), "'{word}'");
    }
}

/// Every kind, those with a test part included.
fn any_kind() -> impl Strategy<Value = SplitKind> {
    let shares = (0.01..0.98_f64, 0.1..0.9_f64).prop_map(|(train, of_rest)| {
        let test = of_rest * (1.0 - train);
        (train, test)
    });
    let with_share = (shares, 0..6).prop_map(|((train, test), which)| SplitKind::WithTest {
        kind: Box::new(match which {
            0 => SplitKind::Fraction { train },
            1 => SplitKind::Mask { train },
            2 => SplitKind::ByTime { train },
            3 => SplitKind::ByUser {
                train,
                order: RowOrder::File,
            },
            4 => SplitKind::ByUser {
                train,
                order: RowOrder::Shuffled,
            },
            _ => SplitKind::ByUser {
                train,
                order: RowOrder::Hashed,
            },
        }),
        test: TestPart::Share(test),
    });
    let counts = (1..usize::MAX, 1..usize::MAX, ties());
    let with_rows = counts.prop_map(|(count, test, ties)| SplitKind::WithTest {
        kind: Box::new(SplitKind::LeaveLastOut { count, ties }),
        test: TestPart::Rows(test),
    });
    prop_oneof![
        7 => two_parts(),
        3 => with_share,
        1 => with_rows,
        1 => Just(SplitKind::None),
    ]
}

fn ties() -> impl Strategy<Value = Ties> {
    prop_oneof![Just(Ties::File), Just(Ties::Hashed)]
}

fn two_parts() -> impl Strategy<Value = SplitKind> {
    let share = || (1e-9..1.0_f64).prop_filter("below 1", |share| *share < 1.0);
    let path = || "[a-zA-Z0-9 ._/:,-]{1,12}";
    let orders = prop::sample::select(vec![RowOrder::File, RowOrder::Shuffled, RowOrder::Hashed]);
    prop_oneof![
        share().prop_map(|train| SplitKind::Fraction { train }),
        share().prop_map(|train| SplitKind::Mask { train }),
        share().prop_map(|train| SplitKind::ByTime { train }),
        (share(), orders).prop_map(|(train, order)| SplitKind::ByUser { train, order }),
        (1..usize::MAX, ties()).prop_map(|(count, ties)| SplitKind::LeaveLastOut { count, ties }),
        (2..usize::MAX)
            .prop_flat_map(|folds| (Just(folds), 0..folds))
            .prop_map(|(folds, fold)| SplitKind::KFold { folds, fold }),
        (path(), path()).prop_map(|(train, valid)| SplitKind::Given {
            train: train.into(),
            valid: valid.into(),
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_of_a_split_is_read_as_that_split(kind in any_kind()) {
        let shown = kind.to_string();
        prop_assert_eq!(shown.parse::<SplitKind>().expect("what was printed"), kind.clone());
        let saved = serde_json::to_string(&kind).expect("plain data");
        prop_assert_eq!(&saved, &serde_json::to_string(&shown).expect("a text"));
        prop_assert_eq!(serde_json::from_str::<SplitKind>(&saved).expect("what was saved"), kind);
    }
}
