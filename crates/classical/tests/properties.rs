//! What holds for every method, on random ratings.

#![allow(clippy::unwrap_used)]

mod common;

use common::context;
use proptest::prelude::*;
use recburn_classical::{ClassicalError, Fitted, Method, Saved, find, methods};
use recburn_data::{ItemIx, Ratings, UserIx};
use serde_json::{Value, json};

const USERS: usize = 14;
const ITEMS: usize = 150;

/// Every method, with settings for little data, and whether a user folds in to the same bits.
fn all() -> Vec<(Box<dyn Method>, bool)> {
    let settings: Vec<(&str, Value, bool)> = vec![
        ("mean", json!({}), false),
        ("mean", json!({ "user_damping": null }), false),
        ("bias", json!({ "epochs": 3 }), false),
        (
            "bayesian_fm",
            json!({ "rank": 3, "sweeps": 6, "burn_in": 2, "saved_samples": 3 }),
            false,
        ),
        ("popularity", json!({}), true),
        ("item_knn", json!({ "neighbours": 3 }), true),
        (
            "item_knn",
            json!({ "similarity": "cosine", "shrinkage": 0.0 }),
            true,
        ),
        ("item_knn", ratings("pearson_baseline", 2, 10.0), false),
        ("user_knn", json!({ "neighbours": 3 }), false),
        ("user_knn", json!({ "similarity": "bm25" }), false),
        ("user_knn", ratings("msd", 2, 0.0), false),
        ("user_knn", ratings("pearson", 5, 1.0), false),
        ("ease", json!({ "lambda": 3.0 }), true),
        ("slim", json!({ "l1": 0.1, "l2": 2.0 }), true),
        (
            "ials",
            json!({ "factors": 5, "lambda": 0.1, "epochs": 2 }),
            true,
        ),
        ("pure_svd", json!({ "factors": 3 }), true),
        (
            "blend",
            json!({ "members": [
                { "method": "slim", "options": { "l1": 0.1, "l2": 2.0 }, "weight": 1.0 },
                { "method": "pure_svd", "options": { "factors": 3 }, "weight": -0.5 },
            ] }),
            true,
        ),
    ];
    let method = |(name, options, exact): (&str, Value, bool)| {
        (find(name).unwrap().from_options(options).unwrap(), exact)
    };
    settings.into_iter().map(method).collect()
}

fn ratings(similarity: &str, neighbours: usize, shrinkage: f64) -> Value {
    json!({
        "predicts": "ratings", "similarity": similarity, "neighbours": neighbours, "shrinkage": shrinkage
    })
}

/// The options of a blend of one method.
fn member(method: &str, options: Value) -> Value {
    json!({ "members": [{ "method": method, "options": options, "weight": 1.0 }] })
}

/// Ratings with repeated pairs, users and items without ratings.
fn some_ratings() -> impl Strategy<Value = Ratings> {
    let row = (0..USERS as u32 - 1, 0..ITEMS as u32 - 1, 1..=5u8);
    prop::collection::vec(row, 1..300).prop_map(|rows| Ratings {
        users: rows.iter().map(|row| UserIx(row.0)).collect(),
        items: rows.iter().map(|row| ItemIx(row.1)).collect(),
        ratings: rows.iter().map(|row| f32::from(row.2)).collect(),
        ..Ratings::default()
    })
}

/// The bits of all scores.
fn scores(model: &dyn Fitted) -> Vec<Vec<u32>> {
    let of = |user| {
        let mut scores = vec![0.0; ITEMS];
        model.score_all(UserIx(user), &mut scores);
        bits(&scores)
    };
    (0..USERS as u32).map(of).collect()
}

