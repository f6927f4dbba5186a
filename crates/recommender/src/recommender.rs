//! Answers for raw ids.

use crate::error::RecommenderError;
use crate::seen::Seen;
use recburn_data::{Centre, Dataset, IdMap, Item, ItemIx, Ratings, Scale, UserIx};
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

/// An item as people see it.
pub(crate) struct Named {
    pub id: String,
    pub title: String,
    pub genres: Vec<String>,
}

/// The `count` highest, best first. Equal ones stand in the order of their rows, so that a list is the same on every run.
pub(crate) fn best(
    scored: impl Iterator<Item = (u32, f32)>,
    count: usize,
) -> impl Iterator<Item = (u32, f32)> {
    let mut ranked: Vec<(u32, f32)> = scored.collect();
    ranked.sort_by(|(left, a), (right, b)| b.total_cmp(a).then(left.cmp(right)));
    ranked.into_iter().take(count)
}

impl Recommender {
    /// A network with the data that it was trained on. `seen` says which of the data's rows were trained on and which
    /// were only rated: [`Seen::of_split`], or [`Seen::all_trained`]. `training` is kept with the model: how it was made.
    pub fn new(
        model: Network,
        dataset: &Dataset,
        seen: Seen,
        centre: Centre,
        training: Value,
    ) -> Result<Self, RecommenderError> {
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

    /// The raw ids of its users, and their rows.
    pub fn users(&self) -> &IdMap {
        &self.users
    }

    /// The raw ids of its items, and their rows.
    pub fn items(&self) -> &IdMap {
        &self.items
    }

    /// What of its data each user has rated, and what of that it was trained on.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The scale of the ratings that it was trained on.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    fn user(&self, id: &str) -> Result<UserIx, RecommenderError> {
        self.users
            .index(id)
            .map(UserIx)
            .ok_or_else(|| unknown("user", id, &self.users))
    }

    pub(crate) fn item(&self, id: &str) -> Result<ItemIx, RecommenderError> {
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
        Ok(self.ranked(user, count, |item| !self.seen.holds(user, item)))
    }

    /// As [`Recommender::recommend`], among all items: those that the user has rated too.
    pub fn rank(&self, user: &str, count: usize) -> Result<Vec<Recommendation>, RecommenderError> {
        Ok(self.ranked(self.user(user)?, count, |_| true))
    }

    /// What the model expects of these ratings, in stars, in their order; `None` where it does not know the user or the
    /// item. Their rows are those of the data set's ids: all its ratings, or a part of them.
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        let rows = |theirs: &IdMap, ours: &IdMap| -> Vec<Option<u32>> {
            let mut rows = vec![None; theirs.rows()];
            for (row, id) in theirs.iter() {
                rows[row as usize] = ours.index(&id);
            }
            rows
        };
        let (users, items) = (
            rows(&dataset.users, &self.users),
            rows(&dataset.items, &self.items),
        );
        let pairs = ratings.users.iter().zip(&ratings.items);
        let pairs = pairs.map(|(user, item)| users[user.index()].zip(items[item.index()]));
        let pairs: Vec<_> = pairs.collect();
        let (users, items): (Vec<_>, Vec<_>) = pairs.iter().flatten().copied().unzip();
        let mut scores = predict(&self.model, &users, &items, BATCH).into_iter();
        let mut restored = || scores.next().map(|score| self.centre.restore(score));
        pairs
            .iter()
            .map(|pair| pair.and_then(|_| restored()))
            .collect()
    }

    fn ranked(
        &self,
        user: UserIx,
        count: usize,
        wanted: impl Fn(ItemIx) -> bool,
    ) -> Vec<Recommendation> {
        // Only ids that the data hold: a table that is indexed by raw numbers has rows that stand for nothing.
        let rows = self.items.iter().map(|(item, _)| item);
        let items: Vec<u32> = rows.filter(|&item| wanted(ItemIx(item))).collect();
        let scores = predict(&self.model, &vec![user.0; items.len()], &items, BATCH);
        best(items.into_iter().zip(scores), count)
            .map(|(item, score)| {
                let Named { id, title, genres } = self.named(ItemIx(item));
                let rating = self.centre.restore(score);
                Recommendation {
                    item: id,
                    title,
                    genres,
                    rating,
                }
            })
            .collect()
    }

    /// What people call an item.
    pub(crate) fn named(&self, item: ItemIx) -> Named {
        let id = self.items.raw(item.0).unwrap_or_default().into_owned();
        let known = self.catalogue.get(item.index()).and_then(Option::as_ref);
        Named {
            title: known.map_or_else(|| id.clone(), |known| known.title.clone()),
            genres: known.map(|known| known.genres.clone()).unwrap_or_default(),
            id,
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
