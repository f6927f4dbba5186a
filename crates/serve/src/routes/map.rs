//! A map of the items.

use super::aside;
use super::items::named;
use crate::answer::Json;
use crate::catalogue::Filter;
use crate::extract::Params;
use crate::limits::MOST_POINTS;
use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Points of a map where a request names no number.
const POINTS: usize = 3_000;

/// Items on a plane.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MapAnswer {
    /// The table whose rows are drawn.
    pub table: String,
    /// The parts of the rows' variance along both axes.
    pub explained: [f32; 2],
    /// The most rated items.
    pub points: Vec<Point>,
}

/// An item on a map.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Point {
    /// The item's id.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Its place along the direction in which rows differ most.
    pub x: f32,
    /// Its place along the second such direction.
    pub y: f32,
    /// How many training ratings it has.
    pub ratings: u32,
}

/// The most rated items by the two directions in which the rows of an embedding table differ most
#[utoipa::path(
    get,
    path = "/v1/map",
    tag = "items",
    params(
        ("count" = Option<usize>, Query, description = "Points, 3,000 if not given, at most 100,000"),
        ("table" = Option<String>, Query, description = "The table; the widest one if not given"),
    ),
    responses(
        (status = 200, body = MapAnswer),
        (status = 422, description = "`unknown_table`, `no_tables`, `invalid`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn map(
    State(service): State<Shared>,
    mut params: Params,
) -> Result<Json<MapAnswer>, Problem> {
    let count: usize = params.number("count")?.unwrap_or(POINTS);
    let name = params.text("table")?;
    params.end()?;
    if count > MOST_POINTS {
        let most = format!("at most {MOST_POINTS} points");
        return Err(Problem::unprocessable("invalid", most).at("count"));
    }
    let served = service.model()?;
    aside(move || {
        let table = named(&served.item_tables, name.as_deref(), "items")?;
        let learnt = Filter {
            min_ratings: Some(1),
            ..Filter::default()
        };
        let learnt = served.catalogue.wanted(&learnt, &served.model)?.items;
        let Some(pca) = table.map(&served.model, &learnt) else {
            let none = "all rows of the table are alike, so there is no map of them";
            return Err(Problem::unprocessable("no_tables", none));
        };
        let items = served.catalogue.search("", &learnt, false).into_iter();
        let points = items.take(count).filter_map(|item| {
            let [x, y] = *pca.points.get(table.place(item)?)?;
            let card = served.card(item);
            Some(Point {
                item: card.item,
                title: card.title,
                x,
                y,
                ratings: card.ratings,
            })
        });
        Ok(Json(MapAnswer {
            table: table.name.clone(),
            explained: pca.explained,
            points: points.collect(),
        }))
    })
    .await
}
