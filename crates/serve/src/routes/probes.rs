//! For whoever watches the service.

use crate::answer::Json;
use crate::metrics::CONTENT_TYPE;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the process can answer at all
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = String)))]
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// Why the service is not to be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotReady {
    /// `loading` or `draining`.
    pub reason: &'static str,
}

/// Whether requests are to be sent here
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses((status = 200, body = String), (status = 503, body = NotReady))
)]
pub(crate) async fn ready(State(service): State<Shared>) -> Response {
    let reason = match (service.is_draining(), service.model()) {
        (false, Ok(_)) => return "ok".into_response(),
        (true, _) => "draining",
        (false, Err(Problem { .. })) => "loading",
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(NotReady { reason })).into_response()
}

/// Figures about the service, in Prometheus' text format
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, body = String)))]
pub(crate) async fn metrics(State(service): State<Shared>) -> Response {
    (
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        service.metrics.text(),
    )
        .into_response()
}

/// This description
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
pub(crate) async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        crate::openapi(),
    )
        .into_response()
}
