//! Batches of chosen rows: what is drawn for a row depends on its key alone.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use recburn_data::{
    Batch, Examples, Features, Implicit, Input, ItemIx, Kind, Negatives, NextItem, Pick, Ratings,
    Side, UserIx,
};

/// Each user has a few of twenty items.
fn positives() -> Ratings {
    let rows = 0..60_u32;
    Ratings {
        users: rows.clone().map(|row| UserIx(row % 9)).collect(),
        items: rows.map(|row| ItemIx(row * 7 % 20)).collect(),
        ratings: vec![1.0; 60],
        ..Ratings::default()
    }
}

/// The candidates of each chosen row, by row.
fn candidates(pick: &mut dyn Pick, rows: &[u32]) -> Vec<(u32, Vec<u32>)> {
    let keys: Vec<u64> = rows.iter().map(|&row| u64::from(row) * 11).collect();
    let mut batch = Batch::default();
    pick.fill(rows, &keys, &mut batch);
    assert_eq!(batch.keys, keys);
    let items: Vec<u32> = batch
        .items
        .inverse
        .iter()
        .map(|&at| batch.items.rows[at as usize])
        .collect();
    let own = items.chunks_exact(batch.candidates.per_query());
    rows.iter().copied().zip(own.map(<[u32]>::to_vec)).collect()
}

proptest! {
    #[test]
    fn a_positive_has_the_same_negatives_in_any_batch(
        chosen in prop::collection::btree_set(0u32..60, 0..30),
        epoch in 1u64..4,
        popular: bool,
    ) {
        let negatives = match popular {
            true => Negatives::popular(3),
            false => Negatives::uniform(3),
        };
        let positives = positives();
        let examples = Implicit::new(&positives, negatives).unwrap();
        let mut pick = examples.pick(&[]).unwrap().unwrap();
        pick.begin(8, epoch);
        let all: Vec<u32> = (0..60).collect();
        let whole = candidates(&mut *pick, &all);
        let chosen: Vec<u32> = chosen.into_iter().rev().collect();
        for (row, own) in candidates(&mut *pick, &chosen) {
            prop_assert_eq!(&own, &whole[row as usize].1);
            prop_assert_eq!(own[0], positives.items[row as usize].0);
        }
        pick.begin(8, epoch + 1);
        prop_assert_ne!(candidates(&mut *pick, &all), whole, "another epoch");
    }
}

#[test]
fn negatives_are_as_popular_as_the_caller_says() {
    let positives = positives();
    let mut counts = vec![0; 20];
    counts[3] = 1_000_000;
    counts[5] = 1;
    let examples = Implicit::new(&positives, Negatives::popular(4)).unwrap();
    let examples = examples.with_known_negatives().as_popular_as(&counts);
    let mut pick = examples.pick(&[]).unwrap().unwrap();
    pick.begin(1, 1);
    let all: Vec<u32> = (0..60).collect();
    for (row, own) in candidates(&mut *pick, &all) {
        if positives.items[row as usize] != ItemIx(3) {
            assert_eq!(own[1..], [3; 4], "row {row}");
        }
    }
}

/// The score positions of a batch's queries by user and items: each query's user, positive, and candidates that count, with
/// the logarithm of their chances.
type Scored = Vec<(u32, u32, Vec<(u32, u32)>)>;

fn scored(batch: &Batch) -> Scored {
    let count = batch.candidates.per_query();
    let query = |at: usize| {
        let counts = (0..count).filter(|&of| !batch.left_out.contains(&((at * count + of) as u32)));
        let of = |of: usize| (batch.items.rows[of], batch.log_q[of].to_bits());
        (
            batch.users.rows[batch.users.inverse[at] as usize],
            batch.items.rows[batch.positives[at] as usize],
            counts.map(of).collect(),
        )
    };
    (0..batch.queries).map(query).collect()
}

#[test]
fn parts_of_a_batch_share_the_candidates_of_the_whole() {
    let positives = positives();
    for negatives in ["in-batch", "shared-uniform:3", "shared-popular:2"] {
        let examples = Implicit::new(&positives, negatives.parse().unwrap()).unwrap();
        let filled = |rows: &[u32]| {
            let mut pick = examples.pick(&[]).unwrap().unwrap();
            let (mut batch, mut later) = (Batch::default(), Batch::default());
            pick.begin(4, 2);
            // What is drawn for a batch does not depend on the rows of those before it.
            pick.fill(&rows[..1], &[1], &mut batch);
            let keys: Vec<u64> = rows.iter().map(|&row| row.into()).collect();
            pick.fill(rows, &keys, &mut later);
            later
        };
        let rows: Vec<u32> = (0..9).map(|at| at * 7 % 60).collect();
        let whole = filled(&rows);
        let mut share = examples.share(&[], 9).unwrap().unwrap();
        let mut parts = [&rows[..4], &rows[4..]].map(filled);
        let of_all: Vec<u32> = parts.iter().flat_map(|part| share.own(part)).collect();
        for part in &mut parts {
            share.complete(part, 9, &of_all);
        }
        let together: Scored = parts.iter().flat_map(scored).collect();
        assert_eq!(together, scored(&whole), "{negatives}");
        assert!(together.iter().any(|(.., counts)| counts.len() > 1));
    }
    let separate = Implicit::new(&positives, Negatives::uniform(2)).unwrap();
    assert!(separate.share(&[], 9).unwrap().is_none());
}

#[test]
fn histories_are_chosen_by_user() {
    let positives = positives();
    let examples = NextItem::new(&positives, Negatives::uniform(2)).unwrap();
    let kind = Kind::Sequence {
        rows: 20,
        length: 4,
    };
    let recent = Input::new(Features::RECENT, Side::User, kind);
    let mut pick = examples
        .pick(std::slice::from_ref(&recent))
        .unwrap()
        .unwrap();
    let mut whole = Batch::default();
    pick.begin(2, 1);
    pick.fill(&[1, 4], &[10, 40], &mut whole);
    assert_eq!((whole.queries, whole.keys.len()), (8, 8));
    let mut alone = Batch::default();
    pick.fill(&[4], &[40], &mut alone);
    assert_eq!(alone.keys, whole.keys[4..]);
    let items = |batch: &Batch| -> Vec<u32> {
        let rows = batch.items.inverse.iter();
        rows.map(|&at| batch.items.rows[at as usize]).collect()
    };
    assert_eq!(items(&alone), items(&whole)[12..]);
}
