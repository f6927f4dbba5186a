//! Whatever is sent, the service does not fail.

use super::Client;
use super::models::home;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const PATHS: [&str; 5] = [
    "/v1/recommendations",
    "/v1/recommendations/batch",
    "/v1/predictions",
    "/v1/explanations",
    "/v1/fold-in",
];

/// Values of any kind, often such as a request has.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..30_u32).prop_map(|at| json!(format!("u{at}"))),
        (95..130_u32).prop_map(Value::from),
        (0..12_u32).prop_map(|half| json!(f64::from(half) / 2.0)),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop::sample::select(vec![
            "user",
            "users",
            "item",
            "items",
            "rating",
            "ratings",
            "pairs",
            "count",
            "offset",
            "genres",
            "not_genres",
            "allow",
            "deny",
            "min_ratings",
            "seen",
            "explain",
            "fallback",
            "row",
            "other",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..6).prop_map(|map| map
                .into_iter()
                .map(|(key, value)| (key.to_string(), value))
                .collect::<Value>()),
        ]
    })
}

/// Bodies that are nearly right.
fn nearly() -> impl Strategy<Value = Value> {
    let item = prop_oneof![(100..126_u32).prop_map(Value::from), value()];
    let rating =
        prop_oneof![4 => (1..11_u32).prop_map(|half| json!(f64::from(half) / 2.0)), 1 => value()];
    let rated =
        (item.clone(), rating).prop_map(|(item, rating)| json!({"item": item, "rating": rating}));
    let ratings = prop::collection::vec(rated, 0..5);
    (ratings, item, prop::option::of(value()), 0..40_u64).prop_map(
        |(ratings, item, user, count)| {
            let mut body =
                json!({"ratings": ratings, "item": item, "items": [item], "count": count});
            if let Some(user) = user {
                body["user"] = user;
            }
            body
        },
    )
}

/// Some fields of a body.
fn some(body: &Value, mask: u8) -> Value {
    let fields = body.as_object().into_iter().flatten().enumerate();
    let kept = fields.filter(|(at, _)| mask >> (at % 8) & 1 == 1);
    kept.map(|(_, (key, value))| (key.clone(), value.clone()))
        .collect()
}

struct Shared {
    client: Client,
    runtime: tokio::runtime::Runtime,
    _home: tempfile::TempDir,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let (home, folder) = home();
    Shared {
        client: Client::of(&folder),
        runtime: tokio::runtime::Runtime::new().unwrap(),
        _home: home,
    }
});

fn answered(method: &str, path: &str, body: Vec<u8>) -> Result<(), TestCaseError> {
    let shared = &*SHARED;
    let answer = shared
        .runtime
        .block_on(shared.client.send_json(method, path, body));
    let status = answer.status.as_u16();
    prop_assert!(
        status == 200 || (400..500).contains(&status),
        "{status}: {}",
        answer.text
    );
    let json: Value = serde_json::from_str(&answer.text)
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    if status != 200 {
        prop_assert!(json["code"].is_string() && json["detail"].is_string());
        prop_assert_eq!(&answer.headers["content-type"], "application/problem+json");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn any_json_is_answered(path in prop::sample::select(&PATHS[..]), body in value()) {
        answered("POST", path, body.to_string().into_bytes())?;
    }

    #[test]
    fn nearly_right_bodies_are_answered(
        path in prop::sample::select(&PATHS[..]),
        body in nearly(),
        mask in any::<u8>(),
    ) {
        answered("POST", path, some(&body, mask).to_string().into_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(path in prop::sample::select(&PATHS[..]), body in prop::collection::vec(any::<u8>(), 0..60)) {
        answered("POST", path, body)?;
    }

    #[test]
    fn any_query_is_answered(
        path in prop::sample::select(vec!["/v1/users/u1/recommendations", "/v1/items", "/v1/items/101/similar", "/v1/map", "/v1/popular"]),
        name in prop::sample::select(vec!["count", "offset", "genre", "min_ratings", "seen", "explain", "fallback", "q", "sort", "table", "x"]),
        value in prop_oneof!["[0-9]{1,22}", "[%A-Za-z0-9+.-]{0,12}"],
    ) {
        let shared = &*SHARED;
        let answer = shared.runtime.block_on(shared.client.get(&format!("{path}?{name}={value}")));
        let status = answer.status.as_u16();
        prop_assert!(status == 200 || status == 422, "{status}: {}", answer.text);
    }
}
