//! A model as it is served: read, checked, and with all that answers need besides.

use crate::catalogue::{Catalogue, ItemCard};
use crate::extract::Id;
use crate::problem::{Known, Problem};
use crate::tables::Directions;
use burn::tensor::Device;
use recburn_data::{ItemIx, Side, UserIx};
use recburn_recommender::{AnyRecommender, Profile, Query, RecommenderError, Scores};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use thiserror::Error;

/// Why a model is not served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// It cannot be read.
    #[error(transparent)]
    Recommender(#[from] RecommenderError),
    /// Its first answer is no number.
    #[error("the model in {folder} predicts numbers that are not finite")]
    NotFinite {
        /// The folder, as text.
        folder: String,
    },
    /// It was written again and again while it was read.
    #[error("{folder} changed while it was read")]
    Moving {
        /// The folder, as text.
        folder: String,
    },
}

/// A file next to the model is read only up to this length.
const MOST_BESIDE: u64 = 4 << 20;

/// Times that a folder is read again when it changes meanwhile.
const TRIES: usize = 3;

/// A model as it is served. A request holds on to the one that it began with, so that no answer mixes two.
#[derive(Debug)]
pub(crate) struct Served {
    pub model: AnyRecommender,
    /// The folder's name.
    pub name: String,
    pub digest: String,
    /// Whether the folder has digests of its files.
    pub verified: bool,
    /// When its manifest was written.
    pub created: Option<SystemTime>,
    pub loaded: SystemTime,
    pub catalogue: Catalogue,
    pub item_tables: Vec<Directions>,
    pub user_tables: Vec<Directions>,
    /// The levels of ratings, and how many ratings of each level every item has.
    pub histograms: Option<(Vec<f32>, Vec<u32>)>,
    /// `history.json` and `report.json` next to the model, which a training leaves there.
    pub history: Value,
    pub report: Value,
    /// Whether a list takes less time than handing it to another thread.
    pub is_quick: bool,
    /// Users with ratings in the journal, as they have been folded in.
    folded: RwLock<HashMap<String, Arc<Profile>>>,
}

impl Served {
    /// Reads a model; one prediction and one list are made of it before it is served.
    pub fn read(folder: &Path, device: &Device) -> Result<Self, ModelError> {
        for _ in 0..TRIES {
            let model = AnyRecommender::load(folder, device)?;
            // A folder that is replaced is two folders for a moment: all files are to be of one.
            let still = AnyRecommender::digest_in(folder)?;
            if model.saved_as().is_some_and(|saved| saved.digest == still) {
                return Self::of(model, folder);
            }
        }
        Err(ModelError::Moving {
            folder: folder.display().to_string(),
        })
    }

    fn of(model: AnyRecommender, folder: &Path) -> Result<Self, ModelError> {
        model.warm();
        let first = model.users().iter().next().map(|(user, _)| user);
        if let Some(user) = first {
            let all = model.all_of_user(user);
            let own = model.items().iter().map(|(item, _)| all[item.index()]);
            if own.into_iter().any(|rating| !rating.is_finite()) {
                return Err(ModelError::NotFinite {
                    folder: folder.display().to_string(),
                });
            }
        }
        let saved = model.saved_as().cloned();
        let name_of = |folder: &Path| folder.file_name()?.to_str().map(str::to_string);
        let whole = match model.part() {
            // The folder of all parts.
            Some(_) => folder.parent().unwrap_or(folder),
            None => folder,
        };
        let above = whole.parent();
        let beside = |name: &str| {
            let path = above.map(|above| above.join(name));
            path.map_or(Value::Null, |path| json_in(&path))
        };
        let mut name = match (name_of(whole).as_deref(), above.and_then(name_of)) {
            // `train` calls every model folder so.
            (Some("model" | "parts"), Some(above)) => above,
            (Some(name), _) => name.to_string(),
            (None, _) => model.name().to_string(),
        };
        if let Some(part) = model.part() {
            name = format!("{name} {}", part.folder());
        }
        let manifest = AnyRecommender::manifest_in(folder);
        let written = std::fs::metadata(manifest).and_then(|file| file.modified());
        Ok(Self {
            name,
            digest: saved
                .as_ref()
                .map(|saved| saved.digest.clone())
                .unwrap_or_default(),
            verified: saved.is_some_and(|saved| saved.verified),
            created: written.ok(),
            loaded: SystemTime::now(),
            catalogue: Catalogue::of(&model),
            item_tables: Directions::all(&model, Side::Item),
            user_tables: Directions::all(&model, Side::User),
            histograms: model.seen().histograms(),
            history: beside("history.json"),
            report: beside("report.json"),
            is_quick: model.network().is_ok_and(|network| network.has_vectors()),
            folded: RwLock::default(),
            model,
        })
    }

