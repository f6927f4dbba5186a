//! Answers for raw ids.

use crate::error::RecommenderError;
use crate::evaluate::{BATCH, BLOCK};
use crate::near::near;
use crate::seen::Seen;
use burn::module::Module;
use recburn_data::{
    Centre, Dataset, Features, Gather, IdMap, Index, Item, ItemIx, Ratings, Scale, UserIx,
};
use recburn_nn::{Model, Network, predict_for_user, predict_with};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A trained model with its ids.
#[derive(Clone, Debug)]
pub struct Recommender {
    pub(crate) model: Network,
    pub(crate) users: IdMap<UserIx>,
    pub(crate) items: IdMap<ItemIx>,
    pub(crate) catalogue: Vec<Option<Item>>,
    pub(crate) scale: Scale,
    pub(crate) centre: Centre,
    pub(crate) seen: Seen,
    /// The features that the model reads.
    pub(crate) features: Features,
    pub(crate) training: Value,
    pub(crate) provenance: Value,
    pub(crate) scores: Scores,
}

/// What the scores of a model say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Ratings that a user would give.
    #[default]
    Ratings,
    /// Nothing but the order of a user's list: the model learned from positives, so a score has no scale.
    Order,
}

/// What a model expects a user to give an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// In stars, as the model says it; of a model whose [`Scores`] are no ratings the score.
    pub rating: f32,
    /// The same, clipped to the scale of the data.
    pub clipped: f32,
    /// The number of the user's training ratings. Without any, the model has learnt nothing about the user.
    pub user_ratings: u32,
    /// The number of the item's training ratings.
    pub item_ratings: u32,
}

