//! What is noted of every request: figures, a line in the log, and an id.

use crate::problem::{Code, Problem};
use crate::state::Shared;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const REQUEST_ID: &str = "x-request-id";

/// Counts a request and its answer, and writes a line about it, which has no part of the body and no id of the data.
pub(crate) async fn observed(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "unmatched".to_string(), |path| path.as_str().to_string());
    let method = known(request.method());
    let id = given_id(&request).unwrap_or_else(new_id);
    service.metrics.in_flight.inc();
    let mut response = next.run(request).await;
    service.metrics.in_flight.dec();
    let (status, time) = (response.status().as_u16(), begun.elapsed());
    service.metrics.answered(&route, method, status, time);
    let code = response
        .extensions()
        .get::<Code>()
        .map_or("", |code| code.0);
    service.metrics.rejected(code);
    let ms = (time.as_secs_f64() * 1e6).round() / 1e3;
    let id_text = id.to_str().unwrap_or_default();
    tracing::info!(target: "recburn", method, route, status, ms, code, id = id_text, "request");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// A method by its name; those that HTTP does not know are one, since anybody may invent them.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

/// The id that a client or a proxy has given a request.
fn given_id(request: &Request) -> Option<HeaderValue> {
    let id = request.headers().get(REQUEST_ID)?;
    let visible = id.as_bytes().iter().all(u8::is_ascii_graphic);
    (visible && (1..=128).contains(&id.len())).then(|| id.clone())
}

fn new_id() -> HeaderValue {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:08x}-{number:x}", *START as u32);
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"))
}

/// What a fault of the program is answered with. It is counted, since there should be none.
pub(crate) fn panicked(service: &Shared, fault: &(dyn Any + Send)) -> Response {
    service.metrics.panics.inc();
    let text = fault.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| fault.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(target: "recburn", fault = text, "a fault of the program");
    let detail = "a fault of the program, which its log describes";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail).into_response()
}
