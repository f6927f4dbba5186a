//! The description of the interface, OpenAPI 3.1.

use crate::routes::Api;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::{Modify, OpenApi};

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

/// The description of all paths as JSON, with a line feed at its end.
pub fn openapi() -> String {
    // Through a value, whose keys are in the order of the alphabet, so that the text changes with the interface only.
    let document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
