//! The rows of each part, whatever the kind of split.

use super::dataset;
use proptest::prelude::*;
use recburn_data::{Cold, DataError, RowOrder, Split, SplitKind};
use std::collections::HashSet;

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
