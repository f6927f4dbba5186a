//! The table of errors.

use super::models::{home, settings};
use super::{Client, request};
use axum::body::Body;
use recburn_serve::{Limits, Service};
use serde_json::{Value, json};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_status_its_code_and_its_place() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    for (path, status, code, field) in [
        ("/v1/nothing", 404, "no_such_path", ""),
        ("/v1", 404, "no_such_path", ""),
        ("/v1/users/nobody", 404, "unknown_user", ""),
        ("/v1/users/nobody/similar", 404, "unknown_user", ""),
        ("/v1/users/u1%FF/recommendations", 400, "broken_path", ""),
        ("/v1/items/999", 404, "unknown_item", ""),
        ("/v1/items/999/similar", 404, "unknown_item", ""),
        (
            "/v1/users/u1/recommendations?cuont=3",
            422,
            "invalid",
            "cuont",
        ),
        (
            "/v1/users/u1/recommendations?count=x",
            422,
            "invalid",
            "count",
        ),
        (
            "/v1/users/u1/recommendations?count=-1",
            422,
            "invalid",
            "count",
        ),
        (
            "/v1/users/u1/recommendations?count=1001",
            422,
            "invalid",
            "count",
        ),
        (
            "/v1/users/u1/recommendations?count=3&count=4",
            422,
            "invalid",
            "count",
        ),
        (
            "/v1/users/u1/recommendations?count=10&offset=9991",
            422,
            "invalid",
            "offset",
        ),
        (
            "/v1/users/u1/recommendations?offset=18446744073709551615",
            422,
            "invalid",
            "offset",
        ),
        (
            "/v1/users/u1/recommendations?seen=yes",
            422,
            "invalid",
            "seen",
        ),
        (
            "/v1/users/u1/recommendations?fallback=best",
            422,
            "invalid",
            "fallback",
        ),
        (
            "/v1/users/u1/recommendations?genre=Opera",
            422,
            "unknown_genre",
            "genre",
        ),
        (
            "/v1/users/u1/recommendations?not_genre=Opera",
            422,
            "unknown_genre",
            "not_genre",
        ),
        (
            "/v1/users/u1/recommendations?explain=11",
            422,
            "too_many",
            "explain",
        ),
        (
            "/v1/users/u1/recommendations?explain=1&count=200",
            422,
            "too_many",
            "explain",
        ),
        ("/v1/items?sort=best", 422, "invalid", "sort"),
        ("/v1/items?user=u1", 422, "invalid", "user"),
        ("/v1/items/101?user=u1", 422, "invalid", "user"),
        ("/v1/map?count=100001", 422, "invalid", "count"),
        ("/v1/popular?seen=true", 422, "invalid", "seen"),
        ("/v1/model?x", 422, "invalid", "x"),
    ] {
        let problem = client.get(path).await.fails(status, code);
        assert_eq!(
            problem
                .get("field")
                .and_then(Value::as_str)
                .unwrap_or_default(),
            field,
            "{path}"
        );
    }
    let long = "x".repeat(600);
    client
        .get(&format!("/v1/users/{long}"))
        .await
        .fails(422, "too_long");
    client
        .get(&format!("/v1/items?q={long}"))
        .await
        .fails(422, "too_long");
    let problem = client
        .get("/v1/users/nobody/recommendations")
        .await
        .fails(404, "unknown_user");
    assert_eq!(
        problem["detail"],
        "there is no user `nobody` among the 30 that the model knows"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_in_a_body_has_its_place() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let rated = |ratings: Value| json!({"ratings": ratings});
    let many: Value = (0..1_001)
        .map(|at| json!({"item": at.to_string(), "rating": 3}))
        .collect();
    let users: Value = (0..1_001).map(|at| json!(at)).collect();
    let pairs: Value = (0..10_001)
        .map(|at| json!({"user": at, "item": at}))
        .collect();
    let lists = "/v1/recommendations";
    for (path, body, status, code, field) in [
        (lists, json!({}), 422, "nothing_known", ""),
        (lists, json!([]), 422, "invalid", ""),
        (lists, json!({"user": "nobody"}), 404, "unknown_user", ""),
        (
            lists,
            json!({"user": "nobody", "ratings": [{"item": "101", "rating": 3}]}),
            404,
            "unknown_user",
            "",
        ),
        (lists, json!({"user": 1.5}), 422, "invalid", "user"),
        (
            lists,
            json!({"user": "u1", "cuont": 3}),
            422,
            "invalid",
            "cuont",
        ),
        (
            lists,
            json!({"user": "u1", "count": -1}),
            422,
            "invalid",
            "count",
        ),
        (
            lists,
            json!({"user": "u1", "count": 1_001}),
            422,
            "invalid",
            "count",
        ),
        (
            lists,
            json!({"user": "u1", "fallback": "best"}),
            422,
            "invalid",
            "fallback",
        ),
        (
            lists,
            json!({"user": "u1", "genres": ["Opera"]}),
            422,
            "unknown_genre",
            "genre",
        ),
        (
            lists,
            json!({"user": "x".repeat(600)}),
            422,
            "invalid",
            "user",
        ),
        (
            lists,
            rated(json!([{"item": "101", "rating": 3}, {"item": "102", "rating": 9}])),
            422,
            "off_scale",
            "ratings[1].rating",
        ),
        (
            lists,
            rated(json!([{"item": "101", "rating": 1e300}])),
            422,
            "off_scale",
            "ratings[0].rating",
        ),
        (
            lists,
            rated(json!([{"item": "101", "rating": "3"}])),
            422,
            "invalid",
            "ratings[0].rating",
        ),
        (
            lists,
            rated(json!([{"item": "101"}])),
            422,
            "invalid",
            "ratings[0]",
        ),
        (
            lists,
            rated(json!([{"item": "101", "rating": 3}, {"item": 101, "rating": 4}])),
            422,
            "duplicate_item",
            "ratings[1].item",
        ),
        (lists, rated(many.clone()), 422, "too_many", "ratings"),
        (
            lists,
            rated(json!([{"item": "x", "rating": 3}])),
            422,
            "nothing_known",
            "ratings",
        ),
        (
            "/v1/recommendations/batch",
            json!({"users": users}),
            422,
            "too_many",
            "users",
        ),
        ("/v1/recommendations/batch", json!({}), 422, "invalid", ""),
        (
            "/v1/recommendations/batch",
            json!({"users": ["u1"], "genres": ["Opera"]}),
            422,
            "unknown_genre",
            "genre",
        ),
        ("/v1/predictions", json!({}), 422, "invalid", ""),
        (
            "/v1/predictions",
            json!({"pairs": [], "items": []}),
            422,
            "invalid",
            "",
        ),
        (
            "/v1/predictions",
            json!({"pairs": pairs}),
            422,
            "too_many",
            "",
        ),
        (
            "/v1/predictions",
            json!({"ratings": [], "items": ["101"]}),
            422,
            "nothing_known",
            "ratings",
        ),
        (
            "/v1/predictions",
            json!({"pairs": [{"user": "u1"}]}),
            422,
            "invalid",
            "pairs[0]",
        ),
        (
            "/v1/explanations",
            json!({"item": "101"}),
            422,
            "nothing_known",
            "",
        ),
        (
            "/v1/explanations",
            json!({"user": "u1", "item": "999"}),
            404,
            "unknown_item",
            "",
        ),
        (
            "/v1/explanations",
            json!({"user": "nobody", "item": "101"}),
            404,
            "unknown_user",
            "",
        ),
        (
            "/v1/fold-in",
            json!({"ratings": []}),
            422,
            "nothing_known",
            "ratings",
        ),
        ("/v1/fold-in", rated(many), 422, "too_many", "ratings"),
    ] {
        let text = body.to_string();
        let answer = client.post(path, body).await;
        let problem = answer.fails(status, code);
        let place = problem
            .get("field")
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert_eq!(
            place,
            field,
            "{path} {}: {problem}",
            &text[..text.len().min(100)]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_are_told_apart() {
    let (_home, folder) = home();
    let client = Client::with(recburn_serve::Settings {
        limits: Limits {
            body: 1_000,
            ..Limits::default()
        },
        ..settings(&folder)
    });
    let path = "/v1/recommendations";
    for text in ["", "{", "{\"user\": \"u1\"} x", "\u{0}", "{\"user\": NaN}"] {
        client
            .send_json("POST", path, text.to_string())
            .await
            .fails(400, "broken_json");
    }
    client
        .send_json("POST", path, vec![0xff, 0xfe])
        .await
        .fails(400, "broken_json");
    client
        .send_json("POST", path, "{\"user\": \"u1\", \"user\": \"u2\"}")
        .await
        .fails(422, "invalid");
    // It is JSON, but an object is where a word is to be.
    let problem = client
        .send_json("POST", path, "{\"user\": \"u1\", \"fallback\": {}}")
        .await
        .fails(422, "invalid");
    assert_eq!(problem["field"], "fallback");
    client
        .send_json("POST", path, " ".repeat(1_001))
        .await
        .fails(413, "too_large");
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let mut request = request("POST", path);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        client
            .send(request.body(Body::from("{}")).unwrap())
            .await
            .fails(415, "not_json");
    }
    let kind = "application/merge-patch+json; charset=utf-8";
    let request = request("POST", path).header("content-type", kind);
    client
        .send(request.body(Body::from("{\"user\": \"u1\"}")).unwrap())
        .await
        .fine();
    assert_eq!(
        client
            .figure("recburn_http_rejected_total{reason=\"too_large\"}")
            .await,
        Some(1.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_does() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let answer = client.post("/v1/items", json!({})).await;
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    answer.fails(405, "method");
    let answer = client.get("/v1/recommendations").await;
    assert_eq!(answer.headers["allow"], "POST");
    answer.fails(405, "method");
}

/// A body that does not come.
struct Never;

impl futures_core::Stream for Never {
    type Item = std::io::Result<bytes::Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_full_says_so_and_can_still_be_watched() {
    let (_home, folder) = home();
    let client = Client::with(recburn_serve::Settings {
        limits: Limits {
            in_flight: 1,
            waiting: 1,
            body_time: Duration::from_millis(1_500),
            ..Limits::default()
        },
        ..settings(&folder)
    });
    // A body that does not come holds the only turn until its time is over.
    let slow = || {
        let request =
            request("POST", "/v1/recommendations").header("content-type", "application/json");
        request.body(Body::from_stream(Never)).unwrap()
    };
    let busy = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let answer = client.get("/v1/model").await;
        assert_eq!(answer.headers["retry-after"], "1");
        answer.fails(503, "busy");
        for path in ["/livez", "/readyz", "/metrics"] {
            assert_eq!(client.get(path).await.status, 200);
        }
    };
    let (first, second, ()) = tokio::join!(client.send(slow()), client.send(slow()), busy);
    first.fails(408, "slow_body");
    second.fails(408, "slow_body");
    client.get("/v1/model").await.fine();
    assert_eq!(
        client
            .figure("recburn_http_rejected_total{reason=\"busy\"}")
            .await,
        Some(1.0)
    );
    assert_eq!(
        client
            .figure("recburn_http_rejected_total{reason=\"timeout\"}")
            .await,
        Some(2.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_model_as_yet_lives_and_is_not_ready() {
    let (_home, folder) = home();
    let service = Service::new(settings(&folder)).unwrap();
    let client = Client {
        router: recburn_serve::router(service.clone()),
        service,
    };
    assert_eq!(client.get("/livez").await.text, "ok");
    let ready = client.get("/readyz").await;
    assert_eq!(
        (ready.status.as_u16(), ready.text.as_str()),
        (503, "{\"reason\":\"loading\"}")
    );
    client.get("/v1/model").await.fails(503, "loading");
    client.service.load().unwrap();
    assert_eq!(client.get("/readyz").await.text, "ok");
    client.service.drain();
    assert_eq!(
        client.get("/readyz").await.text,
        "{\"reason\":\"draining\"}"
    );
    client.get("/v1/model").await.fine();
}
