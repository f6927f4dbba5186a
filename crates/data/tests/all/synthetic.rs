//! Made-up ratings have the shape asked for, the same everywhere, and something in them to be learnt.

use std::collections::HashSet;
use std::fs;

use crate::common::rmse;
use proptest::prelude::*;
use recburn_data::{Centre, DataError, Dataset, IdOrder, Rated, Scale, SplitKind, Synthetic};

/// Shapes from a single rating to all pairs, with gaps between the ids and several scales.
fn shapes() -> impl Strategy<Value = Synthetic> {
    let scales = prop_oneof![
        Just((0.5, 5.0, 0.5)),
        Just((1.0, 5.0, 1.0)),
        Just((0.0, 1.0, 0.1)),
        Just((-10.0, 10.0, 0.25)),
    ];
    let sizes = (1..40_usize, 1..60_usize, 0.0..=1.0_f64);
    (sizes, 1..5_u32, scales, any::<u64>()).prop_map(|(sizes, spread, scale, seed)| {
        let (users, items, filled) = sizes;
        let (least, most) = (users.max(items), users * items);
        let (min, max, step) = scale;
        Synthetic {
            item_ids_up_to: items as u32 * spread,
            scale: Scale { min, max, step },
            seed,
            ..Synthetic::of(
                users,
                items,
                least + (filled * (most - least) as f64) as usize,
            )
        }
    })
}

fn all(shape: &Synthetic) -> Vec<Rated> {
    shape.rows().expect("a good shape").collect()
}

fn counts(numbers: impl Iterator<Item = usize>, below: usize) -> Vec<usize> {
    let mut counts = vec![0; below];
    numbers.for_each(|number| counts[number] += 1);
    counts
}

proptest! {
    #[test]
    fn every_shape_is_met(shape in shapes()) {
        let rows = shape.rows().expect("a good shape");
        prop_assert_eq!(rows.len(), shape.ratings);
        let rows: Vec<Rated> = rows.collect();
        prop_assert_eq!(rows.len(), shape.ratings);
        let pairs: HashSet<(u32, u32)> = rows.iter().map(|row| (row.user, row.item)).collect();
        prop_assert_eq!(pairs.len(), rows.len(), "no pair twice");
        prop_assert!(rows.is_sorted_by_key(|row| (row.user, row.item)));

        let users: HashSet<u32> = pairs.iter().map(|pair| pair.0).collect();
        let items: HashSet<u32> = pairs.iter().map(|pair| pair.1).collect();
        prop_assert_eq!((users.len(), items.len()), (shape.users, shape.items));
        prop_assert_eq!(users.into_iter().max(), Some(shape.users as u32));
        prop_assert_eq!(items.iter().copied().max(), Some(shape.item_ids_up_to));
        prop_assert!(!items.contains(&0));

        let least = shape.least_per_user.min(shape.ratings / shape.users);
        let by_user = counts(rows.iter().map(|row| row.user as usize - 1), shape.users);
        prop_assert!(by_user.iter().all(|&count| count >= least));

        let Scale { min, max, step } = shape.scale;
        for row in &rows {
            let place = (row.rating - min) / step;
            prop_assert!((place - place.round()).abs() < 1e-4, "{}", row.rating);
            prop_assert!((min..=max).contains(&row.rating) && (min..=max).contains(&row.truth));
            prop_assert!((789_652_009..1_427_784_002).contains(&row.timestamp));
        }
        prop_assert_eq!(all(&shape), rows, "the seed says it all");
    }

    #[test]
    fn held_and_handed_out_ratings_are_the_same(shape in shapes(), raw in any::<bool>()) {
        let order = if raw { IdOrder::Raw } else { IdOrder::FirstSight };
        let made = shape.dataset(order).expect("a good shape");
        let rows = all(&shape);
        let ratings: Vec<f32> = rows.iter().map(|row| row.rating).collect();
        prop_assert_eq!(&made.ratings.ratings, &ratings);
        let truths: Vec<f32> = rows.iter().map(|row| row.truth).collect();
        prop_assert_eq!(made.truth.as_deref(), Some(&truths[..]));
        let rows: Vec<u32> = (0..shape.ratings as u32).collect();
        prop_assert_eq!(made.noise_floor, made.noise_floor_of(&rows));
        prop_assert!(made.synthetic);
    }
}

fn middling() -> Synthetic {
    Synthetic {
        item_ids_up_to: 20_000,
        ..Synthetic::of(3_000, 4_000, 400_000)
    }
}

