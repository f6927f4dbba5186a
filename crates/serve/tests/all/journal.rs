//! Ratings given while the model is served.

use super::models::{home, settings};
use super::{Client, ids};
use recburn_serve::Settings;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn with_journal(folder: &Path, journal: &Path) -> Client {
    Client::with(Settings {
        journal: Some(journal.to_path_buf()),
        ..settings(folder)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_counts_at_once_and_after_a_restart() {
    let (home, folder) = home();
    let path = home.path().join("journal.csv");
    let client = with_journal(&folder, &path);
    let lists = async |client: &Client, user: &str| {
        client
            .get(&format!("/v1/users/{user}/recommendations?min_ratings=0"))
            .await
    };
    let rate = async |client: &Client, user: &str, item: &str, rating: f64| {
        client
            .send_json(
                "PUT",
                &format!("/v1/users/{user}/ratings/{item}"),
                json!({"rating": rating}).to_string(),
            )
            .await
    };
    let before = lists(&client, "u2").await.fine();
    let best = ids(&before)[0].to_string();
    let answer = rate(&client, "u2", &best, 1.0).await.fine();
    assert_eq!(
        answer,
        json!({"user": "u2", "item": best, "rating": 1.0, "known_user": true, "known_item": true})
    );
    let after = lists(&client, "u2").await.fine();
    assert_eq!(after["source"], "fold_in");
    assert!(!ids(&after).contains(&best.as_str()));
    // As if the rating had come with the request.
    let body = json!({"user": "u2", "ratings": [{"item": best, "rating": 1.0}], "min_ratings": 0});
    let plain = Client::of(&folder);
    assert_eq!(
        after["items"],
        plain.post("/v1/recommendations", body).await.fine()["items"]
    );
    let predicted =
        json!({"pairs": [{"user": "u2", "item": "120"}, {"user": "u3", "item": "120"}]});
    let predicted = client.post("/v1/predictions", predicted).await.fine();
    let sources: Vec<&Value> = predicted["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["source"])
        .collect();
    assert_eq!(sources, ["fold_in", "model"]);

    // Somebody new, whose ratings are all that is known.
    lists(&client, "new").await.fails(404, "unknown_user");
    for (item, rating) in [("101", 5.0), ("102", 1.0), ("999", 3.0)] {
        let answer = rate(&client, "new", item, rating).await.fine();
        assert_eq!(
            (&answer["known_user"], &answer["known_item"]),
            (&json!(false), &json!(item != "999"))
        );
    }
    let own = lists(&client, "new").await.fine();
    let visitor = json!({"ratings": [{"item": "101", "rating": 5}, {"item": "102", "rating": 1}], "min_ratings": 0});
    assert_eq!(
        own["items"],
        plain.post("/v1/recommendations", visitor).await.fine()["items"]
    );
    assert_eq!(
        (&own["user"], &own["unknown_items"]),
        (&json!("new"), &json!(["999"]))
    );
    assert_eq!(client.get("/v1/users/new").await.fine()["journal"], 3);

    // Taken back: as before.
    let undo = client
        .send_json("DELETE", &format!("/v1/users/u2/ratings/{best}"), "")
        .await
        .fine();
    assert_eq!(undo["rating"], Value::Null);
    assert_eq!(lists(&client, "u2").await.fine(), before);
    rate(&client, "new", "102", 2.0).await.fine();
    let last = lists(&client, "new").await.fine();
    assert_ne!(last["items"], own["items"]);

    drop(client);
    let client = with_journal(&folder, &path);
    assert_eq!(lists(&client, "u2").await.fine(), before);
    assert_eq!(lists(&client, "new").await.fine(), last);
    let lines = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!((lines.len(), lines[0]), (7, "user,item,rating,time"));
    assert!(lines[5].starts_with(&format!("u2,{best},,")) && lines[6].starts_with("new,102,2,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_could_not_hold_is_refused() {
    let (home, folder) = home();
    let client = with_journal(&folder, &home.path().join("journal.csv"));
    let put = async |client: &Client, path: &str, body: Value| {
        client.send_json("PUT", path, body.to_string()).await
    };
    let problem = put(&client, "/v1/users/u1/ratings/101", json!({"rating": 5.5}))
        .await
        .fails(422, "off_scale");
    assert_eq!(problem["field"], "rating");
    put(&client, "/v1/users/u1/ratings/101", json!({"rating": null}))
        .await
        .fails(422, "invalid");
    put(
        &client,
        "/v1/users/u1/ratings/101",
        json!({"rating": 3, "time": 1}),
    )
    .await
    .fails(422, "invalid");
    for id in ["a%0Ab", "%20a", "a%00", "%20"] {
        put(
            &client,
            &format!("/v1/users/{id}/ratings/101"),
            json!({"rating": 3}),
        )
        .await
        .fails(422, "invalid");
        put(
            &client,
            &format!("/v1/users/u1/ratings/{id}"),
            json!({"rating": 3}),
        )
        .await
        .fails(422, "invalid");
    }
    let without = Client::of(&folder);
    put(&without, "/v1/users/u1/ratings/101", json!({"rating": 3}))
        .await
        .fails(404, "no_journal");
    without
        .send_json("DELETE", "/v1/users/u1/ratings/101", "")
        .await
        .fails(404, "no_journal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_that_the_model_was_trained_on_changes_nothing() {
    let (home, folder) = home();
    let client = with_journal(&folder, &home.path().join("journal.csv"));
    let path = "/v1/users/u4/recommendations";
    let before = client.get(path).await.fine();
    // As after a training that read the journal: the same rating is in both.
    let explained = client
        .post("/v1/explanations", json!({"user": "u4", "item": "124"}))
        .await
        .fine();
    let own = &explained["contributions"][0];
    let (item, rating) = (own["item"].as_str().unwrap(), own["rating"].clone());
    let body = json!({"rating": rating}).to_string();
    client
        .send_json("PUT", &format!("/v1/users/u4/ratings/{item}"), body)
        .await
        .fine();
    assert_eq!(client.get(path).await.fine()["items"], before["items"]);
    let other = json!({"rating": if rating == 5.0 { 0.5 } else { 5.0 }}).to_string();
    client
        .send_json("PUT", &format!("/v1/users/u4/ratings/{item}"), other)
        .await
        .fine();
    assert_ne!(
        client.get(path).await.fine()["items"],
        before["items"],
        "the user has changed their mind"
    );
}
