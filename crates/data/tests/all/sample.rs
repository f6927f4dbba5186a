//! The sample is the same everywhere, and hard to the degree that it says.

use std::collections::HashSet;

use crate::common::rmse;
use recburn_data::{Centre, Dataset, IdOrder, Ratings, SplitKind};

fn ordered(order: IdOrder) -> Dataset {
    Dataset::sample(order)
}

fn sample() -> Dataset {
    ordered(IdOrder::FirstSight)
}

/// FNV-1a over users, items and ratings in half stars.
fn checksum(ratings: &Ratings) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut add = |value: u32| {
        for byte in value.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    };
    for row in 0..ratings.len() {
        add(ratings.users[row].0);
        add(ratings.items[row].0);
        add((2.0 * ratings.ratings[row]) as u32);
    }
    hash
}

#[test]
fn it_is_the_same_everywhere() {
    let dataset = sample();
    assert_eq!(dataset.ratings.len(), 100_000);
    assert_eq!(dataset.ratings.mean(), 3.552815);
    assert_eq!(checksum(&dataset.ratings), 0x84ba_dbf0_fdbf_c5b0);
    assert_eq!(
        dataset.describe_line(),
        "sample: 100,000 ratings by 610 users of 9,724 items, 1.69 % of all pairs, \
         0.5 to 5 in steps of 0.5, synthetic"
    );
}

#[test]
fn its_noise_floor_is_the_error_of_its_truth() {
    let dataset = sample();
    let truth = dataset.truth.as_ref().expect("a sample knows its truth");
    let error = rmse(&dataset.ratings, |row| f64::from(truth[row]));
    let floor = dataset.noise_floor.expect("a sample knows its floor");
    assert!(
        (error - floor).abs() < 1e-12 && (0.80..0.85).contains(&floor),
        "{error} {floor}"
    );
    assert!(truth.iter().all(|truth| (0.5..=5.0).contains(truth)));
    assert_eq!(dataset.noise_floor_of(&[]), None);
}

#[test]
fn every_item_has_a_title_of_its_own_and_genres() {
    let dataset = sample();
    let items: Vec<_> = dataset.catalogue.iter().flatten().collect();
    assert_eq!(items.len(), 9_724);
    assert_eq!(
        items
            .iter()
            .map(|item| &item.title)
            .collect::<HashSet<_>>()
            .len(),
        9_724
    );
    assert!(
        items
            .iter()
            .all(|item| (1..=3).contains(&item.genres.len()))
    );
    println!("{:?}", &items[..5]);
}

#[test]
fn the_order_of_ids_changes_indices_and_nothing_else() {
    let (first, raw) = (sample(), ordered(IdOrder::Raw));
    assert_eq!((raw.items.rows(), raw.items.len()), (9_725, 9_724));
    assert_eq!(first.ratings.ratings, raw.ratings.ratings);
    assert_eq!(first.truth, raw.truth);
    for row in (0..first.ratings.len()).step_by(997) {
        let (ours, theirs) = (first.ratings.items[row], raw.ratings.items[row]);
        assert_eq!(first.items.id(ours), raw.items.id(theirs));
        assert_eq!(first.title(ours), raw.title(theirs));
    }
}

#[test]
fn biases_alone_lie_between_the_floor_and_the_mean() {
    let dataset = sample();
    let split = dataset
        .split(&SplitKind::Fraction { train: 0.8 }, 1)
        .expect("a fair share");
    let floor = dataset
        .noise_floor_of(&split.valid_rows)
        .expect("the sample has a truth");
    let centre = Centre::of(&split.train);
    let mean = rmse(&split.valid, |_| f64::from(centre.mean));
    let train = centre.applied(&split.train);
    let mut user_bias = vec![0.0; dataset.users.rows()];
    let mut item_bias = vec![0.0; dataset.items.rows()];
    // Damped alternating means, as in Surprise's BaselineOnly.
    for _ in 0..10 {
        let mut sums = vec![(0.0, 4.0); item_bias.len()];
        for row in 0..train.len() {
            let sum = &mut sums[train.items[row].index()];
            sum.0 += f64::from(train.ratings[row]) - user_bias[train.users[row].index()];
            sum.1 += 1.0;
        }
        item_bias = sums.iter().map(|(sum, count)| sum / count).collect();
        let mut sums = vec![(0.0, 4.0); user_bias.len()];
        for row in 0..train.len() {
            let sum = &mut sums[train.users[row].index()];
            sum.0 += f64::from(train.ratings[row]) - item_bias[train.items[row].index()];
            sum.1 += 1.0;
        }
        user_bias = sums.iter().map(|(sum, count)| sum / count).collect();
    }
    let biases = rmse(&split.valid, |row| {
        f64::from(centre.mean)
            + user_bias[split.valid.users[row].index()]
            + item_bias[split.valid.items[row].index()]
    });
    println!(
        "floor {floor}, biases {biases}, mean {mean}; {}",
        split.cold
    );
    assert!(
        floor + 0.03 < biases && biases + 0.05 < mean,
        "{floor} {biases} {mean}"
    );
}

#[test]
fn it_has_the_shape_of_ml_latest_small() {
    let dataset = sample();
    assert_eq!((dataset.users.len(), dataset.items.len()), (610, 9_724));
    assert_eq!(dataset.ratings.len(), 100_000);
    assert_eq!(dataset.duplicates, 0);
    assert!(dataset.synthetic);
    let scale = dataset.scale;
    assert_eq!((scale.min, scale.max, scale.step), (0.5, 5.0, 0.5));

    let mut by_user = vec![0; 610];
    let mut by_item = vec![0; 9_724];
    for (user, item) in dataset.ratings.users.iter().zip(&dataset.ratings.items) {
        by_user[user.index()] += 1;
        by_item[item.index()] += 1;
    }
    by_user.sort_unstable();
    by_item.sort_unstable();
    assert!(by_user[0] >= 20 && by_user[609] > 1_000);
    assert!(by_item[0] == 1 && by_item[9_723] > 200);
    let once = by_item.iter().filter(|&&count| count == 1).count();
    assert!(once > 2_000, "a long tail: {once} items with one rating");
}
