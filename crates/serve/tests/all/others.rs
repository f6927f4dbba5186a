//! Items, users, what is similar, the map, the model.

use super::models::{self, home, load};
use super::{Client, ids};
use recburn_recommender::SimilarOptions;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn items_are_found_by_what_people_type() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let find = async |query: &str| {
        let answer = client.get(&format!("/v1/items?{query}")).await.fine();
        assert!(answer["total"].as_u64().unwrap() as usize >= ids(&answer).len());
        ids(&answer)
            .into_iter()
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(find("q=The+Matrix").await, ["122", "101"]);
    assert_eq!(find("q=THE%20MATRIX%20(1999)").await, ["101"]);
    assert_eq!(find("q=matrix&sort=title").await, ["101", "122"]);
    assert_eq!(find("q=amelie").await, ["103"]);
    assert_eq!(find("q=Am%C3%A9lie").await, ["103"]);
    assert!(find("q=no+such+film").await.is_empty());
    let all = client.get("/v1/items?count=1000").await.fine();
    assert_eq!(all["total"], models::ITEMS);
    let ratings: Vec<u64> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["ratings"].as_u64().unwrap())
        .collect();
    assert!(ratings.is_sorted_by(|a, b| a >= b));
    assert_eq!(find("count=3&offset=4").await, ids(&all)[4..7]);
    assert_eq!(find("").await.len(), 20);
    assert_eq!(
        client
            .get("/v1/items?genre=horror&min_ratings=2")
            .await
            .fine()["total"],
        6
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_has_its_mean_bias_and_histogram() {
    let (_home, folder) = home();
    let (client, model) = (Client::of(&folder), load(&folder));
    let item = client.get("/v1/items/101").await.fine();
    assert_eq!(
        (&item["item"], &item["title"]),
        (&json!("101"), &json!("Matrix, The (1999)"))
    );
    assert_eq!(item["genres"], json!(["Sci-Fi", "Drama", "Horror"]));
    let row = model.items().index("101").unwrap();
    assert_eq!(item["mean"], json!(model.seen().mean_of_item(row)));
    let bias = model
        .network()
        .unwrap()
        .embedding("item_bias")
        .unwrap()
        .values[0];
    assert_eq!(item["bias"].as_f64().unwrap() as f32, bias);
    let histogram = item["histogram"].as_array().unwrap();
    let counts: u64 = histogram
        .iter()
        .map(|level| level["count"].as_u64().unwrap())
        .sum();
    assert_eq!(json!(counts), item["ratings"]);
    let sum: f64 = histogram
        .iter()
        .map(|level| level["rating"].as_f64().unwrap() * level["count"].as_f64().unwrap())
        .sum();
    assert!((sum / counts as f64 - item["mean"].as_f64().unwrap()).abs() < 1e-9);
    let unrated = client.get("/v1/items/124").await.fine();
    assert_eq!(
        (&unrated["mean"], &unrated["ratings"]),
        (&json!(null), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn similar_items_and_users_are_the_nearest_in_direction() {
    let (_home, folder) = home();
    let (client, model) = (Client::of(&folder), load(&folder));
    let answer = client
        .get("/v1/items/105/similar?count=6&min_ratings=0")
        .await
        .fine();
    let options = SimilarOptions {
        count: 6,
        min_ratings: Some(0),
        ..SimilarOptions::default()
    };
    let list = model
        .network()
        .unwrap()
        .similar_list("105", &options)
        .unwrap();
    let wanted: Vec<&str> = list.items.iter().map(|item| item.item.as_str()).collect();
    assert_eq!(
        (ids(&answer), answer["table"].as_str().unwrap()),
        (wanted, "item_factors")
    );
    for (own, line) in answer["items"].as_array().unwrap().iter().zip(&list.items) {
        assert!((own["cosine"].as_f64().unwrap() as f32 - line.cosine).abs() < 1e-5);
    }
    assert_eq!(
        client
            .get("/v1/items/105/similar?count=6&min_ratings=0&table=item_factors")
            .await
            .fine(),
        answer
    );
    let page = client
        .get("/v1/items/105/similar?count=2&offset=3&min_ratings=0")
        .await
        .fine();
    assert_eq!(ids(&page), ids(&answer)[3..5]);
    client
        .get("/v1/items/105/similar?table=user_factors")
        .await
        .fails(422, "unknown_table");

    let users = client.get("/v1/users/u3/similar?count=100").await.fine();
    let users = users["users"].as_array().unwrap();
    assert_eq!(users.len(), models::USERS - 1);
    let cosines: Vec<f64> = users
        .iter()
        .map(|user| user["cosine"].as_f64().unwrap())
        .collect();
    assert!(cosines.is_sorted_by(|a, b| a >= b) && users.iter().all(|user| user["user"] != "u3"));
    let user = client.get("/v1/users/u3").await.fine();
    let trained = model
        .seen()
        .trained_of_user(model.users().index("u3").unwrap());
    assert_eq!(
        (&user["ratings"], &user["journal"]),
        (&json!(trained), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn popular_items_and_the_map_begin_with_the_most_rated() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let popular = client
        .get("/v1/popular?count=1000&genre=Drama")
        .await
        .fine();
    for pair in popular["items"].as_array().unwrap().windows(2) {
        assert!(pair[0]["ratings"].as_u64() >= pair[1]["ratings"].as_u64());
    }
    let first = ids(&popular)[0].to_string();
    let mean = client.get(&format!("/v1/items/{first}")).await.fine()["mean"]
        .as_f64()
        .unwrap();
    assert!((popular["items"][0]["rating"].as_f64().unwrap() - mean).abs() < 1e-6);

    let map = client.get("/v1/map").await.fine();
    let points = map["points"].as_array().unwrap();
    assert_eq!(
        points.len(),
        models::ITEMS - 1,
        "an item without ratings has no place"
    );
    let [x, y] = [0, 1].map(|at| map["explained"][at].as_f64().unwrap());
    assert!(x >= y && y > 0.0 && x + y <= 1.0, "{x} {y}");
    for axis in ["x", "y"] {
        let sum: f64 = points
            .iter()
            .map(|point| point[axis].as_f64().unwrap())
            .sum();
        assert!(sum.abs() < 1e-4, "the points are centred");
    }
    let few = client
        .get("/v1/map?count=5&table=item_factors")
        .await
        .fine();
    assert_eq!(few["points"], json!(points[..5]));
    client
        .get("/v1/map?table=nothing")
        .await
        .fails(422, "unknown_table");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_says_what_it_is() {
    let (_home, folder) = home();
    std::fs::write(
        folder.parent().unwrap().join("history.json"),
        r#"{"epochs": []}"#,
    )
    .unwrap();
    let (client, model) = (Client::of(&folder), load(&folder));
    let about = client.get("/v1/model").await.fine();
    assert_eq!(
        (&about["name"], &about["architecture"]),
        (&json!("films"), &json!("biased"))
    );
    assert_eq!(about["digest"], model.saved_as().unwrap().digest);
    assert_eq!(
        (
            &about["verified"],
            &about["keeps_ratings"],
            &about["journal"]
        ),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(
        (&about["users"], &about["items"]),
        (&json!(models::USERS), &json!(models::ITEMS))
    );
    assert_eq!(about["parameters"], (models::USERS + models::ITEMS) * 5);
    assert_eq!(about["scale"], json!({"min": 0.5, "max": 5.0, "step": 0.5}));
    assert_eq!(about["genres"], json!(["Drama", "Horror", "Sci-Fi"]));
    assert_eq!(about["tables"], json!(["item_factors"]));
    assert_eq!(about["training"]["epochs"], 3);
    assert_eq!(about["training"]["split"], "fraction:0.8/0.1/0.1");
    assert_eq!(about["training"]["data"], "films.csv");
    assert!(!about["training"].to_string().contains("somebody"));
    assert_eq!(
        (&about["curves"], &about["report"]),
        (&json!({"epochs": []}), &json!(null))
    );
    assert!(about["summary"].as_str().unwrap().contains("item_factors"));
    assert!(about["diagram"].as_str().unwrap().starts_with("flowchart"));
    assert!(about["created"].as_u64().unwrap() > 1_500_000_000);
}