fn bits(scores: &[f32]) -> Vec<u32> {
    scores.iter().map(|score| score.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_ways_to_a_score_agree(train in some_ratings(), seed in any::<u64>()) {
        for (method, folds_in) in all() {
            let model = method.fit(&context(&train, USERS, ITEMS, seed, 1)).unwrap();
            let expected = scores(&*model);
            prop_assert!(expected.iter().flatten().all(|&score| f32::from_bits(score).is_finite()));

            for (user, expected) in (0..).map(UserIx).zip(&expected) {
                let pairs: Vec<f32> =
                    (0..ITEMS as u32).map(|item| model.predict(user, ItemIx(item))).collect();
                prop_assert_eq!(&bits(&pairs), expected, "{:?}", method);
                if folds_in {
                    let rows = (0..train.len()).filter(|&row| train.users[row] == user);
                    let profile: Vec<_> = rows.map(|row| (train.items[row], train.ratings[row])).collect();
                    let mut folded = vec![0.0; ITEMS];
                    model.fold_in(&profile, &mut folded).unwrap();
                    prop_assert_eq!(&bits(&folded), expected, "{:?}", method);
                }
            }
            let users = [UserIx(3), UserIx(0), UserIx(3)];
            let mut block = vec![0.0; users.len() * ITEMS];
            model.score_block(&users, &mut block);
            let expected_block = [3, 0, 3].map(|user: usize| expected[user].clone()).concat();
            prop_assert_eq!(bits(&block), expected_block, "{:?}", method);

            let threaded = method.fit(&context(&train, USERS, ITEMS, seed, 3)).unwrap();
            prop_assert_eq!(&scores(&*threaded), &expected, "{:?}", method);

            let saved = serde_json::to_string(&model.saved()).unwrap();
            let loaded: Saved = serde_json::from_str(&saved).unwrap();
            let loaded = loaded.fitted().unwrap();
            prop_assert_eq!(&scores(&*loaded), &expected, "{:?}", method);
            prop_assert_eq!(serde_json::to_string(&loaded.saved()).unwrap(), saved);
        }
    }
}

fn a_few() -> Ratings {
    let pairs = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 2), (3, 1)];
    Ratings {
        users: pairs.iter().map(|pair| UserIx(pair.0)).collect(),
        items: pairs.iter().map(|pair| ItemIx(pair.1)).collect(),
        ratings: vec![5.0, 3.0, 4.0, 1.0, 2.0, 2.0, 4.0],
        ..Ratings::default()
    }
}

#[test]
fn bad_input_is_refused() {
    let train = a_few();
    for (method, _) in all() {
        let name = method.name();
        let none = Ratings::default();
        let error = method.fit(&context(&none, 4, 3, 1, 1)).unwrap_err();
        assert!(matches!(error, ClassicalError::NoRatings { method } if method == name));
        let error = method.fit(&context(&train, 4, 2, 1, 1)).unwrap_err();
        assert!(matches!(error, ClassicalError::Data(_)), "{error}");

        let model = method.fit(&context(&train, 4, 3, 1, 1)).unwrap();
        let mut three = [0.0; 3];
        let error = model.fold_in(&[], &mut [0.0; 2]).unwrap_err();
        assert!(matches!(
            error,
            ClassicalError::Length {
                expected: 3,
                given: 2
            }
        ));
        let error = model.fold_in(&[(ItemIx(3), 1.0)], &mut three).unwrap_err();
        assert!(matches!(error, ClassicalError::Item { item: 3, items: 3 }));
        let error = model
            .fold_in(&[(ItemIx(1), f32::NAN)], &mut three)
            .unwrap_err();
        assert!(matches!(error, ClassicalError::NotARating { item: 1, .. }));
    }
}

#[test]
fn strangers_and_other_lengths_are_defined() {
    let train = a_few();
    for (method, _) in all() {
        let model = method.fit(&context(&train, 4, 3, 1, 1)).unwrap();
        assert!(model.predict(UserIx(0), ItemIx(3)).is_nan(), "{method:?}");
        assert!(
            model.predict(UserIx(9), ItemIx(2)).is_finite(),
            "{method:?}"
        );
        let (mut three, mut five, mut two) = ([0.0; 3], [0.0; 5], [0.0; 2]);
        model.score_all(UserIx(1), &mut three);
        model.score_all(UserIx(1), &mut five);
        model.score_all(UserIx(1), &mut two);
        assert_eq!(five[..3], three, "{method:?}");
        assert!(five[3].is_nan() && five[4].is_nan(), "{method:?}");
        assert_eq!(two, three[..2], "{method:?}");
        let mut block = [0.0; 6];
        model.score_block(&[UserIx(1), UserIx(9), UserIx(1)], &mut block);
        assert_eq!(block[..2], two, "{method:?}");
        assert_eq!(block[4..], two, "{method:?}");
        model.fold_in(&[], &mut three).unwrap();
        assert!(three.iter().all(|score| score.is_finite()), "{method:?}");
    }
}

#[test]
fn memory_grows_with_the_data() {
    let train = a_few();
    for (method, _) in all() {
        let small = method.memory(&context(&train, 4, 3, 1, 1));
        let large = method.memory(&context(&train, 40_000, 300_000, 1, 1));
        assert!(0 < small && small < large, "{method:?}: {small}, {large}");
    }
    let ease = find("ease").unwrap().from_options(json!({})).unwrap();
    let items = 100_000_u64;
    let bytes = ease.memory(&context(&train, 4, items as usize, 1, 1));
    // A triangle and the square of the weights.
    let range = items * items * 6..items * items * 7;
    assert!(range.contains(&bytes), "{bytes}");
}

