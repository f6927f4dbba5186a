//! Who may ask: by which name the service is called, and with which token.

use crate::problem::Problem;
use crate::settings::Settings;
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Names of this machine.
const LOCAL: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "::1"];

/// Lets requests through that call the service by a name of its own.
///
/// A service on a loopback address is out of reach of other machines, but not of a web site whose name is made to lead to
/// 127.0.0.1 (DNS rebinding): such a request has the site's name in `Host`.
pub(crate) async fn called_by_name(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let names = names(&service.settings);
    let host = host(request.uri(), request.headers());
    let known = |host: &str| names.iter().any(|name| name.eq_ignore_ascii_case(host));
    match host {
        _ if names.is_empty() => next.run(request).await,
        Some(host) if known(&host) => next.run(request).await,
        _ => Problem::new(
            StatusCode::FORBIDDEN,
            "host",
            "the service does not go by the name in `Host`; --host adds names",
        )
        .into_response(),
    }
}

/// The names that are allowed; none where all are.
fn names(settings: &Settings) -> Vec<&str> {
    let own = settings.hosts.iter().map(String::as_str);
    match settings.bind.ip().is_loopback() {
        true => own.chain(LOCAL).collect(),
        false => own.collect(),
    }
}

/// The name without its port.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let given = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(header::HOST)?.to_str().ok()?,
    };
    let name = match given.strip_prefix('[') {
        Some(rest) => &given[..rest.find(']')? + 2],
        None => given.split(':').next()?,
    };
    Some(name.to_string())
}

/// Lets requests through that bring the token along, if there is one.
pub(crate) async fn with_token(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let Some(token) = &service.settings.token else {
        return next.run(request).await;
    };
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.map(|value| value.as_bytes()).and_then(|value| {
        let (scheme, secret) = value.split_at_checked("Bearer ".len())?;
        scheme
            .eq_ignore_ascii_case(b"Bearer ")
            .then(|| secret.trim_ascii())
    });
    match given {
        Some(secret) if token.is(secret) => next.run(request).await,
        _ => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "send the token along: `Authorization: Bearer TOKEN`",
        )
        .into_response(),
    }
}
