//! Recommendations for one person.

use super::aside;
use super::lists::{ListAnswer, Wish};
use super::types::{Fallback, Rated, pairs};
use crate::answer::Json;
use crate::catalogue::Filter;
use crate::extract::{At, Body, Id, Params, Window};
use crate::limits::COUNT;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// The settings of a list in a query.
pub(crate) fn wish(params: &mut Params) -> Result<Wish, Problem> {
    Wish {
        window: params.page(COUNT)?,
        filter: Filter {
            genres: params.list("genre"),
            not_genres: params.list("not_genre"),
            min_ratings: params.number("min_ratings")?,
            ..Filter::default()
        },
        seen: params.value("seen", "true or false")?.unwrap_or(false),
        explain: params.number("explain")?.unwrap_or(0),
        fallback: params
            .value("fallback", "none or popular")?
            .unwrap_or_default(),
    }
    .checked()
}

/// The best items for a user of the training data
#[utoipa::path(
    get,
    path = "/v1/users/{user}/recommendations",
    tag = "recommendations",
    params(
        ("user" = String, Path, description = "The user's id"),
        ("count" = Option<usize>, Query, description = "Length of the list, 10 if not given, at most 1,000"),
        ("offset" = Option<usize>, Query, description = "Its first place, from 0"),
        ("genre" = Option<Vec<String>>, Query, description = "Only items of any of these genres"),
        ("not_genre" = Option<Vec<String>>, Query, description = "No items of these genres"),
        ("min_ratings" = Option<u32>, Query, description = "Only items with at least so many training ratings; 0 for all"),
        ("seen" = Option<bool>, Query, description = "Whether to list what the user has rated"),
        ("explain" = Option<usize>, Query, description = "Reasons for each item, at most 10"),
        ("fallback" = Option<Fallback>, Query, description = "What to do for an unknown user"),
    ),
    responses(
        (status = 200, body = ListAnswer),
        (status = 404, description = "`unknown_user`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`, `unknown_genre`, `no_ratings`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn of_user(
    State(service): State<Shared>,
    At(user): At<String>,
    mut params: Params,
) -> Result<Json<ListAnswer>, Problem> {
    let user = Id::new(user)?;
    let wish = wish(&mut params)?;
    params.end()?;
    let served = service.model()?;
    let folds = service
        .journal
        .as_ref()
        .is_some_and(|journal| journal.knows(&user.0));
    let is_slow = folds || wish.explain > 0 || !served.is_quick;
    let list = move || {
        let answer = service.list(&served, Some(&user.0), &[], &wish)?;
        Ok(Json(ListAnswer {
            row: None,
            ..answer
        }))
    };
    match is_slow {
        true => aside(list).await,
        false => list(),
    }
}

/// A list by ratings, by a user, or by both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRequest {
    /// Ratings of somebody who is not in the training data, or new ratings of the user; at most 1,000.
    #[serde(default)]
    pub ratings: Vec<Rated>,
    /// A user of the training data.
    pub user: Option<Id>,
    /// Length of the list: 10 if not given, at most 1,000.
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
    /// Reasons for each item, at most 10.
    #[serde(default)]
    pub explain: usize,
    /// What to do where nothing is known.
    #[serde(default)]
    pub fallback: Fallback,
    /// Whether to answer with the row that was folded in.
    #[serde(default)]
    pub row: bool,
}

/// The best items for somebody with ratings, for a user, or for a user with new ratings
#[utoipa::path(
    post,
    path = "/v1/recommendations",
    tag = "recommendations",
    request_body = ListRequest,
    responses(
        (status = 200, body = ListAnswer),
        (status = 404, description = "`unknown_user`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`off_scale`, `duplicate_item`, `too_many`, `nothing_known`, `unknown_genre`, `invalid`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn of_body(
    State(service): State<Shared>,
    Body(request): Body<ListRequest>,
) -> Result<Json<ListAnswer>, Problem> {
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
        explain: request.explain,
        fallback: request.fallback,
    };
    let wish = wish.checked()?;
    let served = service.model()?;
    aside(move || {
        let user = request.user.as_ref().map(|user| user.0.as_str());
        let answer = service.list(&served, user, &pairs(&request.ratings), &wish);
        let answer = answer.map_err(|problem| super::fold_in::placed(problem, &request.ratings))?;
        let row = answer.row.filter(|_| request.row);
        Ok(Json(ListAnswer { row, ..answer }))
    })
    .await
}
