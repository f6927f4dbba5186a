//! Predicted ratings.

use crate::error::RecommenderError;
use crate::evaluate::BLOCK;
use crate::library::Library;
use crate::recommender::Recommender;
use recburn_data::{Dataset, ItemIx, Ratings, UserIx};
use recburn_nn::Model;
use serde::Serialize;

/// What a model expects a user to give an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// In stars, as the model says it; of a model whose [`Scores`](crate::Scores) are no ratings the score.
    pub rating: f32,
    /// The same, clipped to the scale of the data.
    pub clipped: f32,
    /// The number of the user's training ratings. Without any, the model has learnt nothing about the user.
    pub user_ratings: u32,
    /// The number of the item's training ratings.
    pub item_ratings: u32,
}

impl<M: Model + Sync> Recommender<M> {
    /// What the model expects this user to give this item.
    pub fn predict(&self, user: &str, item: &str) -> Result<Prediction, RecommenderError> {
        let (user, item) = (self.library.user(user)?, self.library.item(item)?);
        let score = self.scores_of(user, &[item])[0];
        Ok(self
            .library
            .prediction(score, self.library.seen.trained_of_user(user), item))
    }

    /// What the model expects of these ratings, in stars, in their order; `None` where it does not know the user or the
    /// item. Their rows are those of the data set's ids: all its ratings, or a part of them.
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        let score = |users: &[UserIx], items: &[ItemIx]| self.scores_of_pairs(users, items);
        self.library.predict_all(dataset, ratings, score)
    }

    /// The number of these ratings with a user or an item that the model knows but that has no training ratings.
    pub fn untrained(&self, dataset: &Dataset, ratings: &Ratings) -> usize {
        self.library.untrained(dataset, ratings)
    }
}

impl Library {
    /// A score as a prediction.
    pub fn prediction(&self, score: f32, user_ratings: u32, item: ItemIx) -> Prediction {
        let rating = self.centre.restore(score);
        Prediction {
            rating,
            clipped: self.clip(rating),
            user_ratings,
            item_ratings: self.seen.trained_of_item(item),
        }
    }

    /// The predicted ratings of a data set's rows by `score`, which takes rows of the model.
    pub fn predict_all(
        &self,
        dataset: &Dataset,
        ratings: &Ratings,
        score: impl Fn(&[UserIx], &[ItemIx]) -> Vec<f32>,
    ) -> Vec<Option<f32>> {
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
            let mut scores = score(&users, &items).into_iter();
            let mut restored = || scores.next().map(|score| self.centre.restore(score));
            all.extend(pairs.iter().map(|pair| pair.and_then(|_| restored())));
        }
        all
    }

    /// The number of a data set's rows about whose user or item nothing was learnt.
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
}
