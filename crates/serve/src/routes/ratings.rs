//! Ratings given while the model is served, which the journal keeps.

use super::aside;
use crate::answer::Json;
use crate::extract::{At, Body, Id};
use crate::journal::Journal;
use crate::problem::Problem;
use crate::state::{Service, Shared};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rating.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatingRequest {
    /// The rating, on the scale of the data.
    pub rating: f64,
}

/// A rating that the disk has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RatingAnswer {
    /// The user's id.
    pub user: String,
    /// The item's id.
    pub item: String,
    /// The rating; null if it was taken back.
    pub rating: Option<f32>,
    /// Whether the model knows the user. If not, the ratings of the journal are folded in as somebody's who is new.
    pub known_user: bool,
    /// Whether the model knows the item. If not, the rating counts from the next training on.
    pub known_item: bool,
}

/// Gives a rating, in place of an earlier one
///
/// It is in the journal when the answer comes, and counts from then on. A service without `--journal` answers `no_journal`.
#[utoipa::path(
    put,
    path = "/v1/users/{user}/ratings/{item}",
    tag = "users",
    params(
        ("user" = String, Path, description = "The user's id, of a new one as well"),
        ("item" = String, Path, description = "The item's id"),
    ),
    request_body = RatingRequest,
    responses(
        (status = 200, body = RatingAnswer),
        (status = 404, description = "`no_journal`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`off_scale`, `invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`journal`: it cannot be written", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put(
    State(service): State<Shared>,
    At((user, item)): At<(String, String)>,
    Body(request): Body<RatingRequest>,
) -> Result<Json<RatingAnswer>, Problem> {
    let served = service.model()?;
    let (scale, rating) = (served.model.scale(), request.rating as f32);
    if !(scale.min..=scale.max).contains(&rating) {
        let (min, max) = (scale.min, scale.max);
        let wrong = format!("the rating {rating} is not on the scale of {min} to {max}");
        return Err(Problem::unprocessable("off_scale", wrong).at("rating"));
    }
    note(service, user, item, Some(rating)).await
}

/// Takes a rating back
///
/// A rating that the model was trained on has its effect until the next training.
#[utoipa::path(
    delete,
    path = "/v1/users/{user}/ratings/{item}",
    tag = "users",
    params(
        ("user" = String, Path, description = "The user's id"),
        ("item" = String, Path, description = "The item's id"),
    ),
    responses(
        (status = 200, body = RatingAnswer),
        (status = 404, description = "`no_journal`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`journal`: it cannot be written", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(service): State<Shared>,
    At((user, item)): At<(String, String)>,
) -> Result<Json<RatingAnswer>, Problem> {
    note(service, user, item, None).await
}

async fn note(
    service: Shared,
    user: String,
    item: String,
    rating: Option<f32>,
) -> Result<Json<RatingAnswer>, Problem> {
    let (user, item) = (whole(user, "user")?, whole(item, "item")?);
    journal(&service)?;
    let served = service.model()?;
    let written = {
        let (service, user, item) = (service.clone(), user.clone(), item.clone());
        aside(move || {
            let journal = journal(&service)?;
            let written = journal.write(&user, &item, rating);
            written.map_err(|error| {
                Problem::unavailable("journal", format!("the journal cannot be written: {error}"))
            })
        })
        .await
    };
    written?;
    served.forget(&user.0);
    if let Ok(now) = service.model() {
        now.forget(&user.0); // a model that was read meanwhile
    }
    Ok(Json(RatingAnswer {
        known_user: served.model.users().index(&user.0).is_some(),
        known_item: served.model.items().index(&item.0).is_some(),
        user: user.0,
        item: item.0,
        rating,
    }))
}

fn journal(service: &Service) -> Result<&Journal, Problem> {
    let journal = service.journal.as_ref();
    journal.ok_or_else(|| {
        Problem::not_found("no_journal", "the service was started without --journal")
    })
}

/// An id that a line of a file can hold, and that readers of such files take as it is.
fn whole(id: String, field: &'static str) -> Result<Id, Problem> {
    let id = Id::new(id)?;
    let is_plain = !id.0.is_empty() && id.0.trim() == id.0 && !id.0.chars().any(char::is_control);
    match is_plain {
        true => Ok(id),
        false => {
            let wrong = "an id is not empty, and has no control characters and no blanks around it";
            Err(Problem::unprocessable("invalid", wrong).at(field))
        }
    }
}
