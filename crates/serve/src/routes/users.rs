//! Users: details, and who is similar.

use super::items::named;
use crate::answer::Json;
use crate::extract::{At, Id, Params};
use crate::limits::COUNT;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use recburn_data::UserIx;
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAnswer {
    /// The user's id.
    pub user: String,
    /// How many training ratings the user has.
    pub ratings: u32,
    /// Their mean; null without any.
    pub mean: Option<f64>,
    /// How many ratings of the user the journal has.
    pub journal: usize,
}

/// One user
#[utoipa::path(
    get,
    path = "/v1/users/{user}",
    tag = "users",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, body = UserAnswer),
        (status = 404, description = "`unknown_user`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn user(
    State(service): State<Shared>,
    At(id): At<String>,
    params: Params,
) -> Result<Json<UserAnswer>, Problem> {
    params.end()?;
    let served = service.model()?;
    let id = Id::new(id)?.0;
    let own = service.journal.as_ref();
    let journal = own.map_or(0, |journal| journal.ratings_of(&id).len());
    let row = match served.user(&id) {
        Ok(row) => Some(row),
        Err(_) if journal > 0 => None,
        Err(problem) => return Err(problem),
    };
    let seen = served.model.seen();
    Ok(Json(UserAnswer {
        ratings: row.map_or(0, |row| seen.trained_of_user(row)),
        mean: row.and_then(|row| seen.mean_of_user(row)),
        user: id,
        journal,
    }))
}

/// A user and how similar they are to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarUser {
    /// The user's id.
    pub user: String,
    /// How many training ratings the user has.
    pub ratings: u32,
    /// The cosine of the angle between both rows, from -1 to 1.
    pub cosine: f32,
}

/// Similar users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarUsersAnswer {
    /// The table whose directions were compared.
    pub table: String,
    /// The users, the most similar first.
    pub users: Vec<SimilarUser>,
}

/// The users whose rows in an embedding table are nearest in direction
#[utoipa::path(
    get,
    path = "/v1/users/{user}/similar",
    tag = "users",
    params(
        ("user" = String, Path, description = "The user's id"),
        ("count" = Option<usize>, Query, description = "Length of the list, 10 if not given, at most 1,000"),
        ("table" = Option<String>, Query, description = "The table; the widest one if not given"),
    ),
    responses(
        (status = 200, body = SimilarUsersAnswer),
        (status = 404, description = "`unknown_user`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`unknown_table`, `no_tables`, `invalid`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn similar(
    State(service): State<Shared>,
    At(id): At<String>,
    mut params: Params,
) -> Result<Json<SimilarUsersAnswer>, Problem> {
    let window = params.page(COUNT)?;
    let name = params.text("table")?;
    params.end()?;
    let served = service.model()?;
    let user = served.user(&Id::new(id)?.0)?;
    let table = named(&served.user_tables, name.as_deref(), "users")?;
    let seen = served.model.seen();
    // Of users without training ratings nothing was learnt.
    let near = table.nearest(user.0, window.end(), |row| {
        seen.trained_of_user(UserIx(row)) > 0
    });
    let near = near.into_iter().skip(window.offset);
    let users = near.map(|(row, cosine)| SimilarUser {
        user: served
            .model
            .users()
            .id(UserIx(row))
            .unwrap_or_default()
            .into_owned(),
        ratings: seen.trained_of_user(UserIx(row)),
        cosine,
    });
    Ok(Json(SimilarUsersAnswer {
        table: table.name.clone(),
        users: users.collect(),
    }))
}
