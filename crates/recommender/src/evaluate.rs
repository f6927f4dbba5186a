//! Evaluation of predictions, separating ratings that the model was trained on.

use crate::library::Library;
use crate::recommender::Recommender;
use crate::seen::Role;
use recburn_data::{Dataset, IdMap, Index, ItemIx, Ratings, UserIx};
use recburn_metrics::{Baselines, MetricError, RatingMetrics, RatingSums};
use recburn_nn::Model;

/// Pairs scored at a time.
pub(crate) const BATCH: usize = 8_192;

/// Rows whose scores are held at a time, in whole batches.
pub(crate) const BLOCK: usize = 32 * BATCH;

/// Ratings scored by a model.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation {
    /// The number of ratings.
    pub rows: usize,
    /// Ratings with a user or an item that the model does not know. They are not scored.
    pub unknown_rows: usize,
    /// Other ratings with a user or an item without training rows, about which the model has learnt nothing.
    pub cold_rows: usize,
    /// Ratings of a pair that the model was trained on, whose error says nothing about new ratings.
    pub trained_rows: usize,
    /// The errors of the means of its training ratings on the scored rows; `None` if nothing is scored.
    pub baselines: Option<Baselines>,
    scored: RatingSums,
    new: RatingSums,
}

impl Evaluation {
    /// The errors of all scored rows, in stars.
    ///
    /// # Errors
    ///
    /// No row is scored.
    pub fn metrics(&self) -> Result<RatingMetrics, MetricError> {
        self.scored.metrics()
    }

    /// The errors of scored rows that the model was not trained on, in stars; `None` if there are none.
    pub fn new_metrics(&self) -> Option<RatingMetrics> {
        self.new.metrics().ok()
    }

    /// The number of those rows.
    pub fn new_rows(&self) -> usize {
        self.new.pairs()
    }
}

/// Maps rows of a data set's tables to rows of the model's.
pub(crate) struct RowMaps {
    pub users: Vec<Option<u32>>,
    pub items: Vec<Option<u32>>,
}

impl RowMaps {
    pub fn pair(&self, user: UserIx, item: ItemIx) -> Option<(u32, u32)> {
        let user = self.users.get(user.index()).copied().flatten();
        user.zip(self.items.get(item.index()).copied().flatten())
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// Scores ratings of a data set: all of them, or a part.
    ///
    /// # Errors
    ///
    /// A rating or a prediction that is not finite.
    pub fn evaluate(
        &self,
        dataset: &Dataset,
        ratings: &Ratings,
    ) -> Result<Evaluation, MetricError> {
        let score = |users: &[UserIx], items: &[ItemIx]| self.scores_of_pairs(users, items);
        self.library.evaluate(dataset, ratings, score)
    }

    /// Scores the rows that were held out of training in this role, which the model keeps; without any, nothing is
    /// scored.
    ///
    /// # Errors
    ///
    /// As [`Recommender::evaluate`].
    pub fn evaluate_held_out(&self, role: Role) -> Result<Evaluation, MetricError> {
        let score = |users: &[UserIx], items: &[ItemIx]| self.scores_of_pairs(users, items);
        self.library.evaluate_held_out(role, score)
    }

    /// Of these ratings of a data set those whose user and item the model knows, by the rows of the model. For lists, which
    /// ask who has what.
    pub fn known_rows(&self, dataset: &Dataset, ratings: &Ratings) -> Ratings {
        self.library.known_rows(dataset, ratings)
    }
}

impl Library {
    /// As [`crate::Recommender::evaluate`], by `score`, which takes rows of the model.
    pub fn evaluate(
        &self,
        dataset: &Dataset,
        ratings: &Ratings,
        score: impl Fn(&[UserIx], &[ItemIx]) -> Vec<f32>,
    ) -> Result<Evaluation, MetricError> {
        let maps = self.row_maps(dataset);
        self.evaluate_by(ratings, |user, item| maps.pair(user, item), score)
    }

