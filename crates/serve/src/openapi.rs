//! The description of the interface, OpenAPI 3.1.

use crate::problem::Problem;
use crate::routes::Api;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, OpenApi as Document, PathItem, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{Modify, OpenApi, ToSchema};

/// Problems that requests of many paths may have: the name of the answer, its status, its codes.
const PROBLEMS: [(&str, &str, &str); 8] = [
    (
        "Broken",
        "400",
        "`broken_json`, `broken_body`, `broken_path`",
    ),
    (
        "Unauthorized",
        "401",
        "`unauthorized`: the token is missing or is another one",
    ),
    ("Forbidden", "403", "`host`, `cross_origin`"),
    ("SlowBody", "408", "`slow_body`"),
    ("TooLarge", "413", "`too_large`"),
    ("NotJson", "415", "`not_json`"),
    (
        "Invalid",
        "422",
        "`invalid`: a setting that does not exist, or is not what it is to be",
    ),
    (
        "Unavailable",
        "503",
        "`busy`, `loading`, `timeout`: ask again later",
    ),
];

/// Says that requests bring a token along, if the service has one.
pub(crate) struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let none: [&str; 0] = [];
        // The first alternative: a service without a token.
        document.security = Some(vec![
            SecurityRequirement::default(),
            SecurityRequirement::new("token", none),
        ]);
    }
}

/// Adds the problems that a path does not have of its own.
pub(crate) struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        for (name, _, codes) in PROBLEMS {
            let response = problem(codes);
            components
                .responses
                .insert(name.to_string(), RefOr::T(response));
        }
        for (path, item) in &mut document.paths.paths {
            for operation in operations(item) {
                add_problems(path, operation);
            }
        }
    }
}

fn problem(codes: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    ResponseBuilder::new()
        .description(codes)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn add_problems(path: &str, operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    for (name, status, _) in PROBLEMS {
        let may_be = match status {
            "403" => !path.ends_with('z'), // the probes answer whoever asks
            "400" => has_body || path.contains('{'),
            "401" | "422" => path.starts_with("/v1/") || path == "/metrics",
            "503" => path.starts_with("/v1/"),
            _ => has_body,
        };
        if may_be {
            let responses = &mut operation.responses.responses;
            let answer = || RefOr::Ref(Ref::from_response_name(name));
            responses.entry(status.to_string()).or_insert_with(answer);
        }
    }
}

/// The description of all paths as JSON, with a line feed at its end.
pub fn openapi() -> String {
    // Through a value, whose keys are in the order of the alphabet, so that the text changes with the interface only.
    let document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
