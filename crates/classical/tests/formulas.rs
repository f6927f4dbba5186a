//! Models against the formulas of their documentation, computed in a plain way.

#![allow(clippy::unwrap_used)]

mod common;

use common::{context, items_of};
use proptest::prelude::*;
use recburn_classical::{Fitted, find};
use recburn_data::{Dataset, IdOrder, ItemIx, Ratings, UserIx};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn fitted(
    method: &str,
    options: Value,
    train: &Ratings,
    users: usize,
    items: usize,
) -> Box<dyn Fitted> {
    let method = find(method).unwrap().from_options(options).unwrap();
    method.fit(&context(train, users, items, 1, 2)).unwrap()
}

/// The sample's ratings of a few items: the conditions of the linear models take the items' square and more.
fn sample() -> (Ratings, usize, usize) {
    const ITEMS: usize = 300;
    let (train, users) = sample_of(ITEMS);
    (train, users, ITEMS)
}

/// The sample's ratings of the first items, and the number of its users.
fn sample_of(items: usize) -> (Ratings, usize) {
    let dataset = Dataset::sample(IdOrder::FirstSight);
    let all = &dataset.ratings;
    let few = |&row: &u32| all.items[row as usize].index() < items;
    let rows: Vec<u32> = (0..all.len() as u32).filter(few).collect();
    (all.take(&rows), dataset.users.rows())
}

/// The co-occurrences of all items.
fn gram(ratings: &Ratings, users: usize, items: usize) -> Vec<Vec<f64>> {
    let mut gram = vec![vec![0.0; items]; items];
    let lists = items_of(ratings);
    for user in 0..users as u32 {
        let mut list = lists.get(user).to_vec();
        list.dedup();
        for &left in &list {
            for &right in &list {
                gram[left as usize][right as usize] += 1.0;
            }
        }
    }
    gram
}

/// The weights of a linear model: what a profile of one item scores.
fn weights(model: &dyn Fitted, items: usize) -> Vec<Vec<f64>> {
    let row = |item| {
        let mut row = vec![0.0; items];
        model.fold_in(&[(ItemIx(item), 1.0)], &mut row).unwrap();
        row.into_iter().map(f64::from).collect()
    };
    (0..items as u32).map(row).collect()
}

/// The weights of every item for one target.
fn column(weights: &[Vec<f64>], target: usize) -> Vec<f64> {
    weights.iter().map(|row| row[target]).collect()
}

