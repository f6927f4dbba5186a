//! Batches show every row once, and every table row of a batch once.

use crate::common::{expand, is_distinct, ratings};
use proptest::prelude::*;
use recburn_data::{Batch, Batches, Centre, Coalescer, Column, DataError, Ratings};

fn rows() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..20_u32, 0..50_u32), 1..150)
}

/// Ascending, or in order of first sight: each position is at most one more than all before it.
fn in_order(column: &Column) -> bool {
    let mut next = 0;
    let mut by_first_sight = column.inverse.iter().map(|&position| {
        let good = position <= next;
        next = next.max(position + 1);
        good
    });
    column.rows.is_sorted() || by_first_sight.all(|good| good)
}

proptest! {
    #[test]
    fn every_row_is_shown_once(
        pairs in rows(), size in 1..40_usize, seed in any::<u64>(), epoch in 0..9_u64, shuffled in any::<bool>(),
    ) {
        let ratings = ratings(&pairs);
        let batches = match shuffled {
            true => Batches::shuffled(&ratings, size, seed, epoch),
            false => Batches::in_order(&ratings, size),
        }.expect("good ratings");
        prop_assert_eq!(batches.len(), pairs.len().div_ceil(size));
        let mut met = Vec::new();
        let mut left = pairs.len();
        for batch in batches {
            prop_assert_eq!(batch.len(), left.min(size));
            left -= batch.len();
            let (users, items) = (expand(&batch.users), expand(&batch.items));
            for column in [&batch.users, &batch.items] {
                prop_assert_eq!(column.len(), batch.len());
                prop_assert!(is_distinct(column) && in_order(column));
            }
            for (place, &row) in batch.targets.iter().enumerate() {
                prop_assert_eq!(pairs[row as usize], (users[place], items[place]));
                met.push(row as usize);
            }
        }
        if !shuffled {
            prop_assert!(met.is_sorted());
        }
        met.sort_unstable();
        prop_assert_eq!(met, (0..pairs.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_coalescer_forgets_the_batch_before(batches in prop::collection::vec(
        prop::collection::vec(0..9_u32, 0..20), 1..20,
    )) {
        let mut coalescer = Coalescer::new(9);
        for ids in batches {
            let column = coalescer.column(&ids);
            prop_assert_eq!(expand(&column), ids);
            prop_assert!(is_distinct(&column) && in_order(&column));
        }
    }
}

proptest! {
    #[test]
    fn a_large_batch_has_its_rows_in_ascending_order_and_a_small_one_as_it_meets_them(
        rows in 1..20_000_usize, batches in prop::collection::vec((1..600_usize, any::<u32>()), 1..5),
    ) {
        let mut coalescer = Coalescer::new(rows);
        for (count, salt) in batches {
            let id = |at: usize| (at as u32).wrapping_mul(2_654_435_761).wrapping_add(salt) % rows as u32;
            let ids: Vec<u32> = (0..count).map(id).collect();
            let column = coalescer.column(&ids);
            prop_assert!(is_distinct(&column));
            prop_assert_eq!(expand(&column), ids.clone());
            if count * 64 >= rows {
                prop_assert!(column.rows.is_sorted());
            } else {
                prop_assert_eq!(column.rows[0], ids[0]);
            }
        }
    }
}

fn order(ratings: &Ratings, seed: u64, epoch: u64) -> Vec<f32> {
    let batches = Batches::shuffled(ratings, 7, seed, epoch).expect("good ratings");
    batches.flat_map(|batch| batch.targets).collect()
}

#[test]
fn the_order_hangs_on_seed_and_epoch_alone() {
    let ratings = ratings(&(0..200).map(|row| (row % 5, row % 11)).collect::<Vec<_>>());
    assert_eq!(order(&ratings, 1, 2), order(&ratings, 1, 2));
    let orders =
        [(1, 2), (2, 1), (1, 3), (3, 1), (0, 0)].map(|(seed, epoch)| order(&ratings, seed, epoch));
    for (place, one) in orders.iter().enumerate() {
        assert!(orders[..place].iter().all(|other| other != one));
    }
}

#[test]
fn the_order_is_the_same_in_every_version() {
    let ratings = ratings(&[(0, 0); 8]);
    assert_eq!(
        order(&ratings, 42, 1),
        [4.0, 0.0, 1.0, 3.0, 6.0, 7.0, 5.0, 2.0]
    );
}

#[test]
fn a_pass_begun_again_is_a_new_pass() {
    let ratings = ratings(&(0..50).map(|row| (row % 5, row % 11)).collect::<Vec<_>>());
    let mut batches = Batches::shuffled(&ratings, 8, 1, 0).expect("good ratings");
    let mut batch = Batch::default();
    while batches.fill(&mut batch) {}
    batches.reshuffle(1, 1);
    let mut met = Vec::new();
    while batches.fill(&mut batch) {
        met.extend_from_slice(&batch.targets);
    }
    assert_eq!(met, order(&ratings, 1, 1));
    assert!(batches.next().is_none());
}

#[test]
fn what_cannot_be_batched_is_refused() {
    let some = ratings(&[(0, 0)]);
    assert!(matches!(
        Batches::in_order(&some, 0),
        Err(DataError::BatchSize)
    ));
    let none = Ratings::default();
    assert!(matches!(
        Batches::shuffled(&none, 4, 0, 0),
        Err(DataError::NoRatings)
    ));
    let uneven = Ratings {
        users: Vec::new(),
        ..some.clone()
    };
    assert!(matches!(
        Batches::in_order(&uneven, 4),
        Err(DataError::UnequalColumns { .. })
    ));
    assert_eq!(
        Batches::in_order(&some, usize::MAX)
            .expect("one batch")
            .count(),
        1
    );
}

#[test]
fn an_id_beyond_its_table_is_named() {
    let ratings = ratings(&[(0, 0), (3, 9), (4, 0)]);
    assert!(ratings.check(5, 10).is_ok());
    let message = ratings.check(4, 10).expect_err("user 4").to_string();
    assert_eq!(
        message,
        "row 2, column users: id 4 is beyond the table's 4 rows"
    );
    let message = ratings.check(5, 9).expect_err("item 9").to_string();
    assert_eq!(
        message,
        "row 1, column items: id 9 is beyond the table's 9 rows"
    );
}

#[test]
fn centring_is_taken_back() {
    let ratings = ratings(&[(0, 0), (0, 1), (1, 1)]);
    let centre = Centre::of(&ratings);
    let centred = centre.applied(&ratings);
    assert_eq!(
        (centre.mean, centred.ratings.clone()),
        (1.0, vec![-1.0, 0.0, 1.0])
    );
    let restored: Vec<f32> = centred
        .ratings
        .iter()
        .map(|&rating| centre.restore(rating))
        .collect();
    assert_eq!(restored, ratings.ratings);
    assert_eq!(Centre::none().applied(&ratings), ratings);
    assert_eq!(Centre::of(&Ratings::default()), Centre::none());
}
