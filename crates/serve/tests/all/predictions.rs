//! Predicted ratings, and rows of somebody new.

use super::Client;
use super::models::{classical, dataset, home, load, perceptron, recommender};
use recburn_recommender::Query;
use serde_json::{Value, json};

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_are_those_of_the_library_and_the_sum_of_their_parts() {
    let (_home, folder) = home();
    let (client, model) = (Client::of(&folder), load(&folder));
    let pairs = json!([
        {"user": "u1", "item": 101}, {"user": "u1", "item": "124"}, {"user": "nobody", "item": "101"},
        {"user": "u2", "item": "nothing"}, {"user": "nobody", "item": "124"}, {"user": "u30", "item": "110"},
    ]);
    let answer = client
        .post("/v1/predictions", json!({"pairs": pairs}))
        .await
        .fine();
    let own = answer["predictions"].as_array().unwrap();
    for (at, user, item) in [(0, "u1", "101"), (1, "u1", "124"), (5, "u30", "110")] {
        let (one, wanted) = (&own[at], model.predict(user, item).unwrap());
        assert!((number(&one["rating"]) - f64::from(wanted.rating)).abs() < 1e-5);
        assert!((number(&one["clipped"]) - f64::from(wanted.clipped)).abs() < 1e-5);
        assert_eq!(
            (&one["source"], &one["user"], &one["item"]),
            (&json!("model"), &json!(user), &json!(item))
        );
        let parts =
            ["mean", "user_bias", "item_bias", "match"].map(|part| number(&one["parts"][part]));
        assert!((parts.iter().sum::<f64>() - number(&one["rating"])).abs() < 1e-5);
        assert!(parts.iter().all(|part| *part != 0.0));
    }
    let item = model.items().index("101").unwrap();
    let means = [
        model.seen().mean_of_item(item).unwrap(),
        model.seen().mean().unwrap(),
    ];
    for (at, source, mean) in [
        (2, "item_mean", means[0]),
        (3, "global_mean", means[1]),
        (4, "global_mean", means[1]),
    ] {
        assert_eq!(
            (&own[at]["source"], &own[at]["parts"]),
            (&json!(source), &Value::Null)
        );
        assert!((number(&own[at]["rating"]) - mean).abs() < 1e-5);
    }
    assert_eq!(
        client
            .figure("recburn_unknown_ids_total{kind=\"item\"}")
            .await,
        Some(1.0)
    );
    let none = client
        .post("/v1/predictions", json!({"pairs": []}))
        .await
        .fine();
    assert_eq!(none["predictions"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn ratings_of_somebody_new_predict_and_are_a_row() {
    let (_home, folder) = home();
    let (client, model) = (Client::of(&folder), load(&folder));
    let ratings = json!([{"item": "101", "rating": 5.0}, {"item": "102", "rating": 1.0}, {"item": "?", "rating": 1.0}]);
    let asked = json!({"ratings": ratings, "items": [105, "nothing"]});
    let answer = client.post("/v1/predictions", asked).await.fine();
    assert_eq!(answer["unknown_items"], json!(["?"]));
    let own = answer["predictions"].as_array().unwrap();
    let profile = model
        .profile(&Query {
            user: None,
            ratings: &[("101", 5.0), ("102", 1.0)],
        })
        .unwrap();
    let wanted = model
        .network()
        .unwrap()
        .predict_for(&profile, "105")
        .unwrap();
    assert!((number(&own[0]["rating"]) - f64::from(wanted.rating)).abs() < 1e-5);
    assert_eq!(
        (&own[0]["source"], &own[1]["source"]),
        (&json!("fold_in"), &json!("global_mean"))
    );
    let parts =
        ["mean", "user_bias", "item_bias", "match"].map(|part| number(&own[0]["parts"][part]));
    assert!((parts.iter().sum::<f64>() - number(&own[0]["rating"])).abs() < 1e-5);

    let row = client
        .post("/v1/fold-in", json!({"ratings": ratings}))
        .await
        .fine();
    let values = row["row"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| number(value) as f32);
    assert_eq!(values.collect::<Vec<_>>(), profile.rows[0].values);
    assert_eq!(number(&row["bias"]) as f32, profile.rows[1].values[0]);
    assert_eq!(
        (&row["steps"], &row["known"], &row["unknown_items"]),
        (&json!(1), &json!(2), &json!(["?"]))
    );
    assert_eq!(row["tables"][1]["table"], "user_bias");
    assert_eq!(
        client.figure("recburn_fold_in_ratings_count").await,
        Some(2.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_no_sum_has_no_parts_and_one_without_tables_no_row() {
    let home = tempfile::tempdir().unwrap();
    let (data, folder) = (dataset(), home.path().join("model"));
    recommender(perceptron(&data, 2), &data)
        .save(&folder)
        .unwrap();
    let pairs = json!({"pairs": [{"user": "u1", "item": "101"}, {"user": "u1", "item": "?"}]});
    let answer = Client::of(&folder)
        .post("/v1/predictions", pairs.clone())
        .await
        .fine();
    assert_eq!(answer["predictions"][0]["parts"], Value::Null);
    assert_eq!(answer["predictions"][0]["source"], "model");

    classical("ease", &data).save(&folder).unwrap();
    let client = Client::of(&folder);
    let answer = client.post("/v1/predictions", pairs).await.fine();
    // Scores that only order a list have no mean that could stand for them.
    assert_eq!(
        (
            &answer["predictions"][1]["source"],
            &answer["predictions"][1]["rating"]
        ),
        (&json!("none"), &Value::Null)
    );
    let ratings = json!({"ratings": [{"item": "101", "rating": 5.0}]});
    client
        .post("/v1/fold-in", ratings)
        .await
        .fails(422, "no_tables");
    client
        .get("/v1/items/101/similar")
        .await
        .fails(422, "no_tables");
    client
        .get("/v1/users/u1/similar")
        .await
        .fails(422, "no_tables");
    client.get("/v1/map").await.fails(422, "no_tables");
    let about = client.get("/v1/model").await.fine();
    assert_eq!(
        (&about["architecture"], &about["scores"], &about["tables"]),
        (&json!("ease"), &json!("order"), &json!([]))
    );
}
