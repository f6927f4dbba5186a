//! The model that is served.

use crate::answer::Json;
use crate::extract::Params;
use crate::problem::Problem;
use crate::reload;
use crate::served::Served;
use crate::state::Shared;
use axum::extract::State;
use recburn_recommender::{AnyRecommender, Role, Scores};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;
use utoipa::ToSchema;

/// The model that is served.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelAnswer {
    /// The name of its folder.
    pub name: String,
    /// The SHA-256 of its `model.json`, which has those of the other files.
    pub digest: String,
    /// Whether the digests of the other files are there, and were found to be right.
    pub verified: bool,
    /// When it was written, in seconds since 1970.
    pub created: Option<u64>,
    /// The name of the architecture or method.
    pub architecture: String,
    /// `ratings`, or `order` if scores only order a list.
    pub scores: &'static str,
    /// The layers of a network, as text.
    pub summary: Option<String>,
    /// The diagram of a network, as Mermaid has it.
    pub diagram: Option<String>,
    /// How many numbers it has learnt.
    pub parameters: Option<usize>,
    /// How many users it knows.
    pub users: usize,
    /// How many items it knows.
    pub items: usize,
    /// How many ratings it was trained on.
    pub ratings: usize,
    /// The scale of the ratings.
    pub scale: ScaleAnswer,
    /// The names of all genres.
    pub genres: Vec<String>,
    /// The tables of items that can be compared and mapped, the widest first.
    pub tables: Vec<String>,
    /// The least training ratings of an item in a list, where a request names none.
    pub min_ratings: u32,
    /// Whether the training ratings of users are kept, which explanations for them require.
    pub keeps_ratings: bool,
    /// Whether ratings can be given: the service has a journal.
    pub journal: bool,
    /// How it was trained.
    pub training: Value,
    /// The curves of its training, if they are in `history.json` next to its folder.
    pub curves: Value,
    /// The report on its training, if it is in `report.json` next to its folder.
    pub report: Value,
}

/// A scale of ratings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScaleAnswer {
    /// The lowest rating.
    pub min: f32,
    /// The highest.
    pub max: f32,
    /// The smallest distance between two; 0 if there is none.
    pub step: f32,
}

/// The model that is served
#[utoipa::path(
    get,
    path = "/v1/model",
    tag = "model",
    responses((status = 200, body = ModelAnswer))
)]
pub(crate) async fn model(
    State(service): State<Shared>,
    params: Params,
) -> Result<Json<ModelAnswer>, Problem> {
    params.end()?;
    let served = service.model()?;
    Ok(Json(ModelAnswer::of(&served, service.journal.is_some())))
}

impl ModelAnswer {
    /// What is said of a model; `journal`: whether ratings can be given.
    pub fn of(served: &Served, journal: bool) -> Self {
        let (model, scale) = (&served.model, served.model.scale());
        let graph = match model {
            AnyRecommender::Network(network) => Some(network.model().graph()),
            AnyRecommender::Classical(_) => None,
        };
        let seconds = |time: std::time::SystemTime| time.duration_since(UNIX_EPOCH).ok();
        Self {
            name: served.name.clone(),
            digest: served.digest.clone(),
            verified: served.verified,
            created: served.created.and_then(seconds).map(|time| time.as_secs()),
            architecture: model.name().to_string(),
            scores: match model.scores() {
                Scores::Ratings => "ratings",
                Scores::Order => "order",
            },
            summary: graph.map(|graph| graph.summary().to_string()),
            diagram: graph.map(|graph| graph.mermaid()),
            parameters: served.parameters(),
            users: model.users().len(),
            items: model.items().len(),
            ratings: model.seen().count(Role::Train),
            scale: ScaleAnswer {
                min: scale.min,
                max: scale.max,
                step: scale.step,
            },
            genres: served.catalogue.genres().map(str::to_string).collect(),
            tables: served
                .item_tables
                .iter()
                .map(|table| table.name.clone())
                .collect(),
            min_ratings: served.catalogue.min_ratings,
            keeps_ratings: model.network().is_err() || model.seen().has_ratings(),
            journal,
            training: without_paths(model.training()),
            curves: served.history.clone(),
            report: without_paths(&served.report),
        }
    }
}

/// Settings without the paths of the machine that trained: of files only the names are told.
fn without_paths(settings: &Value) -> Value {
    const PATHS: [&str; 4] = ["data", "items", "user_features", "item_features"];
    let name = |text: &str| text.rsplit(['/', '\\']).next().map(str::to_string);
    match settings {
        Value::Array(values) => values.iter().map(without_paths).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| *key != "data_dir");
            let told = kept.map(|(key, value)| match value {
                Value::String(text) if PATHS.contains(&key.as_str()) => {
                    (key.clone(), json!(name(text)))
                }
                other => (key.clone(), without_paths(other)),
            });
            Value::Object(told.collect())
        }
        other => other.clone(),
    }
}

/// A model that was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReloadAnswer {
    /// The digest of the model before.
    pub before: Option<String>,
    /// The digest of the model that is served now.
    pub after: String,
}

/// Reads the model's folder again
///
/// Requests go on being answered by the old model until the new one is there, and if it is refused.
#[utoipa::path(
    post,
    path = "/v1/reload",
    tag = "model",
    responses(
        (status = 200, body = ReloadAnswer),
        (status = 409, description = "`busy`: a model is being read already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`refused`: the folder holds no sound model", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reload(
    State(service): State<Shared>,
    params: Params,
) -> Result<Json<ReloadAnswer>, Problem> {
    params.end()?;
    let loaded = reload::reload(&service).await?;
    Ok(Json(ReloadAnswer {
        before: loaded.before,
        after: loaded.after,
    }))
}
