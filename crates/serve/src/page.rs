//! The page for people.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// One file without references to others.
pub(crate) const PAGE: &str = include_str!("../page/index.html");

pub(crate) async fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response()
}

/// The page's own policy, which names the hashes of its script and its style; no other page may put it into a frame.
pub(crate) fn policy() -> HeaderValue {
    let named = PAGE.split_once("\"Content-Security-Policy\" content=\"");
    let policy = named.and_then(|(_, rest)| rest.split_once('"'));
    let policy = policy.map_or("default-src 'none'", |(policy, _)| policy);
    HeaderValue::try_from(format!("{policy}; frame-ancestors 'none'"))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
