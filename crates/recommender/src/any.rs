//! A saved model of either kind.

use crate::classical::ClassicalRecommender;
use crate::digests::{SavedAs, sha256};
use crate::error::RecommenderError;
use crate::evaluate::Evaluation;
use crate::folder::{MODEL, read};
use crate::library::{Library, Scores};
use crate::lists::{List, ListOptions};
use crate::part::Part;
use crate::parts::{MANIFEST, ModelParts};
use crate::predict::Prediction;
use crate::profile::Profile;
use crate::query::Query;
use crate::recommender::Recommender;
use crate::seen::{Role, Seen};
use burn::tensor::Device;
use recburn_data::{Dataset, IdMap, Item, ItemIx, Ratings, Scale, UserIx};
use recburn_metrics::MetricError;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A model trained by gradient steps, or one that is fitted as a whole: whatever a folder holds.
#[derive(Clone, Debug)]
pub enum AnyRecommender {
    /// A network of the zoo.
    Network(Box<Recommender>),
    /// A model of [`recburn_classical`].
    Classical(Box<ClassicalRecommender>),
}

macro_rules! either {
    ($own:expr, $it:ident => $answer:expr) => {
        match $own {
            AnyRecommender::Network($it) => $answer,
            AnyRecommender::Classical($it) => $answer,
        }
    };
}

impl AnyRecommender {
    /// Reads a saved model; a network onto this device.
    ///
    /// # Errors
    ///
    /// A folder that holds no model.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, RecommenderError> {
        Ok(match ClassicalRecommender::is_in(folder) {
            true => Self::Classical(Box::new(ClassicalRecommender::load(folder)?)),
            false => Self::Network(Box::new(Recommender::load(folder, device)?)),
        })
    }

    /// The file by which a folder is a model: `model.json`, or `parts.json` of one in parts. It is written last.
    pub fn manifest_in(folder: &Path) -> PathBuf {
        folder.join(match ModelParts::are_in(folder) {
            true => MANIFEST,
            false => MODEL,
        })
    }

    /// The digest of the model that a folder holds now, which [`AnyRecommender::saved_as`] has for the one that was read.
    ///
    /// # Errors
    ///
    /// A folder that holds no model.
    pub fn digest_in(folder: &Path) -> Result<String, RecommenderError> {
        Ok(sha256(&read(&Self::manifest_in(folder))?))
    }

    /// Which part of a model this is; `None` for a whole one.
    pub fn part(&self) -> Option<Part> {
        self.library().part
    }

    pub(crate) fn library(&self) -> &Library {
        either!(self, it => &it.library)
    }

    /// The network.
    ///
    /// # Errors
    ///
    /// [`RecommenderError::NoTables`] for a classical model.
    pub fn network(&self) -> Result<&Recommender, RecommenderError> {
        match self {
            Self::Network(network) => Ok(network),
            Self::Classical(classical) => Err(RecommenderError::NoTables {
                method: classical.method().to_string(),
            }),
        }
    }

    /// The name of the architecture or method.
    pub fn name(&self) -> &str {
        match self {
            Self::Network(network) => network.model().graph().name(),
            Self::Classical(classical) => classical.method(),
        }
    }

    /// The description of its training.
    pub fn training(&self) -> &Value {
        &self.library().training
    }

    /// The meaning of its scores.
    pub fn scores(&self) -> Scores {
        self.library().scores
    }

    /// The scale of its training ratings.
    pub fn scale(&self) -> Scale {
        self.library().scale
    }

    /// A predicted rating clipped to the scale of the data; a score that is not a rating is unchanged.
    pub fn clip(&self, rating: f32) -> f32 {
        self.library().clip(rating)
    }

    /// The items that each user has rated.
    pub fn seen(&self) -> &Seen {
        &self.library().seen
    }

    /// The raw ids of its users, and their rows.
    pub fn users(&self) -> &IdMap<UserIx> {
        &self.library().users
    }

    /// The raw ids of its items, and their rows.
    pub fn items(&self) -> &IdMap<ItemIx> {
        &self.library().items
    }

    /// The title and genres of an item; `None` if the data have none.
    pub fn item(&self, item: ItemIx) -> Option<&Item> {
        let catalogue = &self.library().catalogue;
        catalogue.get(item.index()).and_then(Option::as_ref)
    }

    /// The fingerprints of its training data.
    pub fn provenance(&self) -> &Value {
        &self.library().provenance
    }

    /// The folder's identity; `None` for a model that was made in memory.
    pub fn saved_as(&self) -> Option<&SavedAs> {
        self.library().saved_as.as_ref()
    }

    /// As [`Recommender::min_ratings`].
    pub fn min_ratings(&self) -> u32 {
        self.library().min_ratings()
    }

    /// As [`Recommender::predict`].
    ///
    /// # Errors
    ///
    /// An unknown user or item.
    pub fn predict(&self, user: &str, item: &str) -> Result<Prediction, RecommenderError> {
        either!(self, it => it.predict(user, item))
    }

    /// As [`Recommender::predict_all`].
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        either!(self, it => it.predict_all(dataset, ratings))
    }

    /// As [`Recommender::untrained`].
    pub fn untrained(&self, dataset: &Dataset, ratings: &Ratings) -> usize {
        self.library().untrained(dataset, ratings)
    }

    /// As [`Recommender::known_rows`].
    pub fn known_rows(&self, dataset: &Dataset, ratings: &Ratings) -> Ratings {
        self.library().known_rows(dataset, ratings)
    }

    /// As [`Recommender::list`].
    ///
    /// # Errors
    ///
    /// An unknown user.
    pub fn list(&self, user: &str, options: &ListOptions) -> Result<List, RecommenderError> {
        either!(self, it => it.list(user, options))
    }

    /// As [`Recommender::lists`].
    ///
    /// # Errors
    ///
    /// Those of `each`, and an unknown genre.
    pub fn lists<E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        each: impl FnMut(List) -> Result<(), E>,
    ) -> Result<(), E> {
        either!(self, it => it.lists(options, each))
    }

    /// As [`Recommender::lists_as`].
    ///
    /// # Errors
    ///
    /// Those of `each`, and an unknown genre.
    pub fn lists_as<T: Send, E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        make: impl Fn(List) -> T + Sync,
        each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        either!(self, it => it.lists_as(options, make, each))
    }

    /// As [`Recommender::profile`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn profile(&self, query: &Query<'_>) -> Result<Profile, RecommenderError> {
        either!(self, it => it.profile(query))
    }

    /// As [`Recommender::top`].
    ///
    /// # Errors
    ///
    /// A profile from another model.
    pub fn top(&self, profile: &Profile, options: &ListOptions) -> Result<List, RecommenderError> {
        either!(self, it => it.top(profile, options))
    }

    /// As [`Recommender::evaluate`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn evaluate(
        &self,
        dataset: &Dataset,
        ratings: &Ratings,
    ) -> Result<Evaluation, MetricError> {
        either!(self, it => it.evaluate(dataset, ratings))
    }

    /// As [`Recommender::evaluate_held_out`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn evaluate_held_out(&self, role: Role) -> Result<Evaluation, MetricError> {
        either!(self, it => it.evaluate_held_out(role))
    }
}
