//! What predicted ratings are made of.

use super::Client;
use super::models::{classical, dataset, home, perceptron, recommender};
use serde_json::{Value, json};

fn sum(answer: &Value) -> f64 {
    let weights = answer["contributions"].as_array().unwrap().iter();
    answer["base"].as_f64().unwrap()
        + weights
            .map(|one| one["weight"].as_f64().unwrap())
            .sum::<f64>()
}

const RATINGS: [(&str, f32); 4] = [("101", 5.0), ("102", 1.0), ("107", 4.0), ("110", 2.5)];

fn ratings() -> Value {
    let all = RATINGS
        .iter()
        .map(|(item, rating)| json!({"item": item, "rating": rating}));
    all.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contributions_add_up_for_linear_models_and_others_say_that_they_do_not() {
    let home = tempfile::tempdir().unwrap();
    let (data, folder) = (dataset(), home.path().join("model"));
    let mut exact = Vec::new();
    for name in ["biased", "perceptron", "ease", "item_knn"] {
        match name {
            "biased" => recommender(super::models::biased(&data, 1), &data)
                .save(&folder)
                .unwrap(),
            "perceptron" => recommender(perceptron(&data, 2), &data)
                .save(&folder)
                .unwrap(),
            name => classical(name, &data).save(&folder).unwrap(),
        }
        let client = Client::of(&folder);
        let answer = client
            .post(
                "/v1/explanations",
                json!({"ratings": ratings(), "item": 105}),
            )
            .await
            .fine();
        let predicted = client
            .post(
                "/v1/predictions",
                json!({"ratings": ratings(), "items": [105]}),
            )
            .await
            .fine();
        let rating = answer["rating"].as_f64().unwrap();
        assert!(
            (predicted["predictions"][0]["rating"].as_f64().unwrap() - rating).abs() < 1e-4,
            "{name}"
        );
        let items = answer["contributions"].as_array().unwrap();
        assert_eq!(items.len(), 4, "{name}");
        let sizes: Vec<f64> = items
            .iter()
            .map(|one| one["weight"].as_f64().unwrap().abs())
            .collect();
        assert!(
            sizes.is_sorted_by(|a, b| a >= b) && sizes[0] > 0.0,
            "{name} {sizes:?}"
        );
        assert_eq!(
            answer["exact"],
            (sum(&answer) - rating).abs() <= 1e-3,
            "{name}"
        );
        exact.push((name, answer["exact"] == true));
    }
    assert!(
        exact.contains(&("biased", true)) && exact.contains(&("ease", true)),
        "{exact:?}"
    );
    assert!(exact.contains(&("perceptron", false)), "{exact:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn known_users_are_explained_by_the_ratings_that_the_folder_keeps() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let answer = client
        .post("/v1/explanations", json!({"user": "u4", "item": "124"}))
        .await
        .fine();
    let count = client.get("/v1/users/u4").await.fine()["ratings"]
        .as_u64()
        .unwrap();
    assert_eq!(
        answer["contributions"].as_array().unwrap().len() as u64,
        count
    );
    assert!((sum(&answer) - answer["rating"].as_f64().unwrap()).abs() < 1e-3);
    assert_eq!(answer["exact"], true);

    // New ratings of a known user move the trained row, which is the base.
    let both = json!({"user": "u4", "ratings": [{"item": "124", "rating": 5}], "item": "101"});
    let both = client.post("/v1/explanations", both).await.fine();
    let trained = client
        .post(
            "/v1/predictions",
            json!({"pairs": [{"user": "u4", "item": "101"}]}),
        )
        .await
        .fine();
    let trained = trained["predictions"][0]["rating"].as_f64().unwrap();
    assert!((both["base"].as_f64().unwrap() - trained).abs() < 1e-4);
    assert_eq!(both["contributions"][0]["item"], "124");

    // The reasons in a list are the largest of the contributions that speak for an item.
    let list = client
        .get("/v1/users/u4/recommendations?count=3&explain=2")
        .await
        .fine();
    for item in list["items"].as_array().unwrap() {
        let because = item["because"].as_array().unwrap();
        let whole = json!({"user": "u4", "item": item["item"]});
        let whole = client.post("/v1/explanations", whole).await.fine();
        let largest = whole["contributions"].as_array().unwrap().iter();
        let largest: Vec<&Value> = largest
            .filter(|one| one["weight"].as_f64().unwrap() > 0.0)
            .take(2)
            .collect();
        assert_eq!(because.len(), largest.len());
        for (own, whole) in because.iter().zip(largest) {
            assert_eq!(own["item"], whole["item"]);
        }
    }
}
