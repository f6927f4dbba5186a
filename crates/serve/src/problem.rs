//! Errors as RFC 9457 has them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use recburn_data::shown;
use recburn_recommender::RecommenderError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request failed: the body of every answer whose status is 400 or more (`application/problem+json`, RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub kind: &'static str,
    /// The name of the status.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A word that programs can compare, such as `unknown_user`.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// The part of the request that is at fault, such as `ratings[3].rating`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// A problem with this status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            field: None,
        }
    }

    /// A request that is understood but cannot be answered: status 422.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// Something that is not there: status 404.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// Something that is not available now: status 503, and when to ask again.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }

    /// An id that the model does not know.
    pub fn unknown(what: Known, id: &str, known: usize) -> Self {
        let (code, name) = match what {
            Known::User => ("unknown_user", "user"),
            Known::Item => ("unknown_item", "item"),
        };
        let id = shown(id);
        Self::not_found(
            code,
            format!("there is no {name} `{id}` among the {known} that the model knows"),
        )
    }

    /// With the part of the request that is at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A user.
    User,
    /// An item.
    Item,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if status == StatusCode::UNAUTHORIZED {
            let how = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, how);
        }
        // For the metrics, which count why requests were rejected.
        response.extensions_mut().insert(Code(self.code));
        response
    }
}

/// The code of a problem, in the extensions of its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code(pub &'static str);

impl From<RecommenderError> for Problem {
    fn from(error: RecommenderError) -> Self {
        let detail = chain(&error);
        match &error {
            RecommenderError::UnknownId { what: "user", .. } => {
                Self::not_found("unknown_user", detail)
            }
            RecommenderError::UnknownId { .. } => Self::not_found("unknown_item", detail),
            RecommenderError::OffScale { .. } => Self::unprocessable("off_scale", detail),
            RecommenderError::RatedTwice { .. } => Self::unprocessable("duplicate_item", detail),
            RecommenderError::TooManyRatings { .. } => Self::unprocessable("too_many", detail),
            RecommenderError::NothingKnown { .. } => Self::unprocessable("nothing_known", detail),
            RecommenderError::NoRatings => Self::unprocessable("no_ratings", detail),
            RecommenderError::NoTables { .. } => Self::unprocessable("no_tables", detail),
            RecommenderError::UnknownTable { .. } | RecommenderError::UserTable { .. } => {
                Self::unprocessable("unknown_table", detail)
            }
            RecommenderError::Classical(_) => Self::unprocessable("refused", detail),
            _ => Self::unavailable("unavailable", detail),
        }
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