/// An item with its id, title and genres.
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
            features: Features::default(),
            training,
            provenance: Value::Null,
            scores: Scores::Ratings,
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

    /// With what the model reads of users and items besides themselves, such as their histories: it is saved with the model.
    ///
    /// # Errors
    /// An input of the model that is not among them, is not what its values are, or has too few of them.
    pub fn with_features(self, features: &Features) -> Result<Self, RecommenderError> {
        let mut own = Features::default();
        for input in self.model.inputs() {
            if let Some(feature) = features.find(&input.name) {
                own.set(feature.clone())?;
            }
        }
        let inputs = self.model.inputs();
        own.gather(&inputs)?;
        own.cover(&inputs, self.users.rows(), self.items.rows())?;
        Ok(Self {
            features: own,
            ..self
        })
    }

    /// Whether the model reads more than users and items.
    pub(crate) fn reads_features(&self) -> bool {
        let inputs = self.model.inputs();
        inputs
            .iter()
            .any(|input| !input.is_users() && !input.is_items())
    }

    /// What the model reads of users and items besides themselves.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The scores of pairs.
    pub(crate) fn scores_of_pairs(&self, users: &[UserIx], items: &[ItemIx]) -> Vec<f32> {
        let mut gather = self.gather();
        predict_with(&self.model, users, items, BATCH, &mut |batch| {
            gather.fill(batch)
        })
    }

    /// The scores of one user with these items.
    pub(crate) fn scores_of(&self, user: UserIx, items: &[ItemIx]) -> Vec<f32> {
        let mut gather = self.gather();
        predict_for_user(&self.model, user, items, BATCH, &mut |batch| {
            gather.fill(batch)
        })
    }

    fn gather(&self) -> Gather<'_> {
        let gather = self.features.gather(&self.model.inputs());
        gather.expect("a recommender has the features of its model")
    }

    /// The network.
    pub fn model(&self) -> &Network {
        &self.model
    }

    /// The description of its training, as passed to [`Recommender::new`].
    pub fn training(&self) -> &Value {
        &self.training
    }

    /// Sets the fingerprints of its training data, as in its checkpoints.
    #[must_use]
    pub fn with_provenance(self, provenance: Value) -> Self {
        Self { provenance, ..self }
    }

    /// With scores that say this: saved with the model.
    #[must_use]
    pub fn with_scores(self, scores: Scores) -> Self {
        Self { scores, ..self }
    }

    /// What its scores say: where they are no ratings, they are not clipped to a scale.
    pub fn scores(&self) -> Scores {
        self.scores
    }

    /// A predicted rating within the scale of the data; a score that is no rating as it is.
    pub fn clip(&self, rating: f32) -> f32 {
        match self.scores {
            Scores::Ratings => self.scale.clip(rating),
            Scores::Order => rating,
        }
    }

    /// What it was trained on, as it was told.
    pub fn provenance(&self) -> &Value {
        &self.provenance
    }

    /// The raw ids of its users, and their rows.
    pub fn users(&self) -> &IdMap<UserIx> {
        &self.users
    }

    /// The raw ids of its items, and their rows.
    pub fn items(&self) -> &IdMap<ItemIx> {
        &self.items
    }

    /// The items that each user has rated, and which of them it was trained on.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The centring of its training ratings.
    pub fn centre(&self) -> Centre {
        self.centre
    }

    /// The scale of its training ratings.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    pub(crate) fn user(&self, id: &str) -> Result<UserIx, RecommenderError> {
        self.users
            .index(id)
            .ok_or_else(|| unknown("user", id, &self.users))
    }

    pub(crate) fn item(&self, id: &str) -> Result<ItemIx, RecommenderError> {
        self.items
            .index(id)
            .ok_or_else(|| unknown("item", id, &self.items))
    }

    /// What the model expects this user to give this item.
    pub fn predict(&self, user: &str, item: &str) -> Result<Prediction, RecommenderError> {
        let (user, item) = (self.user(user)?, self.item(item)?);
        let score = self.scores_of(user, &[item])[0];
        let rating = self.centre.restore(score);
        Ok(Prediction {
            rating,
            clipped: self.clip(rating),
            user_ratings: self.seen.trained_of_user(user),
            item_ratings: self.seen.trained_of_item(item),
        })
    }

    /// What the model expects of these ratings, in stars, in their order; `None` where it does not know the user or the
    /// item. Their rows are those of the data set's ids: all its ratings, or a part of them.
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        let maps = self.row_maps(dataset);
        let mut all = Vec::with_capacity(ratings.len());
        let (mut users, mut items) = (Vec::new(), Vec::new());
        for (of_users, of_items) in ratings.users.chunks(BLOCK).zip(ratings.items.chunks(BLOCK)) {
            users.clear();
            items.clear();
            let pairs = of_users.iter().zip(of_items);
            let pairs: Vec<_> = pairs.map(|(user, item)| maps.pair(*user, *item)).collect();
            for (user, item) in pairs.iter().flatten() {
                users.push(UserIx(*user));
                items.push(ItemIx(*item));
            }
            let mut scores = self.scores_of_pairs(&users, &items).into_iter();
            let mut restored = || scores.next().map(|score| self.centre.restore(score));
            all.extend(pairs.iter().map(|pair| pair.and_then(|_| restored())));
        }
        all
    }

    /// The number of these ratings with a user or an item that the model knows but that has no training ratings.
    pub fn untrained(&self, dataset: &Dataset, ratings: &Ratings) -> usize {
        let maps = self.row_maps(dataset);
        let pairs = ratings.users.iter().zip(&ratings.items);
        let known = pairs.filter_map(|(user, item)| maps.pair(*user, *item));
        let learnt = |(user, item)| {
            self.seen.trained_of_user(UserIx(user)) > 0
                && self.seen.trained_of_item(ItemIx(item)) > 0
        };
        known.filter(|pair| !learnt(*pair)).count()
    }

    /// An item's id, title and genres.
    pub(crate) fn named(&self, item: ItemIx) -> Named {
        let id = self.items.id(item).unwrap_or_default().into_owned();
        let known = self.catalogue.get(item.index()).and_then(Option::as_ref);
        Named {
            title: known.map_or_else(|| id.clone(), |known| known.title.clone()),
            genres: known.map(|known| known.genres.clone()).unwrap_or_default(),
            id,
        }
    }
}

fn unknown<Ix: Index>(what: &'static str, id: &str, known: &IdMap<Ix>) -> RecommenderError {
    RecommenderError::UnknownId {
        what,
        id: id.to_string(),
        known: known.len(),
        near: near(id, known),
    }
}
