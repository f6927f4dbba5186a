//! What was rated most.

use super::lists::{Entry, most_rated};
use crate::answer::Json;
use crate::catalogue::Filter;
use crate::extract::Params;
use crate::limits::COUNT;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The most rated items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopularAnswer {
    /// The items, the most rated first; `rating` is their mean.
    pub items: Vec<Entry>,
}

/// The most rated items
#[utoipa::path(
    get,
    path = "/v1/popular",
    tag = "items",
    params(
        ("count" = Option<usize>, Query, description = "Length of the list, 10 if not given, at most 1,000"),
        ("offset" = Option<usize>, Query, description = "Its first place, from 0"),
        ("genre" = Option<Vec<String>>, Query, description = "Only items of any of these genres"),
    ),
    responses(
        (status = 200, body = PopularAnswer),
        (status = 422, description = "`invalid`, `unknown_genre`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn popular(
    State(service): State<Shared>,
    mut params: Params,
) -> Result<Json<PopularAnswer>, Problem> {
    let window = params.page(COUNT)?;
    let filter = Filter {
        genres: params.list("genre"),
        min_ratings: Some(0),
        ..Filter::default()
    };
    params.end()?;
    let served = service.model()?;
    let wanted = served.catalogue.wanted(&filter, &served.model)?;
    Ok(Json(PopularAnswer {
        items: most_rated(&served, &wanted.items, window),
    }))
}
