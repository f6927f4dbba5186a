//! Kinds of splits as words, printed, typed and stored.

use proptest::prelude::*;
use recburn_data::{RowOrder, SplitKind, TestPart, Ties};

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
