//! Splits that go by time: what trains lies before what validates.

use crate::common;
use proptest::prelude::*;
use recburn_data::{DataError, Dataset, Ratings, RowOrder, SplitKind, Ties};

/// Ratings of these users at these times, each of another item.
fn dataset(rows: &[(u32, i64)]) -> Dataset {
    let pairs: Vec<(u32, u32)> = rows.iter().map(|row| row.0).zip(0..).collect();
    common::dataset(Ratings {
        timestamps: Some(rows.iter().map(|row| row.1).collect()),
        ..common::ratings(&pairs)
    })
}

/// Few times, so that many rows share one.
fn rows() -> impl Strategy<Value = Vec<(u32, i64)>> {
    prop::collection::vec((0..12_u32, -5..20_i64), 20..150)
}

proptest! {
    #[test]
    fn the_past_trains_and_the_future_validates(rows in rows(), train in 0.1..0.9_f64, seed in any::<u64>()) {
        let split = dataset(&rows).split(&SplitKind::ByTime { train }, seed).expect("a share");
        let count = (rows.len() as f64 * train).round_ties_even() as usize;
        prop_assert_eq!(split.train.len(), count);
        let key = |row: &u32| (rows[*row as usize].1, *row);
        let last = split.train_rows.iter().map(key).max();
        let first = split.valid_rows.iter().map(key).min();
        prop_assert!(last < first, "{:?} {:?}", last, first);
        prop_assert!(split.train_rows.is_sorted() && split.valid_rows.is_sorted());
    }

    #[test]
    fn the_last_rows_of_each_user_are_left_out(rows in rows(), count in 1..5_usize, seed in any::<u64>()) {
        let split = match dataset(&rows).split(&SplitKind::LeaveLastOut { count, ties: Ties::File }, seed) {
            Err(DataError::EmptyPart { .. }) => return Ok(()),
            split => split.expect("a count"),
        };
        for user in 0..12 {
            let mut own: Vec<u32> = (0..rows.len() as u32).filter(|&row| rows[row as usize].0 == user).collect();
            own.sort_by_key(|&row| rows[row as usize].1);
            let left_out = count.min(own.len().saturating_sub(1));
            let (before, last) = own.split_at(own.len() - left_out);
            prop_assert!(before.iter().all(|row| split.train_rows.contains(row)));
            prop_assert!(last.iter().all(|row| split.valid_rows.contains(row)));
        }
        prop_assert_eq!(split.cold.users, 0);
        prop_assert_eq!(split.train.len() + split.valid.len(), rows.len());
    }

    #[test]
    fn moving_gives_what_copying_gives(rows in rows(), last in any::<bool>()) {
        let kind = if last { SplitKind::LeaveLastOut { count: 1, ties: Ties::File } } else { SplitKind::ByTime { train: 0.7 } };
        let dataset = dataset(&rows);
        let copied = dataset.split(&kind, 0).expect("good");
        let (_, moved) = dataset.into_split(&kind, 1).expect("good");
        prop_assert_eq!(moved, copied);
    }
}

#[test]
fn ties_are_in_the_order_of_the_file() {
    let dataset = dataset(&[(0, 5), (0, 5), (0, 5), (0, 1)]);
    let split = dataset
        .split(
            &SplitKind::LeaveLastOut {
                count: 1,
                ties: Ties::File,
            },
            0,
        )
        .expect("good");
    assert_eq!(split.valid_rows, [2]);
    let split = dataset
        .split(&SplitKind::ByTime { train: 0.5 }, 0)
        .expect("good");
    assert_eq!(split.train_rows, [0, 3]);
}

#[test]
fn ratings_without_times_are_refused() {
    let mut dataset = dataset(&[(0, 5), (0, 6), (1, 7)]);
    let refusal = |dataset: &Dataset, kind: SplitKind| {
        dataset.split(&kind, 0).expect_err("refused").to_string()
    };
    assert_eq!(
        refusal(
            &dataset,
            SplitKind::LeaveLastOut {
                count: 0,
                ties: Ties::File
            }
        ),
        "at least the last row of each user has to be left out, not 0: say leave-last-out:1"
    );
    assert!(refusal(&dataset, SplitKind::ByTime { train: 1.0 }).starts_with("the training share"));
    dataset.ratings.timestamps = None;
    assert_eq!(
        refusal(&dataset, SplitKind::ByTime { train: 0.5 }),
        "the split 'time:0.5' goes by time, and these ratings have no timestamps"
    );
    dataset.ratings.timestamps = Some(vec![1]);
    assert!(
        refusal(
            &dataset,
            SplitKind::LeaveLastOut {
                count: 2,
                ties: Ties::File
            }
        )
        .starts_with("the split 'leave-last-out:2' goes by")
    );
}

#[test]
fn kinds_are_words() {
    let stratified = |order| SplitKind::ByUser { train: 0.8, order };
    for (word, kind, shown) in [
        ("time:0.8", SplitKind::ByTime { train: 0.8 }, "time:0.8"),
        (
            "leave-last-out",
            SplitKind::LeaveLastOut {
                count: 1,
                ties: Ties::File,
            },
            "leave-last-out:1",
        ),
        (
            "leave_last_out:3",
            SplitKind::LeaveLastOut {
                count: 3,
                ties: Ties::File,
            },
            "leave-last-out:3",
        ),
        ("stratified:0.8", stratified(RowOrder::File), "by-user:0.8"),
        (
            "stratified-shuffled:0.8",
            stratified(RowOrder::Shuffled),
            "by-user-shuffled:0.8",
        ),
    ] {
        assert_eq!(word.parse::<SplitKind>().expect(word), kind);
        assert_eq!(kind.to_string(), shown);
        let saved = serde_json::to_string(&kind).expect("plain data");
        assert_eq!(
            serde_json::from_str::<SplitKind>(&saved).expect("what was saved"),
            kind
        );
    }
    for word in [
        "time",
        "time:",
        "time:1",
        "leave-last-out:",
        "leave-last-out:0",
        "leave-last-out:x",
        "stratified",
        "leave",
    ] {
        assert!(word.parse::<SplitKind>().is_err(), "'{word}'");
    }
}
