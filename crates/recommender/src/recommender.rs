//! The recommender: predictions for raw ids.

use crate::error::RecommenderError;
use crate::evaluate::BATCH;
use crate::fold::Folding;
use crate::library::{Library, Scores};
use crate::noise::Noise;
use crate::of_all::AllUsers;
use crate::seen::{Role, Seen};
use crate::tables::Table;
use crate::vectors::Vectors;
use recburn_data::{
    Centre, Dataset, Features, Gather, IdMap, ItemIx, Ratings, Scale, Side, UserIx,
};
use recburn_nn::{Model, Network, predict_for_user, predict_with};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// So many training ratings are kept, at most, to measure an error by.
const MOST_SAMPLED: usize = 10_000;

/// A trained model with its ids: a [`Network`] of the zoo, or a module of your own.
#[derive(Clone, Debug)]
pub struct Recommender<M = Network> {
    pub(crate) model: M,
    /// Its tables that users or items index.
    pub(crate) tables: Arc<Vec<Table>>,
    pub(crate) library: Library,
    /// The features that the model reads.
    pub(crate) features: Features,
    /// Some ratings that it was trained on, where nothing was held out. They are not saved.
    pub(crate) sample: Ratings,
    /// Of a part of a model: what visitors read of the users of all parts.
    pub(crate) all_users: Option<Arc<AllUsers>>,
    pub(crate) noise: OnceLock<Noise>,
    pub(crate) folding: OnceLock<Arc<Folding>>,
    /// The rows of all items; `None` for a model whose score is no product.
    pub(crate) vectors: OnceLock<Option<Arc<Vectors>>>,
}

impl<M: Model + Sync> Recommender<M> {
    /// A model with the data that it was trained on. `seen` says which of the data's rows were trained on and which
    /// were only rated: [`Seen::of_split`], or [`Seen::all_trained`]. `training` is kept with the model: how it was made.
    pub fn new(
        model: M,
        dataset: &Dataset,
        seen: Seen,
        centre: Centre,
        training: Value,
    ) -> Result<Self, RecommenderError> {
        let model = model.valid(); // once, and not per query
        Self::assembled(model, Library::new(dataset, seen, centre, training))
            .with_sample(&dataset.ratings)
            .checked()
    }

    /// A model that is not in training, with its ids and nothing else.
    pub(crate) fn assembled(model: M, library: Library) -> Self {
        Self {
            tables: Arc::new(Table::all(&model)),
            model,
            library,
            features: Features::default(),
            sample: Ratings::default(),
            all_users: None,
            noise: OnceLock::new(),
            folding: OnceLock::new(),
            vectors: OnceLock::new(),
        }
    }

    /// With some of its training ratings, if nothing was held out by which its error can be measured.
    fn with_sample(mut self, ratings: &Ratings) -> Self {
        if self.library.seen.count(Role::Valid) + self.library.seen.count(Role::Test) > 0 {
            return self;
        }
        let every = ratings.len().div_ceil(MOST_SAMPLED).max(1);
        for row in (0..ratings.len()).step_by(every) {
            let (user, item) = (ratings.users[row], ratings.items[row]);
            if self.library.seen.is_trained(user, item) {
                self.sample.users.push(user);
                self.sample.items.push(item);
                self.sample.ratings.push(ratings.ratings[row]);
            }
        }
        self
    }

    /// Checks that every id of the maps has a row.
    pub(crate) fn checked(self) -> Result<Self, RecommenderError> {
        for (what, side, needed) in [
            ("user", Side::User, self.library.users.rows()),
            ("item", Side::Item, self.library.items.rows()),
        ] {
            let own = self.tables.iter().filter(|table| table.side == side);
            if let Some(rows) = own.map(|table| table.rows).min()
                && rows < needed
            {
                return Err(RecommenderError::Rows { what, rows, needed });
            }
        }
        Ok(self)
    }

    /// Adds the features that the model reads, such as histories, which are saved with the model.
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
        own.cover(
            &inputs,
            self.library.users.rows(),
            self.library.items.rows(),
        )?;
        Ok(Self {
            features: own,
            noise: OnceLock::new(),
            folding: OnceLock::new(),
            vectors: OnceLock::new(),
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

    /// Whether all that the model reads besides users and items is there.
    pub(crate) fn has_features(&self) -> bool {
        self.features.gather(&self.model.inputs()).is_ok()
    }

    /// The features that the model reads.
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

    pub(crate) fn gather(&self) -> Gather<'_> {
        let gather = self.features.gather(&self.model.inputs());
        gather.expect("a recommender has the features of its model")
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The description of its training, as passed to [`Recommender::new`].
    pub fn training(&self) -> &Value {
        &self.library.training
    }

    /// Sets the fingerprints of its training data, as in its checkpoints.
    #[must_use]
    pub fn with_provenance(mut self, provenance: Value) -> Self {
        self.library.provenance = provenance;
        self
    }

    /// Sets the meaning of the scores, which is saved with the model.
    #[must_use]
    pub fn with_scores(mut self, scores: Scores) -> Self {
        self.library.scores = scores;
        Self {
            noise: OnceLock::new(),
            folding: OnceLock::new(),
            ..self
        }
    }

    /// The meaning of its scores: if they are not ratings, they are not clipped.
    pub fn scores(&self) -> Scores {
        self.library.scores
    }

    /// A predicted rating clipped to the scale of the data; a score that is not a rating is unchanged.
    pub fn clip(&self, rating: f32) -> f32 {
        self.library.clip(rating)
    }

    /// The fingerprints of its training data, as set.
    pub fn provenance(&self) -> &Value {
        &self.library.provenance
    }

    /// The raw ids of its users, and their rows.
    pub fn users(&self) -> &IdMap<UserIx> {
        &self.library.users
    }

    /// The raw ids of its items, and their rows.
    pub fn items(&self) -> &IdMap<ItemIx> {
        &self.library.items
    }

    /// The items that each user has rated, and which of them it was trained on.
    pub fn seen(&self) -> &Seen {
        &self.library.seen
    }

    /// The centring of its training ratings.
    pub fn centre(&self) -> Centre {
        self.library.centre
    }

    /// The scale of its training ratings.
    pub fn scale(&self) -> Scale {
        self.library.scale
    }
}
