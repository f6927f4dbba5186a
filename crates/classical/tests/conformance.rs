//! Published and measured figures on MovieLens 100K.

#![allow(clippy::unwrap_used)]

#[path = "../../../tests/common/at_hand.rs"]
mod at_hand;
mod common;

use at_hand::at_hand;
use common::{P1, P2, context_of, measures, movielens, predicted, split};
use recburn_classical::find;
use recburn_data::{Dataset, Ratings, Split};
use recburn_metrics::{Measures, paired_t, rmse};
use serde_json::{Value, json};

fn ml_100k() -> Option<Dataset> {
    Some(movielens::read(
        &at_hand("RECBURN_DATA")?.join("ml-100k/u.data"),
    ))
}

/// Fits on train and valid, and measures on test.
fn on_test(method: &str, options: Value, dataset: &Dataset, parts: &Split, seed: u64) -> Measures {
    let train = parts.train.joined(&parts.valid);
    let method = find(method).unwrap().from_options(options).unwrap();
    let model = method.fit(&context_of(dataset, &train, seed)).unwrap();
    measures(&*model, dataset, &train, &parts.test).means
}

fn assert_near(what: &str, measured: f64, expected: f64, tolerance: f64) {
    println!("{what}: {measured:.4}, expected {expected}");
    assert!(
        (measured - expected).abs() <= tolerance,
        "{what} is {measured:.5}, expected {expected}"
    );
}

#[test]
fn rankings_of_the_random_split() {
    let Some(dataset) = ml_100k() else { return };
    let parts = split(&dataset, P1);
    let sizes = [&parts.train, &parts.valid, &parts.test].map(Ratings::len);
    assert_eq!(sizes, [69_963, 10_037, 20_000]);

    let found = on_test("popularity", json!({}), &dataset, &parts, 1);
    assert_near("popularity NDCG@10", found["ndcg@10"], 0.2208, 0.0002);
    assert_near("popularity Recall@10", found["recall@10"], 0.1157, 0.0002);
    assert_near("popularity Recall@20", found["recall@20"], 0.1682, 0.0002);
    assert_near("popularity HR@10", found["hit@10"], 0.7625, 0.0002);

    let found = on_test("ease", json!({ "lambda": 400.0 }), &dataset, &parts, 1);
    assert_near("EASE NDCG@10", found["ndcg@10"], 0.4542, 0.0002);
    assert_near("EASE Recall@10", found["recall@10"], 0.2484, 0.0002);
    assert_near("EASE Recall@20", found["recall@20"], 0.3632, 0.0002);
    assert_near("EASE HR@10", found["hit@10"], 0.9459, 0.0002);

    let found = on_test(
        "slim",
        json!({ "l1": 1.0, "l2": 60.0 }),
        &dataset,
        &parts,
        1,
    );
    assert_near("SLIM NDCG@10", found["ndcg@10"], 0.4506, 0.001);
    let bm25 = json!({ "similarity": "bm25", "neighbours": 200, "shrinkage": 200.0 });
    let found = on_test("item_knn", bm25, &dataset, &parts, 1);
    assert_near("item neighbours NDCG@10", found["ndcg@10"], 0.4073, 0.001);
    let tf_idf = json!({ "similarity": "tf_idf", "neighbours": 50, "shrinkage": 10.0 });
    let found = on_test("user_knn", tf_idf, &dataset, &parts, 1);
    assert_near("user neighbours NDCG@10", found["ndcg@10"], 0.4026, 0.001);
    let found = on_test("pure_svd", json!({ "factors": 16 }), &dataset, &parts, 1);
    assert_near("PureSVD NDCG@10", found["ndcg@10"], 0.4320, 0.001);
}

/// Members and weights were selected on the validation part.
#[test]
fn a_blend_is_better_than_its_best_member() {
    let Some(dataset) = ml_100k() else { return };
    let parts = split(&dataset, P1);
    let train = parts.train.joined(&parts.valid);
    let [blend, ease] = ["blend", "ease"].map(|method| {
        let method = find(method).unwrap().from_options(json!({})).unwrap();
        let model = method.fit(&context_of(&dataset, &train, 1)).unwrap();
        let found = measures(&*model, &dataset, &train, &parts.test);
        found.per_user.unwrap().column("ndcg@10").unwrap()
    });
    let test = paired_t(&blend, &ease).unwrap();
    let mean = blend.iter().sum::<f64>() / blend.len() as f64;
    println!("blend NDCG@10: {mean:.4}, {test:?}");
    assert!(mean >= 0.461 && test.t > 2.0, "{mean}, {test:?}");
}

#[test]
fn implicit_least_squares_reach_their_level_with_three_seeds() {
    let Some(dataset) = ml_100k() else { return };
    let parts = split(&dataset, P1);
    let seeds = [1, 2, 3].map(|seed| on_test("ials", json!({}), &dataset, &parts, seed)["ndcg@10"]);
    println!("iALS NDCG@10: {seeds:.4?}");
    assert!(seeds.iter().sum::<f64>() / 3.0 >= 0.45, "{seeds:?}");
}

#[test]
fn rankings_of_the_last_rating() {
    let Some(dataset) = ml_100k() else { return };
    let parts = split(&dataset, P2);
    let found = on_test("popularity", json!({}), &dataset, &parts, 1);
    assert_near("popularity NDCG@10", found["ndcg@10"], 0.0439, 0.0002);
    assert_near("popularity HR@10", found["hit@10"], 0.0912, 0.0002);
    let found = on_test("ease", json!({ "lambda": 100.0 }), &dataset, &parts, 1);
    assert_near("EASE NDCG@10", found["ndcg@10"], 0.0773, 0.0002);
    assert_near("EASE HR@10", found["hit@10"], 0.1527, 0.0002);
}

/// The mean error over the five published splits.
fn five_folds(method: &str, options: Value) -> Option<f64> {
    let folder = at_hand("RECBURN_DATA")?.join("ml-100k");
    let dataset = ml_100k()?;
    let errors = [1, 2, 3, 4, 5].map(|fold| {
        let part = |kind| movielens::part(&dataset, &folder.join(format!("u{fold}.{kind}")));
        let (train, test) = (part("base"), part("test"));
        let method = find(method).unwrap().from_options(options.clone()).unwrap();
        let model = method.fit(&context_of(&dataset, &train, 1)).unwrap();
        rmse(&predicted(&*model, &test), &test.ratings).unwrap()
    });
    println!("{method} {options}: {errors:.4?}");
    Some(errors.iter().sum::<f64>() / 5.0)
}

#[test]
fn errors_of_the_published_splits() {
    let Some(biases) = five_folds("bias", json!({})) else {
        return;
    };
    assert_near("biases", biases, 0.9457, 0.0005);
    let users = json!({
        "predicts": "ratings", "similarity": "msd", "neighbours": 40, "shrinkage": 0.0
    });
    let users = five_folds("user_knn", users).unwrap();
    assert_near("user neighbours", users, 0.9323, 0.003);
    let items = json!({
        "predicts": "ratings", "similarity": "pearson_baseline", "neighbours": 40, "shrinkage": 100.0
    });
    let items = five_folds("item_knn", items).unwrap();
    println!("item neighbours: {items:.4}");
    assert!(items <= 0.9353, "item neighbours: {items:.4}");
    let means = five_folds("mean", json!({})).unwrap();
    assert_near("means", means, 0.9439, 0.0005);
}
