//! Answers for raw ids.

use crate::error::RecommenderError;
use crate::near::near;
use crate::seen::Seen;
use burn::module::Module;
use recburn_data::{Centre, Dataset, IdMap, Item, ItemIx, Ratings, Scale, UserIx};
use recburn_metrics::Baselines;
use recburn_nn::{Network, predict, predict_for_user};
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
    /// How many training ratings the user has. Of one without any the model has learnt nothing.
    pub user_ratings: u32,
    /// How many training ratings the item has.
    pub item_ratings: u32,
}

/// An item as people see it.
pub(crate) struct Named {
    pub id: String,
    pub title: String,
    pub genres: Vec<String>,
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
            model: model.valid(), // once, and not at every question
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

    pub(crate) fn user(&self, id: &str) -> Result<UserIx, RecommenderError> {
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
        let score = predict_for_user(&self.model, user.0, &[item.0], 1)[0];
        let rating = self.centre.restore(score);
        Ok(Prediction {
            rating,
            clipped: self.scale.clip(rating),
            user_ratings: self.seen.trained_of_user(user),
            item_ratings: self.seen.trained_of_item(item),
        })
    }

    /// What the model expects of these ratings, in stars, in their order; `None` where it does not know the user or the
    /// item. Their rows are those of the data set's ids: all its ratings, or a part of them.
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        let pairs = self.rows_of(dataset, ratings);
        let (users, items): (Vec<_>, Vec<_>) = pairs.iter().flatten().copied().unzip();
        let mut scores = predict(&self.model, &users, &items, BATCH).into_iter();
        let mut restored = || scores.next().map(|score| self.centre.restore(score));
        pairs
            .iter()
            .map(|pair| pair.and_then(|_| restored()))
            .collect()
    }

    /// How well the means of the training ratings predict these ratings, of the rows whose user and item the model knows;
    /// `None` where there is no such row, or nothing was trained on.
    pub fn baselines(&self, dataset: &Dataset, ratings: &Ratings) -> Option<Baselines> {
        let rows = self.rows_of(dataset, ratings).into_iter();
        let rows = rows.zip(&ratings.ratings);
        let known =
            rows.filter_map(|(pair, &rating)| pair.map(|(user, item)| (user, item, rating)));
        self.seen.means().baselines(known)
    }

    /// How many of these ratings are of a user or an item that the model knows and has no training rating of.
    pub fn untrained(&self, dataset: &Dataset, ratings: &Ratings) -> usize {
        let learnt = |(user, item): &(u32, u32)| {
            self.seen.trained_of_user(UserIx(*user)) > 0
                && self.seen.trained_of_item(ItemIx(*item)) > 0
        };
        let rows = self.rows_of(dataset, ratings);
        let known = rows.iter().flatten();
        known.filter(|pair| !learnt(pair)).count()
    }

    /// The model's rows for the pairs of other data; `None` where it does not know the user or the item.
    fn rows_of(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<(u32, u32)>> {
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
        pairs
            .map(|(user, item)| users[user.index()].zip(items[item.index()]))
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
        near: near(id, known),
    }
}
