//! Predicted ratings.

use super::aside;
use super::types::{AnswerSource, Rated, pairs};
use crate::answer::Json;
use crate::extract::{Body, Id};
use crate::limits::MOST_PAIRS;
use crate::problem::Problem;
use crate::served::Served;
use crate::state::{Service, Shared};
use axum::extract::State;
use recburn_data::{ItemIx, UserIx};
use recburn_recommender::Parts;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Pairs, or ratings of somebody and items.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PredictionRequest {
    /// Pairs of users and items, at most 10,000; neither `ratings` nor `items` then.
    pub pairs: Option<Vec<Pair>>,
    /// Ratings of somebody who is not in the training data, at most 1,000.
    pub ratings: Option<Vec<Rated>>,
    /// The items whose ratings by that person are to be predicted, at most 10,000.
    pub items: Option<Vec<Id>>,
}

/// A user and an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    /// The user's id.
    pub user: Id,
    /// The item's id.
    pub item: Id,
}

/// A predicted rating.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnePrediction {
    /// The user's id; null for somebody with ratings only.
    pub user: Option<String>,
    /// The item's id.
    pub item: String,
    /// The predicted rating; null where there is none.
    pub rating: Option<f32>,
    /// The same, clipped to the scale of the data.
    pub clipped: Option<f32>,
    /// What it is based on: for an id that the model does not know it is not the model.
    pub source: AnswerSource,
    /// Its summands, of a model whose score is a dot product and biases; null otherwise.
    #[schema(value_type = Option<Summands>)]
    pub parts: Option<Parts>,
}

/// The summands of a predicted rating.
#[derive(ToSchema)]
#[allow(dead_code)] // for the description of the interface
pub(crate) struct Summands {
    /// What was subtracted from all training ratings.
    mean: f32,
    /// The bias of the user, with the constants of the model, if it has any.
    user_bias: f32,
    /// The bias of the item.
    item_bias: f32,
    /// The product of the factors.
    r#match: f32,
}

/// Predictions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PredictionAnswer {
    /// The digest of the model.
    pub model: String,
    /// The predictions, in the order of the request.
    pub predictions: Vec<OnePrediction>,
    /// The items among `ratings` that the model does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_items: Vec<String>,
}

