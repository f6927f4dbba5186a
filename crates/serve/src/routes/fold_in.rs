//! The row of somebody with ratings.

use super::aside;
use super::lists::widest;
use super::types::{Rated, pairs};
use crate::answer::Json;
use crate::extract::Body;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Ratings to fold in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoldInRequest {
    /// At most 1,000.
    pub ratings: Vec<Rated>,
}

/// A row that was fitted to ratings, as if its owner had been in the training data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoldInAnswer {
    /// The digest of the model, to whose item tables the row belongs.
    pub model: String,
    /// The part of the widest table of users.
    pub row: Vec<f32>,
    /// The user's bias, of a model that has one.
    pub bias: Option<f32>,
    /// The parts of all tables of users.
    pub tables: Vec<TableRow>,
    /// How many Gauss-Newton steps were taken.
    pub steps: usize,
    /// How many of the items are known.
    pub known: usize,
    /// The items that the model does not know; they were left out.
    pub unknown_items: Vec<String>,
}

/// The part of a row that belongs to one table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableRow {
    /// The table's name.
    pub table: String,
    /// The numbers.
    pub values: Vec<f32>,
}

/// The row of somebody who is not in the training data
#[utoipa::path(
    post,
    path = "/v1/fold-in",
    tag = "predictions",
    request_body = FoldInRequest,
    responses(
        (status = 200, body = FoldInAnswer),
        (status = 422, description = "`off_scale`, `duplicate_item`, `too_many`, `nothing_known`, `no_tables`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn fold_in(
    State(service): State<Shared>,
    Body(request): Body<FoldInRequest>,
) -> Result<Json<FoldInAnswer>, Problem> {
    let served = service.model()?;
    aside(move || {
        // Of a model without tables there is no row.
        served.model.network()?;
        if request.ratings.is_empty() {
            let none = "there is no rating to go by";
            return Err(Problem::unprocessable("nothing_known", none).at("ratings"));
        }
        let profile = service.fold(&served, None, &pairs(&request.ratings));
        let profile = profile.map_err(|problem| placed(problem, &request.ratings))?;
        service.metrics.unknown("item", profile.unknown_items.len());
        let bias = profile.rows.iter().find(|row| row.values.len() == 1);
        let tables = profile.rows.iter().map(|row| TableRow {
            table: row.table.clone(),
            values: row.values.clone(),
        });
        Ok(Json(FoldInAnswer {
            model: served.digest.clone(),
            row: widest(&profile),
            bias: bias.map(|row| row.values[0]),
            tables: tables.collect(),
            steps: profile.steps,
            known: profile.ratings,
            unknown_items: profile.unknown_items.clone(),
        }))
    })
    .await
}

/// With the place of the rating that an answer finds fault with.
pub(crate) fn placed(problem: Problem, ratings: &[Rated]) -> Problem {
    let named = |rated: &Rated| {
        problem
            .detail
            .contains(&format!("`{}`", recburn_data::shown(&rated.item.0)))
    };
    match problem.code {
        "off_scale" => {
            let is_it = |rated: &Rated| {
                named(rated) && problem.detail.contains(&(rated.rating as f32).to_string())
            };
            let at = ratings.iter().position(is_it);
            match at {
                Some(at) => problem.at(format!("ratings[{at}].rating")),
                None => problem,
            }
        }
        "duplicate_item" => match ratings.iter().rposition(named) {
            Some(at) => problem.at(format!("ratings[{at}].item")),
            None => problem,
        },
        "too_many" => problem.at("ratings"),
        "nothing_known" if !ratings.is_empty() => problem.at("ratings"),
        _ => problem,
    }
}
