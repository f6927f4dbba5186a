//! The page for people.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// One file without references to others.
const PAGE: &[u8] = include_bytes!("../page/index.html");

pub(crate) async fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response()
}