/// Predicted ratings of pairs, or of items for somebody with ratings
#[utoipa::path(
    post,
    path = "/v1/predictions",
    tag = "predictions",
    request_body = PredictionRequest,
    responses(
        (status = 200, body = PredictionAnswer),
        (status = 422, description = "`too_many`, `invalid`, `off_scale`, `duplicate_item`, `nothing_known`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn predictions(
    State(service): State<Shared>,
    Body(request): Body<PredictionRequest>,
) -> Result<Json<PredictionAnswer>, Problem> {
    let served = service.model()?;
    let count =
        request.pairs.as_ref().map_or(0, Vec::len) + request.items.as_ref().map_or(0, Vec::len);
    if count > MOST_PAIRS {
        return Err(Problem::unprocessable(
            "too_many",
            format!("at most {MOST_PAIRS} at a time"),
        ));
    }
    match (request.pairs, request.ratings, request.items) {
        (Some(pairs), None, None) => aside(move || service.of_pairs(&served, pairs)).await,
        (None, Some(ratings), Some(items)) => {
            aside(move || service.of_items(&served, &ratings, items)).await
        }
        _ => Err(Problem::unprocessable(
            "invalid",
            "give `pairs`, or both `ratings` and `items`",
        )),
    }
    .map(Json)
}

impl Service {
    fn of_pairs(&self, served: &Served, pairs: Vec<Pair>) -> Result<PredictionAnswer, Problem> {
        let (model, mut folded) = (&served.model, HashMap::new());
        let rows: Vec<(Option<UserIx>, Option<ItemIx>)> = pairs
            .iter()
            .map(|pair| {
                (
                    model.users().index(&pair.user.0),
                    model.items().index(&pair.item.0),
                )
            })
            .collect();
        for pair in &pairs {
            let journal = self.journal.as_ref();
            if journal.is_some_and(|journal| journal.knows(&pair.user.0))
                && !folded.contains_key(&pair.user.0)
            {
                let profile = self.by_journal(served, &pair.user.0)?;
                folded.insert(pair.user.0.clone(), (model.all_for(&profile)?, profile));
            }
        }
        let both = rows
            .iter()
            .filter_map(|(user, item)| Some(((*user)?, (*item)?)));
        let (users, items): (Vec<UserIx>, Vec<ItemIx>) = both.unzip();
        let mut ratings = model.of_pairs(&users, &items).into_iter();
        let unknown = |known: usize| rows.len() - known;
        self.metrics.unknown(
            "user",
            unknown(rows.iter().filter(|row| row.0.is_some()).count()),
        );
        self.metrics.unknown(
            "item",
            unknown(rows.iter().filter(|row| row.1.is_some()).count()),
        );
        let each = pairs.into_iter().zip(&rows).map(|(pair, &(user, item))| {
            let (user_id, item_id) = (Some(pair.user.0), pair.item.0);
            let by_model = user.zip(item).and_then(|_| ratings.next());
            let own = user_id.as_ref().and_then(|id| folded.get(id)).zip(item);
            if let Some(((all, profile), item)) = own {
                let parts = model.parts_for(profile, item);
                return known(
                    served,
                    user_id,
                    item_id,
                    all[item.index()],
                    AnswerSource::FoldIn,
                    parts,
                );
            }
            match (user.zip(item), by_model) {
                (Some((user, item)), Some(rating)) => {
                    let parts = model.parts(user, item);
                    known(served, user_id, item_id, rating, AnswerSource::Model, parts)
                }
                _ => mean(served, user_id, item_id, item),
            }
        });
        Ok(PredictionAnswer {
            model: served.digest.clone(),
            predictions: each.collect(),
            unknown_items: Vec::new(),
        })
    }

    fn of_items(
        &self,
        served: &Served,
        ratings: &[Rated],
        items: Vec<Id>,
    ) -> Result<PredictionAnswer, Problem> {
        if ratings.is_empty() {
            let none = "there is no rating to go by";
            return Err(Problem::unprocessable("nothing_known", none).at("ratings"));
        }
        let profile = self.fold(served, None, &pairs(ratings));
        let profile = profile.map_err(|problem| super::fold_in::placed(problem, ratings))?;
        let model = &served.model;
        let all = model.all_for(&profile)?;
        self.metrics.unknown("item", profile.unknown_items.len());
        let each = items
            .into_iter()
            .map(|id| match model.items().index(&id.0) {
                Some(item) => {
                    let parts = model.parts_for(&profile, item);
                    known(
                        served,
                        None,
                        id.0,
                        all[item.index()],
                        AnswerSource::FoldIn,
                        parts,
                    )
                }
                None => {
                    self.metrics.unknown("item", 1);
                    mean(served, None, id.0, None)
                }
            });
        Ok(PredictionAnswer {
            model: served.digest.clone(),
            predictions: each.collect(),
            unknown_items: profile.unknown_items.clone(),
        })
    }
}

fn known(
    served: &Served,
    user: Option<String>,
    item: String,
    rating: f32,
    source: AnswerSource,
    parts: Option<Parts>,
) -> OnePrediction {
    OnePrediction {
        user,
        item,
        rating: Some(rating),
        clipped: Some(served.model.clip(rating)),
        source,
        parts,
    }
}

/// What is said of a pair that the model cannot know.
fn mean(served: &Served, user: Option<String>, id: String, item: Option<ItemIx>) -> OnePrediction {
    let seen = served.model.seen();
    let of_item = item.and_then(|item| seen.mean_of_item(item));
    let (source, rating) = match (served.rates(), of_item, seen.mean()) {
        (true, Some(mean), _) => (AnswerSource::ItemMean, Some(mean as f32)),
        (true, None, Some(mean)) => (AnswerSource::GlobalMean, Some(mean as f32)),
        _ => (AnswerSource::None, None),
    };
    OnePrediction {
        user,
        item: id,
        rating,
        clipped: rating,
        source,
        parts: None,
    }
}
