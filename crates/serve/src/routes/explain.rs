//! Which ratings a predicted rating is made of.

use super::aside;
use super::lists::Reason;
use super::types::{Rated, pairs};
use crate::answer::Json;
use crate::extract::{Body, Id};
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use recburn_recommender::Query;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An item and somebody: a user, ratings, or a user with new ratings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplanationRequest {
    /// A user of the training data.
    pub user: Option<Id>,
    /// Ratings, at most 1,000.
    #[serde(default)]
    pub ratings: Vec<Rated>,
    /// The item whose predicted rating is explained.
    pub item: Id,
}

/// What a predicted rating is made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplanationAnswer {
    /// The digest of the model.
    pub model: String,
    /// The item's id.
    pub item: String,
    /// The predicted rating. Of a user without new ratings it is that of a fold-in of the training ratings, which is near that
    /// of the trained row.
    pub rating: f32,
    /// What it would be without the ratings.
    pub base: f32,
    /// What each rating adds, the largest first.
    pub contributions: Vec<Reason>,
    /// Whether base and contributions add up to the rating.
    pub exact: bool,
}

/// What a predicted rating is made of: what each rating adds to it
#[utoipa::path(
    post,
    path = "/v1/explanations",
    tag = "predictions",
    request_body = ExplanationRequest,
    responses(
        (status = 200, body = ExplanationAnswer),
        (status = 404, description = "`unknown_user`, `unknown_item`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`no_ratings`, `nothing_known`, `off_scale`, `duplicate_item`, `too_many`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn explanations(
    State(service): State<Shared>,
    Body(request): Body<ExplanationRequest>,
) -> Result<Json<ExplanationAnswer>, Problem> {
    let served = service.model()?;
    served.item(&request.item.0)?;
    let user = request.user.as_ref().map(|user| user.0.as_str());
    if let Some(user) = user {
        served.user(user)?;
    }
    if user.is_none() && request.ratings.is_empty() {
        let none = "there is neither a user nor a rating to go by";
        return Err(Problem::unprocessable("nothing_known", none));
    }
    aside(move || {
        let pairs = pairs(&request.ratings);
        let query = Query {
            user: request.user.as_ref().map(|user| user.0.as_str()),
            ratings: &pairs,
        };
        let explained = served.model.explain(&query, &[&request.item.0]);
        let explained =
            explained.map_err(|error| super::fold_in::placed(error.into(), &request.ratings))?;
        let Some(explanation) = explained.first() else {
            return Err(Problem::unavailable(
                "unavailable",
                "there is no explanation",
            ));
        };
        Ok(Json(ExplanationAnswer {
            model: served.digest.clone(),
            item: request.item.0.clone(),
            rating: explanation.rating,
            base: explanation.base,
            contributions: Reason::all(explanation, &served),
            exact: explanation.exact,
        }))
    })
    .await
}
