//! What is rated and what is learnt are told apart, in memory and in a saved model.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use recburn_data::{
    Centre, Dataset, Filter, IdMap, IdOrder, Index, ItemIx, Ratings, SplitKind, UserIx,
};
use recburn_graph::{Graph, Sym, dot};
use recburn_nn::Network;
use recburn_recommender::{Recommender, Role, Rows, Seen};
use serde_json::Value;

/// Ratings by index; the ids are u0, u1 and so on, i0, i1 and so on.
fn dataset(rows: &[(u32, u32, f32)]) -> Dataset {
    fn ids<Ix: Index>(prefix: &str, count: u32) -> IdMap<Ix> {
        let names: Vec<String> = (0..count).map(|n| format!("{prefix}{n}")).collect();
        IdMap::new(names.iter().map(String::as_str), IdOrder::FirstSight).unwrap()
    }
    let users = rows.iter().map(|row| row.0 + 1).max().unwrap();
    let items = rows.iter().map(|row| row.1 + 1).max().unwrap();
    Dataset::new("pairs", ids("u", users), ids("i", items), ratings(rows)).unwrap()
}

fn ratings(rows: &[(u32, u32, f32)]) -> Ratings {
    Ratings {
        users: rows.iter().map(|row| UserIx(row.0)).collect(),
        items: rows.iter().map(|row| ItemIx(row.1)).collect(),
        ratings: rows.iter().map(|row| row.2).collect(),
        ..Ratings::default()
    }
}

fn network(data: &Dataset) -> Network {
    let factors = (
        Sym::user(data.users.rows()).embed("user_factors", 2),
        Sym::item(data.items.rows()).embed("item_factors", 2),
    );
    let score = dot("score", &factors.0, &factors.1);
    Network::new(Graph::new("dot", &score).unwrap(), 7, &Device::flex())
}

const TRAIN: [(u32, u32, f32); 5] = [
    (0, 3, 4.0),
    (0, 1, 2.0),
    (1, 3, 1.0),
    (0, 3, 5.0),
    (3, 0, 3.0),
];
const VALID: [(u32, u32, f32); 3] = [(0, 2, 2.5), (2, 3, 3.5), (0, 1, 1.5)];
const TEST: [(u32, u32, f32); 2] = [(0, 0, 0.5), (2, 0, 4.5)];

fn seen() -> Seen {
    let all = dataset(&[&TRAIN[..], &VALID, &TEST].concat());
    let [train, valid, test] = [&TRAIN[..], &VALID, &TEST].map(ratings);
    let rows = [
        Rows::new(Role::Train, &train),
        Rows::new(Role::Valid, &valid),
        Rows::new(Role::Test, &test),
    ];
    Seen::of(&all, &rows)
}

#[test]
fn every_row_is_seen_and_only_training_rows_are_learnt() {
    let seen = seen();
    assert_eq!(seen.items_of(UserIx(0)), [0, 1, 1, 2, 3, 3]);
    assert_eq!(seen.items_of(UserIx(2)), [0, 3]);
    assert!(seen.items_of(UserIx(9)).is_empty());
    let role = |user, item| seen.role(UserIx(user), ItemIx(item));
    // In a training row and in a held-out one: it was trained on.
    assert_eq!(role(0, 1), Some(Role::Train));
    assert_eq!(role(0, 2), Some(Role::Valid));
    assert_eq!(role(0, 0), Some(Role::Test));
    assert_eq!(role(1, 0), None);
    assert!(seen.is_trained(UserIx(1), ItemIx(3)) && !seen.is_trained(UserIx(2), ItemIx(3)));
    let of_users: Vec<u32> = (0..5)
        .map(|user| seen.trained_of_user(UserIx(user)))
        .collect();
    assert_eq!(of_users, [3, 1, 0, 1, 0]);
    let of_items: Vec<u32> = (0..5)
        .map(|item| seen.trained_of_item(ItemIx(item)))
        .collect();
    assert_eq!(of_items, [1, 1, 0, 3, 0]);
    assert_eq!(seen.mean_of_user(UserIx(0)), Some(11.0 / 3.0));
    assert_eq!(seen.mean_of_item(ItemIx(3)), Some(10.0 / 3.0));
    assert_eq!(seen.mean_of_item(ItemIx(2)), None);
    assert_eq!(seen.mean(), Some(3.0));
}

