//! What is on the surface: the description of the interface, the page, headers, figures.

use super::models::home;
use super::{Client, request};
use axum::body::Body;
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn the_description_in_docs_is_that_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == recburn_serve::openapi(),
        "docs/openapi.json is not what the program describes: recburn serve --openapi > docs/openapi.json"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_of_the_description_is_there_and_every_answer_is_described() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let answer = client.get("/openapi.json").await;
    let document: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(answer.text, recburn_serve::openapi());
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 20);
    for (path, methods) in paths {
        for (method, described) in methods.as_object().unwrap() {
            let path = path.replace("{user}", "u1").replace("{item}", "101");
            let answer = client.send_json(&method.to_uppercase(), &path, "{}").await;
            let status = answer.status.as_u16();
            assert!(
                status != 405 && !answer.text.contains("no_such_path"),
                "{method} {path}: {}",
                answer.text
            );
            let known = described["responses"].as_object().unwrap();
            let mut statuses = vec![status];
            if described["requestBody"].is_object() {
                let method = method.to_uppercase();
                let broken = client.send_json(&method, &path, "{").await;
                let unnamed = request(&method, &path).body(Body::from("{}")).unwrap();
                let unnamed = client.send(unnamed).await;
                statuses.extend([broken.status.as_u16(), unnamed.status.as_u16()]);
                assert_eq!(statuses[1..], [400, 415]);
            }
            let page = axum::http::Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&path)
                .header("host", "evil.example");
            let foreign = client.send(page.body(Body::empty()).unwrap()).await;
            statuses.push(foreign.status.as_u16());
            for status in statuses {
                assert!(
                    known.contains_key(&status.to_string()),
                    "{method} {path} answers {status}"
                );
            }
            assert!(described["summary"].is_string());
        }
    }
    // Every reference leads somewhere.
    for reference in answer.text.split("\"#/components/").skip(1) {
        let (kind, name) = reference
            .split('"')
            .next()
            .unwrap()
            .split_once('/')
            .unwrap();
        assert!(document["components"][kind][name].is_object(), "{name}");
    }
}

/// Whether an object has just the fields that its schema names.
fn fits(document: &Value, schema: &str, object: &Value) {
    let schema = &document["components"]["schemas"][schema];
    let mut known: Vec<&String> = Vec::new();
    let parts = schema["allOf"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![schema.clone()]);
    let parts: Vec<&Value> = parts
        .iter()
        .map(|part| match part["$ref"].as_str() {
            Some(name) => &document["components"]["schemas"][name.rsplit('/').next().unwrap()],
            None => &document["components"]["schemas"]["none"],
        })
        .chain(std::iter::once(schema))
        .chain(schema["allOf"].as_array().into_iter().flatten())
        .collect();
    for part in parts {
        known.extend(
            part["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name),
        );
    }
    for name in object.as_object().unwrap().keys() {
        assert!(known.contains(&name), "`{name}` is not described: {schema}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_fields_that_are_described() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let document: Value = serde_json::from_str(&recburn_serve::openapi()).unwrap();
    let list = client
        .get("/v1/users/u1/recommendations?explain=1")
        .await
        .fine();
    fits(&document, "ListAnswer", &list);
    fits(&document, "Entry", &list["items"][0]);
    fits(
        &document,
        "ModelAnswer",
        &client.get("/v1/model").await.fine(),
    );
    fits(
        &document,
        "ItemAnswer",
        &client.get("/v1/items/101").await.fine(),
    );
    fits(&document, "MapAnswer", &client.get("/v1/map").await.fine());
    fits(
        &document,
        "Problem",
        &client.get("/v1/items/999").await.fails(404, "unknown_item"),
    );
    let predicted = client
        .post(
            "/v1/predictions",
            json!({"pairs": [{"user": "u1", "item": "101"}]}),
        )
        .await
        .fine();
    fits(&document, "OnePrediction", &predicted["predictions"][0]);
    fits(&document, "Summands", &predicted["predictions"][0]["parts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_safe_for_a_browser_and_has_an_id() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let page = client.get("/").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.text.starts_with("<!doctype html>"));
    for path in ["/", "/v1/model", "/v1/nothing", "/livez"] {
        let headers = client.get(path).await.headers;
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"));
        assert!(policy.ends_with("frame-ancestors 'none'"));
        assert!(!headers["x-request-id"].is_empty());
    }
    let first = client.get("/livez").await.headers["x-request-id"].clone();
    assert_ne!(first, client.get("/livez").await.headers["x-request-id"]);
    let with_id = async |id: &str| {
        let request = request("GET", "/livez").header("x-request-id", id);
        client
            .send(request.body(Body::empty()).unwrap())
            .await
            .headers["x-request-id"]
            .clone()
    };
    assert_eq!(with_id("from-a-proxy/7").await, "from-a-proxy/7");
    assert_ne!(with_id("with a blank").await, "with a blank");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_go_by_routes_and_not_by_ids() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    for at in 0..20 {
        client
            .get(&format!("/v1/users/u{at}/recommendations"))
            .await;
        client.get(&format!("/scan/{at}.php")).await;
    }
    let answer = client.get("/metrics").await;
    assert_eq!(
        answer.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = answer.text;
    for line in [
        "recburn_http_requests_total{route=\"/v1/users/{user}/recommendations\",method=\"GET\",status=\"200\"} 19",
        "recburn_http_requests_total{route=\"/v1/users/{user}/recommendations\",method=\"GET\",status=\"404\"} 1",
        "recburn_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"} 20",
        "recburn_http_request_duration_seconds_count{route=\"unmatched\"} 20",
        "recburn_panics_total 0",
        "recburn_recommendations_total{source=\"model\"} 19",
        "recburn_score_duration_seconds_count 19",
        "recburn_model_users 30",
        "recburn_model_items 24",
        "recburn_model_parameters 270",
        "recburn_model_reloads_total{result=\"ok\"} 1",
        "recburn_model_reloads_total{result=\"refused\"} 0",
        "recburn_http_requests_in_flight 1",
    ] {
        assert!(
            text.lines().any(|own| own == line),
            "no `{line}` in\n{text}"
        );
    }
    for name in [
        "recburn_model_info{name=\"films\",architecture=\"biased\",digest=\"",
        "recburn_build_info{version=\"",
        "recburn_model_trained_timestamp_seconds 1",
        "recburn_model_loaded_timestamp_seconds 1",
        "recburn_http_request_duration_seconds_bucket{route=\"unmatched\",le=\"0.0001\"}",
    ] {
        assert!(text.contains(name), "no `{name}` in\n{text}");
    }
    if cfg!(target_os = "linux") {
        for name in [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_start_time_seconds",
        ] {
            assert!(client.figure(name).await.unwrap() > 0.0, "{name}");
        }
    }
    assert!(!text.contains("u7"));
}
