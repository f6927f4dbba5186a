//! What a recommender knows besides its model: ids, titles, the rating scale, and who has rated what.

use crate::digests::SavedAs;
use crate::error::RecommenderError;
use crate::near::near;
use crate::part::Part;
use crate::seen::Seen;
use recburn_data::{Centre, Dataset, IdMap, Index, Item, ItemIx, Scale, UserIx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The meaning of a model's scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Predicted ratings.
    #[default]
    Ratings,
    /// Only the order of a user's list: the model learned from positives, so scores have no scale.
    Order,
}

/// The ids of a model's users and items, its titles, its rating scale, who has rated what, and how it was trained.
#[derive(Clone, Debug)]
pub(crate) struct Library {
    pub users: IdMap<UserIx>,
    pub items: IdMap<ItemIx>,
    pub catalogue: Vec<Option<Item>>,
    pub scale: Scale,
    pub centre: Centre,
    pub seen: Seen,
    pub training: Value,
    pub provenance: Value,
    pub scores: Scores,
    /// Which part of a model this is; `None` for a whole one.
    pub part: Option<Part>,
    /// The folder that it was read from; `None` for a model that was made in memory.
    pub saved_as: Option<SavedAs>,
}

/// An item with its id, title and genres.
pub(crate) struct Named {
    pub id: String,
    pub title: String,
    pub genres: Vec<String>,
}

impl Library {
    /// That of a data set.
    pub fn new(dataset: &Dataset, seen: Seen, centre: Centre, training: Value) -> Self {
        Self {
            users: dataset.users.clone(),
            items: dataset.items.clone(),
            catalogue: dataset.catalogue.clone(),
            scale: dataset.scale,
            centre,
            seen,
            training,
            provenance: Value::Null,
            scores: Scores::Ratings,
            part: None,
            saved_as: None,
        }
    }

    /// A predicted rating clipped to the scale of the data; a score that is not a rating is unchanged.
    pub fn clip(&self, rating: f32) -> f32 {
        match self.scores {
            Scores::Ratings => self.scale.clip(rating),
            Scores::Order => rating,
        }
    }

    /// The row of a user's raw id.
    pub fn user(&self, id: &str) -> Result<UserIx, RecommenderError> {
        let known = self.users.index(id);
        known.ok_or_else(|| {
            let elsewhere = self.part.map(|part| part.instead(id));
            unknown("user", id, &self.users, elsewhere)
        })
    }

    /// The row of an item's raw id.
    pub fn item(&self, id: &str) -> Result<ItemIx, RecommenderError> {
        let known = self.items.index(id);
        known.ok_or_else(|| unknown("item", id, &self.items, None))
    }

    /// An item's id, title and genres.
    pub fn named(&self, item: ItemIx) -> Named {
        let id = self.items.id(item).unwrap_or_default().into_owned();
        let known = self.catalogue.get(item.index()).and_then(Option::as_ref);
        Named {
            title: known.map_or_else(|| id.clone(), |known| known.title.clone()),
            genres: known.map(|known| known.genres.clone()).unwrap_or_default(),
            id,
        }
    }
}

fn unknown<Ix: Index>(
    what: &'static str,
    id: &str,
    known: &IdMap<Ix>,
    elsewhere: Option<String>,
) -> RecommenderError {
    RecommenderError::UnknownId {
        what,
        id: id.to_string(),
        known: known.len(),
        near: elsewhere.unwrap_or_else(|| near(id, known)),
    }
}
