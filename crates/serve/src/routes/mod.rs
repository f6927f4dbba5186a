//! The paths of the service.

mod batch;
mod explain;
mod fold_in;
mod items;
mod lists;
mod map;
mod model;
mod popular;
mod predictions;
mod probes;
mod ratings;
mod recommend;
mod somebody;
mod types;
mod users;

pub(crate) use model::ModelAnswer;

use crate::auth::{called_by_name, with_token};
use crate::observe::{observed, panicked};
use crate::openapi::{Problems, Security};
use crate::page::{page, policy};
use crate::problem::Problem;
use crate::state::{Service, Shared};
use crate::turns::in_turn;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;

/// All paths of a service, as an axum router.
pub fn router(service: Arc<Service>) -> Router {
    let asked = Router::new()
        .route("/v1/users/{user}/recommendations", get(recommend::of_user))
        .route("/v1/recommendations", post(recommend::of_body))
        .route("/v1/recommendations/batch", post(batch::batch))
        .route("/v1/predictions", post(predictions::predictions))
        .route("/v1/explanations", post(explain::explanations))
        .route("/v1/fold-in", post(fold_in::fold_in))
        .route("/v1/items", get(items::search))
        .route("/v1/items/{item}", get(items::item))
        .route("/v1/items/{item}/similar", get(items::similar))
        .route("/v1/users/{user}", get(users::user))
        .route("/v1/users/{user}/similar", get(users::similar))
        .route(
            "/v1/users/{user}/ratings/{item}",
            put(ratings::put).delete(ratings::delete),
        )
        .route("/v1/popular", get(popular::popular))
        .route("/v1/map", get(map::map))
        .route("/v1/model", get(model::model))
        .layer(from_fn_with_state(service.clone(), in_turn));
    let other = Router::new()
        // Neither waits for its turn: a full service can still be looked at.
        .route("/v1/reload", post(model::reload))
        .route("/metrics", get(probes::metrics));
    let own = asked
        .merge(other)
        .layer(from_fn_with_state(service.clone(), with_token));
    let open = Router::new()
        .route("/", get(page))
        .route("/openapi.json", get(probes::openapi));
    let named = own
        .merge(open)
        .layer(CsrfLayer::new().with_rejection_response(|_| cross_origin()))
        .layer(from_fn_with_state(service.clone(), called_by_name));
    finish(named.merge(probes()), service)
}

/// The paths of the second address, which needs no token: `/metrics` and the probes.
pub(crate) fn of_metrics(service: Arc<Service>) -> Router {
    let metrics = Router::new().route("/metrics", get(probes::metrics));
    finish(metrics.merge(probes()), service)
}

/// Whoever watches the service has no token, and calls it by its number.
fn probes() -> Router<Shared> {
    Router::new()
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready))
}

fn finish(router: Router<Shared>, service: Arc<Service>) -> Router {
    let panics = service.clone();
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .fallback(async || {
            Problem::not_found(
                "no_such_path",
                "there is no such path: /openapi.json lists them",
            )
        })
        .method_not_allowed_fallback(async || {
            let code = StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(
                code,
                "method",
                "the path does not take this method: `Allow` lists those that it does",
            )
        })
        .layer(CatchPanicLayer::custom(
            move |fault: Box<dyn std::any::Any + Send>| panicked(&panics, &*fault),
        ))
        .layer(from_fn_with_state(service.clone(), observed))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            policy(),
        ))
        .with_state(service)
}

fn cross_origin() -> axum::response::Response {
    let detail = "a page of another site may not ask this service for changes";
    Problem::new(StatusCode::FORBIDDEN, "cross_origin", detail).into_response()
}

/// Runs what takes a while on a thread of its own, so that it holds up no other connection.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(fault) => std::panic::resume_unwind(fault),
            // The service is ending, and nobody waits for the answer.
            Err(_) => std::future::pending().await,
        },
    }
}

/// The description of all paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "recburn",
        description = "Recommendations, predictions and fold-in by a saved model. Errors are RFC 9457 documents whose `code` \
                       programs can compare. Ids are strings; whole numbers are taken too."
    ),
    paths(
        recommend::of_user,
        recommend::of_body,
        batch::batch,
        predictions::predictions,
        explain::explanations,
        fold_in::fold_in,
        items::search,
        items::item,
        items::similar,
        users::user,
        users::similar,
        ratings::put,
        ratings::delete,
        popular::popular,
        map::map,
        model::model,
        model::reload,
        probes::live,
        probes::ready,
        probes::metrics,
        probes::openapi,
    ),
    modifiers(&Security, &Problems)
)]
pub(crate) struct Api;