#[test]
fn what_was_held_out_is_kept_with_its_ratings() {
    let seen = seen();
    let rows = |role| {
        let held = seen.held_out(role);
        let pairs = held.users.iter().zip(&held.items).zip(&held.ratings);
        pairs
            .map(|((user, item), stars)| (user.0, item.0, *stars))
            .collect::<Vec<_>>()
    };
    // In the order in which they came.
    assert_eq!(rows(Role::Valid), VALID);
    assert_eq!(rows(Role::Test), TEST);
    assert!(rows(Role::Train).is_empty());
    let counts = [Role::Train, Role::Valid, Role::Test, Role::LeftOut].map(|role| seen.count(role));
    assert_eq!(counts, [5, 3, 2, 0]);
}

#[test]
fn a_saved_model_knows_what_was_learnt() {
    let home = tempfile::tempdir().unwrap();
    let data = dataset(&[&TRAIN[..], &VALID, &TEST].concat());
    let made =
        Recommender::new(network(&data), &data, seen(), Centre::none(), Value::Null).unwrap();
    made.save(home.path().join("model").as_path()).unwrap();
    let loaded = Recommender::load(&home.path().join("model"), &Device::flex()).unwrap();
    assert_eq!(loaded.seen(), &seen());
}

#[test]
fn what_a_filter_left_out_is_seen_and_not_learnt() {
    // Low ratings are left out; user 2 and item 4 are gone with them.
    let data = dataset(&[
        (0, 0, 5.0),
        (0, 1, 1.0),
        (1, 1, 4.0),
        (1, 0, 4.5),
        (2, 0, 1.0),
        (0, 4, 2.0),
        (0, 2, 4.0),
    ]);
    let (data, _) = "rating>=4".parse::<Filter>().unwrap().apply(&data).unwrap();
    let split = data.split(&SplitKind::Fraction { train: 0.5 }, 1).unwrap();
    let seen = Seen::of_split(&data, &split);
    assert_eq!(seen.count(Role::LeftOut), 1);
    let user = data.users.index("u0").unwrap();
    let disliked = data.items.index("i1").unwrap();
    assert_eq!(seen.role(user, disliked), Some(Role::LeftOut));
    let model = Recommender::new(network(&data), &data, seen, Centre::none(), Value::Null).unwrap();
    // All three items that are left are known to the user, one of them since it was disliked.
    assert!(model.recommend("u0", 9).unwrap().is_empty());
    assert_eq!(model.rank("u0", 9).unwrap().len(), 3);
    // A filter behind a filter forgets nothing.
    let (again, _) = "users>=2".parse::<Filter>().unwrap().apply(&data).unwrap();
    assert_eq!(again.left_out.len(), 1);
}

#[test]
fn the_ratings_of_data_that_were_split_and_centred_are_kept_as_they_were() {
    let rows: Vec<(u32, u32, f32)> = (0..40)
        .map(|at| (at % 8, at / 8, 0.5 + 0.5 * ((at * 7) % 10) as f32))
        .collect();
    let (data, split) = dataset(&rows)
        .into_split(&SplitKind::Fraction { train: 0.8 }, 3)
        .unwrap();
    assert!(data.ratings.is_empty(), "the parts have them");
    let centre = Centre::of(&split.train);
    let train = centre.applied(&split.train);
    let train = Rows {
        centre,
        ..Rows::new(Role::Train, &train)
    };
    let seen = Seen::of(&data, &[train, Rows::new(Role::Valid, &split.valid)]);
    let kept = (0..8).flat_map(|user| {
        let own = seen.ratings_of(UserIx(user)).unwrap().into_iter();
        own.map(move |(item, stars)| (user, item.0, stars))
    });
    let kept: Vec<(u32, u32, f32)> = kept.collect();
    assert_eq!(kept.len(), split.train.len());
    assert!(kept.iter().all(|row| rows.contains(row)), "{kept:?}");
}
