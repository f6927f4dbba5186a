//! Answers for raw ids.

use crate::error::RecommenderError;
use crate::seen::Seen;
use recburn_data::{Centre, Dataset, IdMap, Item, ItemIx, Scale, UserIx};
use recburn_nn::{Network, predict};
use serde::Serialize;
use serde_json::Value;

/// Pairs scored at a time.
const BATCH: usize = 8_192;

/// A trained model with its ids.
#[derive(Clone, Debug)]
pub struct Recommender {
    pub(crate) model: Network,
    pub(crate) users: IdMap,
    pub(crate) items: IdMap,
    pub(crate) catalogue: Vec<Option<Item>>,
    pub(crate) scale: Scale,
    pub(crate) centre: Centre,
    pub(crate) seen: Seen,
    pub(crate) training: Value,
}

/// What a model expects a user to give an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// In stars, as the model says it.
    pub rating: f32,
    /// The same, clipped to the scale of the data.
    pub clipped: f32,
}

/// One line of a user's list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The item's raw id.
    pub item: String,
    /// Its title, or its raw id where the data have no titles.
    pub title: String,
    /// Its genres.
    pub genres: Vec<String>,
    /// What the model expects the user to give it, in stars, not clipped.
    pub rating: f32,
}

impl Recommender {
    /// A network with the data that it was trained on. What the data hold of a user counts as seen. `training` is kept
    /// with the model: how it was made.
    pub fn new(
        model: Network,
        dataset: &Dataset,
        centre: Centre,
        training: Value,
    ) -> Result<Self, RecommenderError> {
        let seen = Seen::of(&dataset.ratings, dataset.users.rows());
        Self {
            model,
            users: dataset.users.clone(),
            items: dataset.items.clone(),
            catalogue: dataset.catalogue.clone(),
            scale: dataset.scale,
            centre,
            seen,
            training,
        }
        .checked()
    }

    /// Every id that the maps give must have a row.
    pub(crate) fn checked(self) -> Result<Self, RecommenderError> {
        let graph = self.model.graph();
        for (what, rows, needed) in [
            ("user", graph.user_rows(), self.users.rows()),
            ("item", graph.item_rows(), self.items.rows()),
        ] {
            if rows != 0 && rows < needed {
                return Err(RecommenderError::Rows { what, rows, needed });
            }
        }
        Ok(self)
    }

    /// The network.
    pub fn model(&self) -> &Network {
        &self.model
    }

    /// How it was trained, as it was told.
    pub fn training(&self) -> &Value {
        &self.training
    }

    fn user(&self, id: &str) -> Result<UserIx, RecommenderError> {
        self.users
            .index(id)
            .map(UserIx)
            .ok_or_else(|| unknown("user", id, &self.users))
    }

    fn item(&self, id: &str) -> Result<ItemIx, RecommenderError> {
        self.items
            .index(id)
            .map(ItemIx)
            .ok_or_else(|| unknown("item", id, &self.items))
    }

    /// What the model expects this user to give this item.
    pub fn predict(&self, user: &str, item: &str) -> Result<Prediction, RecommenderError> {
        let (user, item) = (self.user(user)?, self.item(item)?);
        let score = predict(&self.model, &[user.0], &[item.0], 1)[0];
        let rating = self.centre.restore(score);
        Ok(Prediction {
            rating,
            clipped: self.scale.clip(rating),
        })
    }

    /// The `count` items that the model expects this user to like most, best first, without those the user has rated.
    pub fn recommend(
        &self,
        user: &str,
        count: usize,
    ) -> Result<Vec<Recommendation>, RecommenderError> {
        let user = self.user(user)?;
        // Only ids that the data hold: a table that is indexed by raw numbers has rows that stand for nothing.
        let unseen: Vec<u32> = self
            .items
            .iter()
            .map(|(item, _)| item)
            .filter(|&item| !self.seen.holds(user, ItemIx(item)))
            .collect();
        let scores = predict(&self.model, &vec![user.0; unseen.len()], &unseen, BATCH);
        let mut ranked: Vec<(u32, f32)> = unseen.into_iter().zip(scores).collect();
        // Equal scores stand in the order of their rows, so that a list is the same on every run.
        ranked.sort_by(|(left, a), (right, b)| b.total_cmp(a).then(left.cmp(right)));
        ranked.truncate(count);
        Ok(ranked
            .into_iter()
            .map(|(item, score)| self.line(ItemIx(item), score))
            .collect())
    }

    fn line(&self, item: ItemIx, score: f32) -> Recommendation {
        let id = self.items.raw(item.0).unwrap_or_default().into_owned();
        let known = self.catalogue.get(item.index()).and_then(Option::as_ref);
        Recommendation {
            title: known.map_or_else(|| id.clone(), |known| known.title.clone()),
            genres: known.map(|known| known.genres.clone()).unwrap_or_default(),
            item: id,
            rating: self.centre.restore(score),
        }
    }
}

fn unknown(what: &'static str, id: &str, known: &IdMap) -> RecommenderError {
    RecommenderError::UnknownId {
        what,
        id: id.to_string(),
        known: known.len(),
    }
}
