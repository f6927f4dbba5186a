//! Lists for users and for somebody with ratings.

use super::models::{self, classical, dataset, home, load, perceptron, recommender};
use super::{Client, ids};
use recburn_recommender::{AnyRecommender, ListOptions, Query};
use serde_json::json;
use std::collections::BTreeSet;

fn options(model: &AnyRecommender, count: usize) -> ListOptions {
    ListOptions {
        count,
        min_ratings: Some(model.min_ratings()),
        ..ListOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_is_served_the_lists_that_the_library_makes() {
    let home = tempfile::tempdir().unwrap();
    let data = dataset();
    let folder = |name: &str| home.path().join(name);
    recommender(models::biased(&data, 1), &data)
        .save(&folder("biased"))
        .unwrap();
    recommender(perceptron(&data, 1), &data)
        .save(&folder("perceptron"))
        .unwrap();
    for name in ["ease", "bias", "item_knn", "popularity"] {
        classical(name, &data).save(&folder(name)).unwrap();
    }
    for name in [
        "biased",
        "perceptron",
        "ease",
        "bias",
        "item_knn",
        "popularity",
    ] {
        let (client, model) = (Client::of(&folder(name)), load(&folder(name)));
        for user in ["u1", "u17"] {
            let answer = client
                .get(&format!("/v1/users/{user}/recommendations?count=7"))
                .await
                .fine();
            let list = model.list(user, &options(&model, 7)).unwrap();
            let wanted: Vec<&str> = list.items.iter().map(|item| item.item.as_str()).collect();
            assert_eq!(ids(&answer), wanted, "{name} {user}");
            assert_eq!(
                (&answer["source"], &answer["user"]),
                (&json!("model"), &json!(user))
            );
            assert_eq!(answer["model"], model.saved_as().unwrap().digest);
            assert_eq!(answer["min_ratings"], model.min_ratings());
            assert_eq!(answer["left_out"], list.left_out);
            for (own, line) in answer["items"].as_array().unwrap().iter().zip(&list.items) {
                assert!(
                    (own["rating"].as_f64().unwrap() as f32 - line.rating).abs() < 1e-6,
                    "{name}"
                );
                assert_eq!(own["title"], line.title);
                assert_eq!(own["genres"], json!(line.genres));
                assert_eq!(own["ratings"], line.ratings);
                assert!(own["clipped"].as_f64().unwrap() as f32 - line.clipped < 1e-6);
            }
        }
        // Somebody who is not in the data.
        let body = json!({"ratings": [{"item": 101, "rating": 5}, {"item": "104", "rating": 0.5}, {"item": "nothing", "rating": 1}]});
        let answer = client.post("/v1/recommendations", body).await.fine();
        let profile = model.profile(&Query {
            user: None,
            ratings: &[("101", 5.0), ("104", 0.5)],
        });
        let list = model.top(&profile.unwrap(), &options(&model, 10)).unwrap();
        let wanted: Vec<&str> = list.items.iter().map(|item| item.item.as_str()).collect();
        assert_eq!(ids(&answer), wanted, "{name}");
        assert_eq!(
            (&answer["source"], &answer["user"]),
            (&json!("fold_in"), &json!(null))
        );
        assert_eq!(
            (&answer["unknown_items"], &answer["user_ratings"]),
            (&json!(["nothing"]), &json!(2))
        );
        assert!(answer.get("row").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_what_is_asked_for_and_nothing_else() {
    let (_home, folder) = home();
    let (client, model) = (Client::of(&folder), load(&folder));
    let get = async |query: &str| {
        client
            .get(&format!("/v1/users/u2/recommendations?{query}"))
            .await
            .fine()
    };
    let all = get("count=1000&min_ratings=0").await;
    let user = model.users().index("u2").unwrap();
    let seen: BTreeSet<&u32> = model.seen().items_of(user).iter().collect();
    assert_eq!(ids(&all).len(), models::ITEMS - seen.len());
    assert_eq!(
        (&all["left_out"], &all["min_ratings"]),
        (&json!(0), &json!(0))
    );
    let ratings: Vec<f64> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["rating"].as_f64().unwrap())
        .collect();
    assert!(ratings.is_sorted_by(|a, b| a >= b));
    assert_eq!(
        ids(&get("count=1000&min_ratings=0&seen=true").await).len(),
        models::ITEMS
    );
    // A page is a part of the whole.
    let page = get("count=3&offset=2&min_ratings=0").await;
    assert_eq!(ids(&page), ids(&all)[2..5]);
    assert!(ids(&get("count=0").await).is_empty());
    assert!(ids(&get("count=5&offset=9995").await).is_empty());
    // Genres, of which one is enough; case does not matter.
    let drama = get("genre=drama&genre=Horror&not_genre=Sci-Fi&count=100&min_ratings=0").await;
    assert!(!ids(&drama).is_empty());
    for item in drama["items"].as_array().unwrap() {
        let genres: Vec<&str> = item["genres"]
            .as_array()
            .unwrap()
            .iter()
            .map(|genre| genre.as_str().unwrap())
            .collect();
        assert!(
            !genres.contains(&"Sci-Fi")
                && genres
                    .iter()
                    .any(|genre| ["Drama", "Horror"].contains(genre))
        );
    }
    // Items with few ratings.
    let many = get("min_ratings=1&count=100").await;
    assert_eq!(many["left_out"], 1);
    assert!(!ids(&many).contains(&"124"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_name_a_user_ratings_both_and_the_items_considered() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let of_user = client
        .post("/v1/recommendations", json!({"user": "u2"}))
        .await
        .fine();
    assert_eq!(
        of_user,
        client.get("/v1/users/u2/recommendations").await.fine()
    );

    let new = json!([{"item": "124", "rating": 5.0}]);
    let both = client
        .post(
            "/v1/recommendations",
            json!({"user": "u2", "ratings": new, "row": true, "min_ratings": 0}),
        )
        .await;
    let both = both.fine();
    assert_eq!(
        (&both["source"], &both["user"]),
        (&json!("fold_in"), &json!("u2"))
    );
    assert_eq!(both["row"].as_array().unwrap().len(), 4);
    assert!(
        !ids(&both).contains(&"124"),
        "it has been rated in the request"
    );

    let few = json!({"user": "u2", "allow": [103, "105", "106", "nothing"], "deny": ["105"], "seen": true, "min_ratings": 0});
    let few = client.post("/v1/recommendations", few).await.fine();
    assert_eq!(
        ids(&few).into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from(["103", "106"])
    );
    let none = client
        .post("/v1/recommendations", json!({"user": "u2", "allow": []}))
        .await
        .fine();
    assert!(ids(&none).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_is_taken_where_asked_for_and_says_so() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let path = "/v1/users/nobody/recommendations";
    client.get(path).await.fails(404, "unknown_user");
    client
        .get(&format!("{path}?fallback=none"))
        .await
        .fails(404, "unknown_user");
    let popular = client
        .get(&format!("{path}?fallback=popular&count=4"))
        .await
        .fine();
    assert_eq!(
        (&popular["source"], &popular["user_ratings"]),
        (&json!("popular"), &json!(0))
    );
    assert_eq!(
        ids(&popular),
        ids(&client.get("/v1/popular?count=4").await.fine())
    );
    let unknown = json!({"ratings": [{"item": "x", "rating": 3}]});
    let problem = client
        .post("/v1/recommendations", unknown)
        .await
        .fails(422, "nothing_known");
    assert_eq!(problem["field"], "ratings");
    let unknown =
        json!({"ratings": [{"item": "x", "rating": 3}], "fallback": "popular", "count": 4});
    let answer = client.post("/v1/recommendations", unknown).await.fine();
    assert_eq!(
        (&answer["source"], &answer["unknown_items"]),
        (&json!("popular"), &json!(["x"]))
    );
    let nobody = client
        .post("/v1/recommendations", json!({"fallback": "popular"}))
        .await
        .fine();
    assert_eq!(nobody["source"], "popular");
    assert_eq!(
        client
            .figure("recburn_recommendations_total{source=\"popular\"}")
            .await,
        Some(3.0)
    );
    assert_eq!(
        client
            .figure("recburn_unknown_ids_total{kind=\"user\"}")
            .await,
        Some(3.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_a_line_for_each_user_as_one_document_or_one_by_one() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let body = json!({"users": ["u1", "nobody", "u3"], "count": 3, "genres": ["Drama"]});
    let answer = client
        .post("/v1/recommendations/batch", body.clone())
        .await
        .fine();
    let results = answer["results"].as_array().unwrap();
    let users: Vec<&str> = results
        .iter()
        .map(|line| line["user"].as_str().unwrap())
        .collect();
    assert_eq!(users, ["u1", "nobody", "u3"]);
    let alone = client
        .get("/v1/users/u3/recommendations?count=3&genre=Drama")
        .await
        .fine();
    assert_eq!(results[2]["items"], alone["items"]);
    assert_eq!(results[1]["error"]["code"], "unknown_user");
    assert!(results[1].get("items").is_none() && results[0].get("error").is_none());

    let request = super::request("POST", "/v1/recommendations/batch")
        .header("content-type", "application/json")
        .header("accept", "application/x-ndjson");
    let lines = client
        .send(request.body(body.to_string().into()).unwrap())
        .await;
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let lines: Vec<serde_json::Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(&lines, results);
}