fn product(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

/// Numbers of items around the sizes of the blocks that it is computed in.
#[test]
fn ease_solves_its_normal_equations() {
    let lambda = 20.0;
    for items in [1, 31, 96, 97, 192, 193, 300] {
        let (train, users) = sample_of(items);
        let model = fitted("ease", json!({ "lambda": lambda }), &train, users, items);
        let (gram, weights) = (gram(&train, users, items), weights(&*model, items));
        for target in (0..items).step_by(items.div_ceil(12)) {
            let weights = column(&weights, target);
            assert_eq!(weights[target], 0.0);
            for item in (0..items).filter(|&item| item != target) {
                let found = product(&gram[item], &weights) + lambda * weights[item];
                let error = (found - gram[item][target]).abs();
                assert!(
                    error < 2e-3,
                    "{items}: {item}, {target}: {found} for {}",
                    gram[item][target]
                );
            }
        }
    }
}

#[test]
fn ease_is_the_same_on_any_number_of_threads() {
    let (train, users, items) = sample();
    let method = find("ease").unwrap().from_options(json!({})).unwrap();
    let saved = [1, 2, 5].map(|threads| {
        let model = method.fit(&context(&train, users, items, 1, threads));
        serde_json::to_string(&model.unwrap().saved()).unwrap()
    });
    assert!(saved.iter().all(|model| *model == saved[0]));
}

#[test]
fn slim_meets_the_conditions_of_its_minimum() {
    let (train, users, items) = sample();
    let (l1, l2) = (0.5, 10.0);
    let options = json!({ "l1": l1, "l2": l2, "tolerance": 1e-6, "sweeps": 1000 });
    let model = fitted("slim", options, &train, users, items);
    let (gram, weights) = (gram(&train, users, items), weights(&*model, items));
    let mut positive = 0;
    for target in (0..items).step_by(items / 12) {
        let weights = column(&weights, target);
        assert_eq!(weights[target], 0.0);
        for item in (0..items).filter(|&item| item != target) {
            let weight = weights[item];
            let gain = gram[item][target] - product(&gram[item], &weights) - l2 * weight - l1;
            assert!(weight >= 0.0);
            match weight > 0.0 {
                true => assert!(gain.abs() < 2e-3, "{item}, {target}: {gain}"),
                false => assert!(gain < 2e-3, "{item}, {target}: {gain}"),
            }
            positive += usize::from(weight > 0.0);
        }
    }
    assert!(positive > 100, "{positive} weights");
}

#[test]
fn all_singular_vectors_reproduce_the_ratings() {
    let (train, _, items) = sample();
    let rows: Vec<u32> = (0..train.len() as u32)
        .filter(|&row| train.users[row as usize].0 < 12)
        .collect();
    let train = train.take(&rows);
    let model = fitted("pure_svd", json!({ "factors": 12 }), &train, 12, items);
    let rated = items_of(&train);
    for user in 0..12 {
        let mut scores = vec![0.0; items];
        model.score_all(UserIx(user), &mut scores);
        for (item, score) in (0..).zip(scores) {
            let expected = f32::from(u8::from(rated.get(user).contains(&item)));
            assert!((score - expected).abs() < 1e-3, "{user}, {item}: {score}");
        }
    }
}

#[test]
fn implicit_least_squares_order_what_was_planted() {
    // Two groups of users, each with its own items: what the others of the group rated comes first.
    let mut train = Ratings::default();
    for user in 0..20_u32 {
        for item in 0..10_u32 {
            if (user + item) % 5 != 0 {
                train.users.push(UserIx(user));
                train.items.push(ItemIx(item + 10 * (user % 2)));
                train.ratings.push(1.0);
            }
        }
    }
    let model = fitted(
        "ials",
        json!({ "factors": 2, "lambda": 0.01 }),
        &train,
        20,
        20,
    );
    for user in 0..20 {
        let mut scores = vec![0.0; 20];
        model.score_all(UserIx(user), &mut scores);
        let (even, odd) = scores.split_at(10);
        let (own, others) = if user % 2 == 0 {
            (even, odd)
        } else {
            (odd, even)
        };
        let least = own.iter().copied().fold(f32::INFINITY, f32::min);
        assert!(
            others.iter().all(|&score| score < least),
            "{user}: {scores:?}"
        );
    }
}

type Table = BTreeMap<(u32, u32), f64>;

/// The estimate of one pair by item neighbours, without any of the crate's shortcuts.
fn plain(
    table: &Table,
    base: &dyn Fitted,
    similarity: &str,
    shrinkage: f64,
    most: usize,
    user: u32,
    item: u32,
) -> f64 {
    let baseline = |user, item| f64::from(base.predict(UserIx(user), ItemIx(item)));
    let mut near = Vec::new();
    for (&(_, other), &rating) in table.range((user, 0)..(user + 1, 0)) {
        let shared: Vec<(f64, f64)> = table
            .iter()
            .filter(|((_, seen), _)| *seen == item)
            .filter_map(|(&(rater, _), &a)| {
                let b = *table.get(&(rater, other))?;
                Some(match similarity {
                    "pearson_baseline" => (a - baseline(rater, item), b - baseline(rater, other)),
                    _ => (a, b),
                })
            })
            .collect();
        let n = shared.len() as f64;
        let mean = |pick: fn(&(f64, f64)) -> f64| shared.iter().map(pick).sum::<f64>() / n;
        let centre = match similarity {
            "pearson" => (mean(|pair| pair.0), mean(|pair| pair.1)),
            _ => (0.0, 0.0),
        };
        let sum = |of: &dyn Fn(f64, f64) -> f64| {
            shared
                .iter()
                .map(|pair| of(pair.0 - centre.0, pair.1 - centre.1))
                .sum::<f64>()
        };
        let value = match similarity {
            "msd" => 1.0 / (1.0 + sum(&|a, b| (a - b).powi(2)) / n),
            _ => sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt(),
        };
        let value = value * (n - 1.0) / (n - 1.0 + shrinkage);
        if other != item && value > 0.0 {
            near.push((value, rating - baseline(user, other)));
        }
    }
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    near.truncate(most);
    let weight: f64 = near.iter().map(|near| near.0).sum();
    let sum: f64 = near.iter().map(|near| near.0 * near.1).sum();
    baseline(user, item) + if weight > 0.0 { sum / weight } else { 0.0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn item_neighbours_predict_as_by_hand(
        cells in prop::collection::btree_map((0..8_u32, 0..9_u32), 1..=50_u8, 1..60),
        similarity in prop::sample::select(vec!["cosine", "msd", "pearson_baseline"]),
    ) {
        let table: Table = cells.iter().map(|(&cell, &rating)| (cell, f64::from(rating) / 10.0)).collect();
        let train = Ratings {
            users: table.keys().map(|cell| UserIx(cell.0)).collect(),
            items: table.keys().map(|cell| ItemIx(cell.1)).collect(),
            ratings: table.values().map(|&rating| rating as f32).collect(),
            ..Ratings::default()
        };
        let base = fitted("bias", json!({}), &train, 8, 9);
        // All neighbours, so that equal similarities at the cut do not matter.
        let options = json!({
            "predicts": "ratings", "similarity": similarity, "neighbours": 9, "shrinkage": 2.5
        });
        let model = fitted("item_knn", options, &train, 8, 9);
        for user in 0..8 {
            for item in 0..9 {
                let expected = plain(&table, &*base, similarity, 2.5, 9, user, item);
                let found = f64::from(model.predict(UserIx(user), ItemIx(item)));
                prop_assert!((found - expected).abs() < 1e-3, "{user}, {item}: {found} for {expected}");
            }
        }
    }
}

#[test]
fn means_and_biases_by_hand() {
    let train = Ratings {
        users: vec![UserIx(0), UserIx(0), UserIx(1)],
        items: vec![ItemIx(0), ItemIx(1), ItemIx(0)],
        ratings: vec![5.0, 3.0, 4.0],
        ..Ratings::default()
    };
    let near = |model: &dyn Fitted, user, item, expected: f32| {
        let found = model.predict(UserIx(user), ItemIx(item));
        assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
    };
    let mean = fitted(
        "mean",
        json!({ "user_damping": null, "item_damping": null }),
        &train,
        2,
        2,
    );
    near(&*mean, 0, 0, 4.0);
    let items = fitted(
        "mean",
        json!({ "user_damping": null, "item_damping": 1.0 }),
        &train,
        2,
        2,
    );
    near(&*items, 0, 0, 4.0 + 1.0 / 3.0);
    near(&*items, 1, 1, 4.0 - 1.0 / 2.0);
    let both = fitted(
        "mean",
        json!({ "user_damping": 2.0, "item_damping": 1.0 }),
        &train,
        2,
        2,
    );
    near(&*both, 0, 1, 3.5 + (2.0 / 3.0 - 0.5) / 4.0);
    // Somebody new: the deviation is that of the profile.
    let mut scores = [0.0; 2];
    both.fold_in(&[(ItemIx(0), 5.0), (ItemIx(1), 3.0)], &mut scores)
        .unwrap();
    assert!((scores[1] - (3.5 + (2.0 / 3.0 - 0.5) / 4.0)).abs() < 1e-6);
    let bias = fitted(
        "bias",
        json!({ "epochs": 1, "user_penalty": 2.0, "item_penalty": 1.0 }),
        &train,
        2,
        2,
    );
    near(&*bias, 0, 1, 3.5 + (2.0 / 3.0 - 0.5) / 4.0);
}

#[test]
fn a_blend_adds_standardised_scores() {
    let (train, users, items) = sample();
    let [slim, svd] = [json!({ "l2": 5.0 }), json!({ "factors": 4 })];
    let parts = [
        (2.0, fitted("slim", slim.clone(), &train, users, items)),
        (-0.5, fitted("pure_svd", svd.clone(), &train, users, items)),
    ];
    let members = json!({ "members": [
        { "method": "slim", "options": slim, "weight": 2.0 },
        { "method": "pure_svd", "options": svd, "weight": -0.5 },
    ] });
    let blend = fitted("blend", members, &train, users, items);
    for user in (0..users as u32).step_by(37).map(UserIx) {
        let mut expected = vec![0.0; items];
        for (weight, model) in &parts {
            let mut scores = vec![0.0; items];
            model.score_all(user, &mut scores);
            let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
            let mean = scores.iter().sum::<f64>() / items as f64;
            let variance = scores
                .iter()
                .map(|score| (score - mean).powi(2))
                .sum::<f64>()
                / items as f64;
            for (sum, score) in expected.iter_mut().zip(scores) {
                *sum += weight * (score - mean) / variance.sqrt();
            }
        }
        for (item, expected) in (0..).map(ItemIx).zip(expected) {
            let score = f64::from(blend.predict(user, item));
            assert!(
                (score - expected).abs() < 1e-4,
                "{user:?}, {item:?}: {score}, {expected}"
            );
        }
    }
}