    /// The row of a user.
    pub fn user(&self, id: &str) -> Result<UserIx, Problem> {
        let users = self.model.users();
        users.index(id).ok_or_else(|| self.unknown_user(id))
    }

    /// The problem that the model does not know a user; if it is a part of a model, with the part that might.
    pub fn unknown_user(&self, id: &str) -> Problem {
        let mut problem = Problem::unknown(Known::User, id, self.model.users().len());
        if let Some(part) = self.model.part() {
            problem.detail += &part.instead(id);
        }
        problem
    }

    /// The row of an item.
    pub fn item(&self, id: &str) -> Result<ItemIx, Problem> {
        let items = self.model.items();
        let row = items.index(id);
        row.ok_or_else(|| Problem::unknown(Known::Item, id, items.len()))
    }

    /// How many numbers a network has learnt.
    pub fn parameters(&self) -> Option<usize> {
        let network = self.model.network().ok()?;
        Some(network.model().graph().parameters().total())
    }

    /// Whether scores are ratings.
    pub fn rates(&self) -> bool {
        self.model.scores() == Scores::Ratings
    }

    /// An item as answers have it.
    pub fn card(&self, item: ItemIx) -> ItemCard {
        let id = self.model.items().id(item).unwrap_or_default().into_owned();
        let known = self.model.item(item);
        ItemCard {
            title: known.map_or_else(|| id.clone(), |known| known.title.clone()),
            genres: known.map(|known| known.genres.clone()).unwrap_or_default(),
            ratings: self.catalogue.ratings(item),
            item: id,
        }
    }

    /// The profile of a user with ratings in the journal, folded in once.
    pub fn folded(
        &self,
        user: &str,
        ratings: impl FnOnce() -> Vec<(Id, f32)>,
    ) -> Result<Arc<Profile>, Problem> {
        let kept = self.folded.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = kept.get(user) {
            return Ok(profile.clone());
        }
        drop(kept);
        // Ratings are taken under the lock, so that no older profile takes the place of a newer one.
        let mut kept = self.folded.write().unwrap_or_else(PoisonError::into_inner);
        let ratings = ratings();
        let pairs: Vec<(&str, f32)> = ratings
            .iter()
            .map(|(id, stars)| (id.0.as_str(), *stars))
            .collect();
        let query = Query {
            user: self.model.users().index(user).map(|_| user),
            ratings: &pairs,
        };
        let profile = Arc::new(self.model.profile(&query)?);
        kept.insert(user.to_string(), profile.clone());
        Ok(profile)
    }

    /// Forgets a user's profile: there are new ratings.
    pub fn forget(&self, user: &str) {
        let mut kept = self.folded.write().unwrap_or_else(PoisonError::into_inner);
        kept.remove(user);
    }
}

/// The JSON in a file; null where there is none.
fn json_in(path: &Path) -> Value {
    let short = std::fs::metadata(path).is_ok_and(|file| file.len() <= MOST_BESIDE);
    let text = short.then(|| std::fs::read(path).ok()).flatten();
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or(Value::Null)
}