#[test]
fn settings_out_of_range_are_refused() {
    for (method, options, wrong) in [
        ("mean", json!({ "user_damping": -1.0 }), "user_damping"),
        ("bias", json!({ "epochs": 0 }), "epochs"),
        ("bayesian_fm", json!({ "rank": 64 }), "rank"),
        ("item_knn", json!({ "neighbours": 0 }), "neighbours"),
        ("item_knn", json!({ "similarity": "pearson" }), "similarity"),
        (
            "item_knn",
            json!({ "baseline": { "user_penalty": -1.0 } }),
            "user_penalty",
        ),
        ("user_knn", json!({ "predicts": "ratings" }), "similarity"),
        ("user_knn", json!({ "shrinkage": -0.5 }), "shrinkage"),
        ("ease", json!({ "lambda": 0.0 }), "lambda"),
        ("slim", json!({ "l1": -1.0 }), "l1"),
        ("slim", json!({ "tolerance": 0.0 }), "tolerance"),
        ("ials", json!({ "factors": 0 }), "factors"),
        (
            "ials",
            json!({ "factors": 9_000_000_000_000_u64 }),
            "factors",
        ),
        ("ials", json!({ "alpha0": 0.0 }), "alpha0"),
        ("pure_svd", json!({ "iterations": 0 }), "iterations"),
        ("blend", json!({ "members": [] }), "members"),
        ("blend", member("blend", json!({})), "method"),
        ("blend", member("slim", json!({ "l2": 0.0 })), "l2"),
    ] {
        let error = find(method).unwrap().from_options(options).unwrap_err();
        match error {
            ClassicalError::Setting { setting, .. } => assert_eq!(setting, wrong, "{method}"),
            other => panic!("{method}: {other}"),
        }
    }
    let error = find("slim")
        .unwrap()
        .from_options(json!({ "l3": 1.0 }))
        .unwrap_err();
    assert!(matches!(
        error,
        ClassicalError::Options { method: "slim", .. }
    ));
    let unknown = find("blend")
        .unwrap()
        .from_options(member("slam", json!({})));
    assert!(matches!(unknown, Err(ClassicalError::Unknown { name, .. }) if name == "slam"));
    let error = find("slam").unwrap_err().to_string();
    assert!(
        error.contains("`slam`") && error.contains("slim"),
        "{error}"
    );
}

#[test]
fn the_registry_knows_every_method_by_its_name_and_options() {
    for entry in methods() {
        let method = entry.from_options((entry.options)()).unwrap();
        assert_eq!(method.name(), entry.name);
        let default = entry.from_options(json!({})).unwrap();
        assert_eq!(format!("{default:?}"), format!("{method:?}"));
        assert!(!entry.about.is_empty());
    }
}

#[test]
fn damaged_models_are_refused() {
    let train = a_few();
    for (name, options, path, damaged) in [
        (
            "slim",
            json!({ "l1": 0.1 }),
            "/sparse_weights/weights/columns/0",
            json!(7),
        ),
        (
            "slim",
            json!({ "l1": 0.1 }),
            "/sparse_weights/profiles/offsets/1",
            json!(100),
        ),
        (
            "ials",
            json!({ "factors": 2 }),
            "/factors/users/columns",
            json!(48),
        ),
        (
            "ials",
            json!({ "factors": 2 }),
            "/factors/fold_in/least_squares/lambda",
            json!(-1.0),
        ),
        ("user_knn", json!({}), "/user_neighbours/items", json!(1)),
        (
            "user_knn",
            ratings("msd", 2, 0.0),
            "/rating_neighbours/similarities/rows",
            json!(2),
        ),
        ("bias", json!({}), "/biases/damping", json!(-1.0)),
        ("blend", member("slim", json!({})), "/blend/items", json!(4)),
        (
            "blend",
            member("slim", json!({})),
            "/blend/members/0/1/sparse_weights/weights/offsets/1",
            json!(100),
        ),
    ] {
        let method = find(name).unwrap().from_options(options).unwrap();
        let model = method.fit(&context(&train, 4, 3, 1, 1)).unwrap();
        let mut saved = serde_json::to_value(model.saved()).unwrap();
        let place = saved.pointer_mut(path);
        *place.unwrap_or_else(|| panic!("{name} has {path}")) = damaged;
        let loaded = serde_json::from_value::<Saved>(saved).ok();
        assert!(
            loaded.is_none_or(|saved| saved.fitted().is_err()),
            "{name} {path}"
        );
    }
}