    /// As [`crate::Recommender::evaluate_held_out`], by `score`.
    pub fn evaluate_held_out(
        &self,
        role: Role,
        score: impl Fn(&[UserIx], &[ItemIx]) -> Vec<f32>,
    ) -> Result<Evaluation, MetricError> {
        let ratings = self.seen.held_out(role);
        let own = |user: UserIx, item: ItemIx| Some((user.0, item.0));
        let evaluation = self.evaluate_by(&ratings, own, score)?;
        // The pair may also be in a training row, but this row is not.
        Ok(Evaluation {
            trained_rows: 0,
            new: evaluation.scored,
            ..evaluation
        })
    }

    /// As [`crate::Recommender::known_rows`].
    pub fn known_rows(&self, dataset: &Dataset, ratings: &Ratings) -> Ratings {
        let maps = self.row_maps(dataset);
        let mut known = Ratings::default();
        let rows = ratings.users.iter().zip(&ratings.items);
        for ((user, item), rating) in rows.zip(&ratings.ratings) {
            if let Some((user, item)) = maps.pair(*user, *item) {
                known.users.push(UserIx(user));
                known.items.push(ItemIx(item));
                known.ratings.push(*rating);
            }
        }
        known
    }

    /// The rows of the model for those of a data set, by raw id.
    pub fn row_maps(&self, dataset: &Dataset) -> RowMaps {
        fn rows<Ix: Index>(theirs: &IdMap<Ix>, ours: &IdMap<Ix>) -> Vec<Option<u32>> {
            let mut rows = vec![None; theirs.rows()];
            for (index, id) in theirs.iter() {
                rows[index.row() as usize] = ours.index(&id).map(Index::row);
            }
            rows
        }
        RowMaps {
            users: rows(&dataset.users, &self.users),
            items: rows(&dataset.items, &self.items),
        }
    }

    fn evaluate_by(
        &self,
        ratings: &Ratings,
        own: impl Fn(UserIx, ItemIx) -> Option<(u32, u32)>,
        score: impl Fn(&[UserIx], &[ItemIx]) -> Vec<f32>,
    ) -> Result<Evaluation, MetricError> {
        let rows = ratings
            .users
            .iter()
            .zip(&ratings.items)
            .zip(&ratings.ratings);
        let known = rows.filter_map(|((user, item), &stars)| {
            let (user, item) = own(*user, *item)?;
            Some((user, item, stars))
        });
        let empty = RatingSums::new((self.scale.min, self.scale.max))?;
        let mut evaluation = Evaluation {
            rows: ratings.len(),
            unknown_rows: 0,
            cold_rows: 0,
            trained_rows: 0,
            baselines: self.seen.means().baselines(known),
            scored: empty,
            new: empty,
        };
        let (mut users, mut items) = (Vec::new(), Vec::new());
        let (mut stars, mut is_new) = (Vec::new(), Vec::new());
        for from in (0..ratings.len()).step_by(BLOCK) {
            users.clear();
            items.clear();
            stars.clear();
            is_new.clear();
            for row in from..ratings.len().min(from + BLOCK) {
                let Some((user, item)) = own(ratings.users[row], ratings.items[row]) else {
                    evaluation.unknown_rows += 1;
                    continue;
                };
                let (user_ix, item_ix) = (UserIx(user), ItemIx(item));
                let trained = self.seen.is_trained(user_ix, item_ix);
                let cold = self.seen.trained_of_user(user_ix) == 0
                    || self.seen.trained_of_item(item_ix) == 0;
                evaluation.cold_rows += usize::from(cold);
                evaluation.trained_rows += usize::from(trained);
                users.push(user_ix);
                items.push(item_ix);
                stars.push(ratings.ratings[row]);
                is_new.push(!trained);
            }
            let mut predicted = score(&users, &items);
            for score in &mut predicted {
                *score = self.centre.restore(*score);
            }
            evaluation.scored.add(&predicted, &stars)?;
            let only_new = |values: &mut Vec<f32>| {
                let mut keep = is_new.iter();
                values.retain(|_| keep.next() == Some(&true));
            };
            only_new(&mut predicted);
            only_new(&mut stars);
            evaluation.new.add(&predicted, &stars)?;
        }
        Ok(evaluation)
    }
}