#[test]
fn they_are_the_same_everywhere() {
    // FNV-1a over everything.
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for row in all(&middling()) {
        let numbers = [
            u64::from(row.user),
            u64::from(row.item),
            u64::from(row.rating.to_bits()),
            row.timestamp as u64,
            u64::from(row.truth.to_bits()),
        ];
        for byte in numbers.iter().flat_map(|number| number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    assert_eq!(hash, 2_197_113_436_709_470_916);
}

#[test]
fn seeds_differ() {
    let other = Synthetic {
        seed: 43,
        ..middling()
    };
    let (ours, theirs) = (all(&middling()), all(&other));
    assert_eq!(ours.len(), theirs.len());
    assert_ne!(ours[..100], theirs[..100]);
}

#[test]
fn activity_and_popularity_have_long_tails() {
    let dataset = middling().dataset(IdOrder::FirstSight).expect("good");
    let Dataset { ratings, .. } = &dataset;
    let mut by_user = counts(ratings.users.iter().map(|user| user.index()), 3_000);
    let mut by_item = counts(ratings.items.iter().map(|item| item.index()), 4_000);
    by_user.sort_unstable();
    by_item.sort_unstable();
    // The mean is 133 for users and 100 for items.
    assert!(by_user[0] >= 20 && by_user[1_500] < 90 && by_user[2_999] > 1_000);
    assert!(by_item[0] >= 1 && by_item[2_000] < 20 && by_item[3_999] > 700);
    let head: usize = by_item[3_600..].iter().sum();
    assert!(
        (0.75..0.99).contains(&(head as f64 / 400_000.0)),
        "a tenth of the items: {head}"
    );
}

#[test]
fn there_is_something_to_learn_and_something_that_nobody_learns() {
    let dataset = middling().dataset(IdOrder::FirstSight).expect("good");
    let kind = SplitKind::Fraction { train: 0.8 };
    let split = dataset.split(&kind, 1).expect("a fair share");
    let floor = dataset.noise_floor_of(&split.valid_rows).expect("a truth");
    let mean = Centre::of(&split.train).mean;
    let (train, valid) = (&split.train, &split.valid);
    let by_mean = rmse(valid, |_| f64::from(mean));
    // One round of damped means: items first, then users.
    let mut items = vec![(0.0, 4.0); dataset.items.rows()];
    for (item, rating) in train.items.iter().zip(&train.ratings) {
        let (sum, count) = &mut items[item.index()];
        *sum += f64::from(rating - mean);
        *count += 1.0;
    }
    let bias = |item: usize| items[item].0 / items[item].1;
    let mut users = vec![(0.0, 4.0); dataset.users.rows()];
    for row in 0..train.len() {
        let (sum, count) = &mut users[train.users[row].index()];
        *sum += f64::from(train.ratings[row] - mean) - bias(train.items[row].index());
        *count += 1.0;
    }
    let by_biases = rmse(valid, |row| {
        let (sum, count) = users[valid.users[row].index()];
        f64::from(mean) + bias(valid.items[row].index()) + sum / count
    });
    println!("floor {floor}, biases {by_biases}, mean {by_mean}");
    assert!((0.80..0.86).contains(&floor), "{floor}");
    assert!((1.0..1.1).contains(&by_mean), "{by_mean}");
    // What lies between the floor and the biases is what tastes explain.
    assert!(
        floor + 0.05 < by_biases && by_biases + 0.1 < by_mean,
        "{floor} {by_biases} {by_mean}"
    );
}

#[test]
fn movielens_20m_has_its_published_counts() {
    let shape = Synthetic::ml_20m();
    let rows = shape.rows().expect("a good shape");
    assert_eq!(rows.len(), 20_000_263);
    // All of them take a second when optimised; some hundred thousand will do here.
    let largest = rows.take(300_000).map(|row| row.item).max();
    assert!(largest.is_some_and(|largest| (120_000..=131_262).contains(&largest)));
}

#[test]
fn a_file_is_as_movielens_writes_it_and_replaces_what_was_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ratings.csv");
    fs::write(&path, "old").expect("a file");
    Synthetic::of(2, 3, 6)
        .write_csv(&path)
        .expect("a free place");
    let text = fs::read_to_string(&path).expect("what was written");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "userId,movieId,rating,timestamp");
    assert_eq!(lines.len(), 7);
    let fields: Vec<&str> = lines[1].split(',').collect();
    assert_eq!(fields[..2], ["1", "1"]);
    assert!(fields[2].ends_with(".0") || fields[2].ends_with(".5"));
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "nothing but the file");

    let error = Synthetic::of(2, 3, 6).write_csv(folder.path());
    let message = error.expect_err("a folder stands there").to_string();
    assert!(
        message.contains(&folder.path().display().to_string()),
        "{message}"
    );
}

#[test]
fn what_cannot_be_is_refused_in_numbers() {
    let good = Synthetic::of(3, 4, 12);
    let scale = |min, max, step| Synthetic {
        scale: Scale { min, max, step },
        ..good.clone()
    };
    for (shape, said) in [
        (Synthetic::of(0, 4, 12), "0 users and 4 items"),
        (
            Synthetic::of(3, 4, 13),
            "13 ratings are more than there are pairs of 3 users and 4 items",
        ),
        (
            Synthetic::of(3, 4, 3),
            "3 ratings of 4 items by 3 users leave some without any",
        ),
        (
            Synthetic {
                item_ids_up_to: 3,
                ..good.clone()
            },
            "4 items with ids up to 3",
        ),
        (
            Synthetic::of(1 << 17, 1 << 17, 1 << 33),
            "more than can be counted in 32 bits",
        ),
        (scale(1.0, 1.0, 1.0), "a scale from 1 to 1 by 1"),
        (scale(5.0, 1.0, 1.0), "a scale from 5 to 1 by 1"),
        (scale(1.0, 5.0, 0.0), "a scale from 1 to 5 by 0"),
        (scale(1.0, 5.0, f32::NAN), "by NaN"),
        (scale(0.0, 1e9, 1.0), "it must rise in 1 to 999 steps"),
    ] {
        let error = shape.rows().expect_err(said);
        assert!(matches!(error, DataError::Synthetic { .. }));
        let message = error.to_string();
        assert!(
            message.starts_with("no ratings can be made up of this shape: ")
                && message.contains(said),
            "{message}"
        );
        assert!(shape.dataset(IdOrder::FirstSight).is_err());
        assert!(shape.write_csv("never/written.csv").is_err());
    }
}
