//! Bodies, queries and paths of requests, with problems instead of axum's plain texts.

use crate::limits::{COUNT, LONGEST_ID, MOST_COUNT, MOST_PLACE};
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, Error, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// A body of JSON.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Shared) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "the body is to be JSON: send it with `Content-Type: application/json`",
            ));
        }
        let limits = service.limits();
        let reading = Limited::new(request.into_body(), limits.body).collect();
        let bytes = match tokio::time::timeout(limits.body_time, reading).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_large",
                    format!("the body is longer than {} bytes", limits.body),
                ));
            }
            Ok(Err(_)) => {
                return Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "broken_body",
                    "the body ended before its end",
                ));
            }
            Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "slow_body",
                    format!("the body took longer than {} s", limits.body_time.as_secs()),
                ));
            }
        };
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let broken = |error: &serde_json::Error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "broken_json",
            format!("the body is not JSON: {error}"),
        )
    };
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        // A list would be taken for the fields in their order.
        return Err(Problem::unprocessable(
            "invalid",
            "the body is to be a JSON object",
        ));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data => {
                let problem = Problem::unprocessable("invalid", error.to_string());
                match path.as_str() {
                    "." | "?" => problem,
                    _ => problem.at(path),
                }
            }
            // JSON, but where a word is expected there is an object.
            _ if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() => Problem::unprocessable(
                "invalid",
                format!(
                    "a value of another kind is expected at line {} column {}",
                    error.line(),
                    error.column()
                ),
            )
            .at(path),
            _ => broken(&error),
        }
    })?;
    json.end().map_err(|error| broken(&error))?;
    Ok(value)
}

/// Parts of the path.
pub(crate) struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, service).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "broken_path",
                rejection.body_text(),
            )),
        }
    }
}

/// An id of a user or an item: text, or a whole number, which is read as its digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, example = "318")]
pub(crate) struct Id(pub String);

impl Id {
    /// Checks what is to be an id.
    pub fn new(id: String) -> Result<Self, Problem> {
        match id.len() <= LONGEST_ID {
            true => Ok(Self(id)),
            false => Err(Problem::unprocessable(
                "too_long",
                format!("an id has at most {LONGEST_ID} bytes"),
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, as text or a whole number")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Id, E> {
                Id::new(id.to_string()).map_err(|problem| E::custom(problem.detail))
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }
        }
        from.deserialize_any(Either)
    }
}

/// The settings in a request's query, each of which is to be taken: what is left at the end is a mistake.
pub(crate) struct Params(BTreeMap<String, Vec<String>>);

impl FromRequestParts<Shared> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            all.entry(name.into_owned())
                .or_default()
                .push(value.into_owned());
        }
        Ok(Self(all))
    }
}

impl Params {
    /// All values of a setting.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        self.0.remove(name).unwrap_or_default()
    }

    /// A setting; `None` where it is not given.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.list(name);
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(invalid(name, "it is given more than once".to_string())),
        }
    }

    /// A setting that is written as a number or a word.
    pub fn value<T: FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let value = text.parse();
        let wrong = |_| {
            invalid(
                name,
                format!("`{}` is not {expected}", recburn_data::shown(&text)),
            )
        };
        value.map(Some).map_err(wrong)
    }

    /// A whole number.
    pub fn number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        self.value(name, "a whole number")
    }

    /// The length of a list and its first place.
    pub fn page(&mut self, count: usize) -> Result<Window, Problem> {
        let count = self.number("count")?.unwrap_or(count);
        let offset = self.number("offset")?.unwrap_or(0);
        Window::new(count, offset)
    }

    /// Refuses what has not been taken.
    pub fn end(self) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(invalid(&name, "there is no such setting here".to_string())),
        }
    }
}

fn invalid(field: &str, what: String) -> Problem {
    let name = recburn_data::shown(field);
    Problem::unprocessable("invalid", format!("`{name}`: {what}")).at(field)
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub count: usize,
    pub offset: usize,
}

impl Window {
    pub fn new(count: usize, offset: usize) -> Result<Self, Problem> {
        if count > MOST_COUNT {
            let most = format!("at most {MOST_COUNT} entries at a time");
            return Err(invalid("count", most));
        }
        if offset.saturating_add(count) > MOST_PLACE {
            let most = format!("a list ends at its place {MOST_PLACE}");
            return Err(invalid("offset", most));
        }
        Ok(Self { count, offset })
    }

    /// From the fields of a body.
    pub fn of(count: Option<usize>, offset: Option<usize>) -> Result<Self, Problem> {
        Self::new(count.unwrap_or(COUNT), offset.unwrap_or(0))
    }

    /// How many entries a list needs to hold the window.
    pub fn end(self) -> usize {
        self.offset + self.count
    }
}
