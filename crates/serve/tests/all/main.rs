//! The service: each path, each error, limits, connections, reloads.

#![allow(clippy::unwrap_used)]

mod bodies;
mod errors;
mod explanations;
mod journal;
mod lists;
mod models;
mod others;
mod predictions;
mod reloads;
mod sockets;
mod surface;
mod who;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use models::settings;
use recburn_serve::{Service, Settings, router};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

/// A service in memory.
struct Client {
    service: Arc<Service>,
    router: Router,
}

/// What it answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Client {
    /// Of a saved model.
    fn of(folder: &Path) -> Self {
        Self::with(settings(folder))
    }

    fn with(settings: Settings) -> Self {
        let service = Service::new(settings).unwrap();
        service.load().unwrap();
        let router = router(service.clone());
        Self { service, router }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).unwrap())
            .await
    }

    async fn send_json(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = request(method, path).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send_json("POST", path, body.to_string()).await
    }

    /// A figure of `/metrics`.
    async fn figure(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").await.text;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|number| number.parse().unwrap())
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:7373")
}

impl Answer {
    /// Its JSON, if it went well.
    #[track_caller]
    fn fine(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// Its problem, if it has this status and code.
    #[track_caller]
    fn fails(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["title"], self.status.canonical_reason().unwrap());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem
    }
}

/// The ids of a list.
fn ids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["item"].as_str().unwrap())
        .collect()
}
