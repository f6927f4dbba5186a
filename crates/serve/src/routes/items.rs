//! Items: search, details, and what is similar.

use crate::answer::Json;
use crate::catalogue::{Filter, ItemCard};
use crate::extract::{At, Id, Params};
use crate::limits::{COUNT, LONGEST_QUERY};
use crate::problem::Problem;
use crate::state::Shared;
use crate::tables::Directions;
use axum::extract::State;
use recburn_data::ItemIx;
use serde::Serialize;
use utoipa::ToSchema;

/// Entries of a page of a search where a request names no number.
const PAGE: usize = 20;

/// Items that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemsAnswer {
    /// How many there are on all pages.
    pub total: usize,
    /// This page of them.
    pub items: Vec<ItemCard>,
}

/// Items by a part of their title
///
/// Case, accents and punctuation do not matter, nor where the article is: "The Matrix" finds "Matrix, The (1999)".
#[utoipa::path(
    get,
    path = "/v1/items",
    tag = "items",
    params(
        ("q" = Option<String>, Query, description = "A part of the title; all items if not given"),
        ("genre" = Option<Vec<String>>, Query, description = "Only items of any of these genres"),
        ("min_ratings" = Option<u32>, Query, description = "Only items with at least so many training ratings"),
        ("sort" = Option<String>, Query, description = "`popular`, the most rated first, or `title`"),
        ("count" = Option<usize>, Query, description = "Length of the page, 20 if not given, at most 1,000"),
        ("offset" = Option<usize>, Query, description = "Its first place, from 0"),
    ),
    responses(
        (status = 200, body = ItemsAnswer),
        (status = 422, description = "`invalid`, `unknown_genre`, `too_long`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search(
    State(service): State<Shared>,
    mut params: Params,
) -> Result<Json<ItemsAnswer>, Problem> {
    let text = params.text("q")?.unwrap_or_default();
    if text.chars().count() > LONGEST_QUERY {
        let most = format!("a search has at most {LONGEST_QUERY} characters");
        return Err(Problem::unprocessable("too_long", most).at("q"));
    }
    let filter = Filter {
        genres: params.list("genre"),
        min_ratings: Some(params.number("min_ratings")?.unwrap_or(0)),
        ..Filter::default()
    };
    let by_title = params.value::<Order>("sort", "popular or title")?;
    let window = params.page(PAGE)?;
    params.end()?;
    let served = service.model()?;
    let wanted = served.catalogue.wanted(&filter, &served.model)?;
    let found = served
        .catalogue
        .search(&text, &wanted.items, by_title == Some(Order::Title));
    let page = found.iter().skip(window.offset).take(window.count);
    Ok(Json(ItemsAnswer {
        total: found.len(),
        items: page.map(|&item| served.card(item)).collect(),
    }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Popular,
    Title,
}

impl std::str::FromStr for Order {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "popular" => Ok(Self::Popular),
            "title" => Ok(Self::Title),
            _ => Err(()),
        }
    }
}

/// An item with what is known of its ratings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemAnswer {
    #[serde(flatten)]
    pub item: ItemCard,
    /// The mean of its training ratings; null without any.
    pub mean: Option<f64>,
    /// Its bias, of a model that has one.
    pub bias: Option<f32>,
    /// How often each rating occurs, the lowest first; null if the model's folder keeps no ratings.
    pub histogram: Option<Vec<Level>>,
}

/// How often a rating occurs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Level {
    /// The rating.
    pub rating: f32,
    /// How often it occurs.
    pub count: u32,
}

/// One item
#[utoipa::path(
    get,
    path = "/v1/items/{item}",
    tag = "items",
    params(("item" = String, Path, description = "The item's id")),
    responses(
        (status = 200, body = ItemAnswer),
        (status = 404, description = "`unknown_item`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn item(
    State(service): State<Shared>,
    At(id): At<String>,
    params: Params,
) -> Result<Json<ItemAnswer>, Problem> {
    params.end()?;
    let served = service.model()?;
    let item = served.item(&Id::new(id)?.0)?;
    let first = served.model.users().iter().next();
    let parts = first.and_then(|(user, _)| served.model.parts(user, item));
    let histogram = served.histograms.as_ref().map(|(levels, counts)| {
        let own = &counts[item.index() * levels.len()..][..levels.len()];
        let each = levels.iter().zip(own);
        each.map(|(&rating, &count)| Level { rating, count })
            .collect()
    });
    Ok(Json(ItemAnswer {
        item: served.card(item),
        mean: served.model.seen().mean_of_item(item),
        bias: parts.map(|parts| parts.item_bias),
        histogram,
    }))
}

/// An item and how similar it is to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarItem {
    #[serde(flatten)]
    pub item: ItemCard,
    /// The cosine of the angle between both rows, from -1 to 1.
    pub cosine: f32,
}

/// Similar items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarItemsAnswer {
    /// The table whose directions were compared.
    pub table: String,
    /// The least training ratings of the items considered.
    pub min_ratings: u32,
    /// The items, the most similar first.
    pub items: Vec<SimilarItem>,
}

/// The items whose rows in an embedding table are nearest in direction
#[utoipa::path(
    get,
    path = "/v1/items/{item}/similar",
    tag = "items",
    params(
        ("item" = String, Path, description = "The item's id"),
        ("count" = Option<usize>, Query, description = "Length of the list, 10 if not given, at most 1,000"),
        ("min_ratings" = Option<u32>, Query, description = "Only items with at least so many training ratings; 0 for all"),
        ("table" = Option<String>, Query, description = "The table; the widest one if not given"),
    ),
    responses(
        (status = 200, body = SimilarItemsAnswer),
        (status = 404, description = "`unknown_item`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`unknown_table`, `no_tables`, `invalid`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn similar(
    State(service): State<Shared>,
    At(id): At<String>,
    mut params: Params,
) -> Result<Json<SimilarItemsAnswer>, Problem> {
    let window = params.page(COUNT)?;
    let filter = Filter {
        min_ratings: params.number("min_ratings")?,
        ..Filter::default()
    };
    let name = params.text("table")?;
    params.end()?;
    let served = service.model()?;
    let item = served.item(&Id::new(id)?.0)?;
    let table = named(&served.item_tables, name.as_deref(), "items")?;
    let wanted = served.catalogue.wanted(&filter, &served.model)?;
    let near = table.nearest(item.0, window.end(), |row| wanted.items.has(row as usize));
    let near = near.into_iter().skip(window.offset);
    let items = near.map(|(row, cosine)| SimilarItem {
        item: served.card(ItemIx(row)),
        cosine,
    });
    Ok(Json(SimilarItemsAnswer {
        table: table.name.clone(),
        min_ratings: wanted.min_ratings,
        items: items.collect(),
    }))
}

/// A table by its name, or the widest one.
pub(crate) fn named<'a>(
    tables: &'a [Directions],
    name: Option<&str>,
    what: &str,
) -> Result<&'a Directions, Problem> {
    let Some(widest) = tables.first() else {
        let none = format!("the model has no table of {what} whose directions could be compared");
        return Err(Problem::unprocessable("no_tables", none));
    };
    let Some(name) = name else {
        return Ok(widest);
    };
    tables
        .iter()
        .find(|table| table.name == name)
        .ok_or_else(|| {
            let known: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            let name = recburn_data::shown(name);
            let problem = format!(
                "there is no table `{name}` of {what}: there are {}",
                known.join(", ")
            );
            Problem::unprocessable("unknown_table", problem).at("table")
        })
}
