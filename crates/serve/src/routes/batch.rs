//! Lists for many users in one request.

use super::aside;
use super::lists::{Entry, Wish};
use super::types::{AnswerSource, Fallback};
use crate::answer::Json;
use crate::catalogue::Filter;
use crate::extract::{Body, Id, Window};
use crate::limits::MOST_USERS;
use crate::problem::Problem;
use crate::served::Served;
use crate::state::{Service, Shared};
use axum::body::Body as AnswerBody;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::{Receiver, channel};
use utoipa::ToSchema;

/// Lines that are made ahead of a client who reads slowly.
const AHEAD: usize = 16;

/// Lists for users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchRequest {
    /// At most 1,000.
    pub users: Vec<Id>,
    /// Length of each list: 10 if not given, at most 1,000.
    pub count: Option<usize>,
    /// Its first place, from 0.
    pub offset: Option<usize>,
    /// Only items of any of these genres.
    #[serde(default)]
    pub genres: Vec<String>,
    /// No items of these genres.
    #[serde(default)]
    pub not_genres: Vec<String>,
    /// Only these items.
    pub allow: Option<Vec<Id>>,
    /// None of these items.
    #[serde(default)]
    pub deny: Vec<Id>,
    /// Only items with at least so many training ratings; 0 for all.
    pub min_ratings: Option<u32>,
    /// Whether to list what has been rated.
    #[serde(default)]
    pub seen: bool,
    /// What to do for an unknown user.
    #[serde(default)]
    pub fallback: Fallback,
}

/// The list of one user of a batch, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchLine {
    /// The user's id.
    pub user: String,
    /// What the list is based on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<AnswerSource>,
    /// The items, best first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Entry>>,
    /// Why there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// The lists of a batch, in the order of its users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// The digest of the model.
    pub model: String,
    /// One for each user.
    pub results: Vec<BatchLine>,
}

/// Lists for many users: a bad user is a line with an error, not a failed request
///
/// With `Accept: application/x-ndjson` the lines come one by one, each a JSON document.
#[utoipa::path(
    post,
    path = "/v1/recommendations/batch",
    tag = "recommendations",
    request_body = BatchRequest,
    responses(
        (status = 200, content((BatchAnswer = "application/json"), (BatchLine = "application/x-ndjson"))),
        (status = 422, description = "`too_many`, `invalid`, `unknown_genre`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn batch(
    State(service): State<Shared>,
    headers: HeaderMap,
    Body(request): Body<BatchRequest>,
) -> Result<Response, Problem> {
    if request.users.len() > MOST_USERS {
        let most = format!("at most {MOST_USERS} users at a time");
        return Err(Problem::unprocessable("too_many", most).at("users"));
    }
    let wish = Wish {
        window: Window::of(request.count, request.offset)?,
        filter: Filter {
            genres: request.genres,
            not_genres: request.not_genres,
            allow: request.allow,
            deny: request.deny,
            min_ratings: request.min_ratings,
        },
        seen: request.seen,
        explain: 0,
        fallback: request.fallback,
    };
    let served = service.model()?;
    // Before the first line: a filter that is wrong is wrong for all.
    served.catalogue.wanted(&wish.filter, &served.model)?;
    let users = request.users;
    let by_line = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    if !by_line.is_some_and(|accept| accept.contains("application/x-ndjson")) {
        return aside(move || {
            let lines = users
                .into_iter()
                .map(|user| line(&service, &served, user, &wish));
            let answer = BatchAnswer {
                model: served.digest.clone(),
                results: lines.collect(),
            };
            Ok(Json(answer).into_response())
        })
        .await;
    }
    let (send, receive) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        for user in users {
            let line = line(&service, &served, user, &wish);
            let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
            bytes.push(b'\n');
            if send.blocking_send(Bytes::from(bytes)).is_err() {
                return; // nobody reads any more
            }
        }
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, AnswerBody::from_stream(Lines(receive))).into_response())
}

fn line(service: &Service, served: &Served, user: Id, wish: &Wish) -> BatchLine {
    let list = service.list(served, Some(&user.0), &[], wish);
    let (source, items, error) = match list {
        Ok(list) => (Some(list.source), Some(list.items), None),
        Err(problem) => (None, None, Some(problem)),
    };
    BatchLine {
        user: user.0,
        source,
        items,
        error,
    }
}

/// Lines as they are made.
struct Lines(Receiver<Bytes>);

impl Stream for Lines {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|line| line.map(Ok))
    }
}
