//! Models that are fitted as a whole, with their ids.

mod folder;

use crate::candidates::Candidates;
use crate::error::RecommenderError;
use crate::evaluate::Evaluation;
use crate::library::{Library, Scores};
use crate::lists::{List, ListOptions};
use crate::predict::Prediction;
use crate::profile::{Profile, Source, Who};
use crate::query::{Given, Query};
use crate::seen::{Role, Seen};
use crate::top::best;
use recburn_classical::{Fitted, Method};
use recburn_data::{Centre, Dataset, ItemIx, Ratings, UserIx};
use recburn_metrics::{
    EvaluationError, MetricError, RankingEvaluation, RankingEvaluator, UserItems,
};
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;

/// A fitted model of [`recburn_classical`] with its ids: the counterpart of [`Recommender`](crate::Recommender) for models
/// without gradient steps.
#[derive(Clone, Debug)]
pub struct ClassicalRecommender {
    pub(crate) library: Library,
    /// The name of its method in the registry.
    method: String,
    fitted: Arc<dyn Fitted>,
    /// The training ratings of every user, in stars and in the order of [`Seen`]; empty for a model that reads items only.
    stars: Arc<[f32]>,
}

impl ClassicalRecommender {
    /// A fitted model with the data that it was fitted to. `train` is the part of the data that `seen` calls training, in
    /// stars, and `training` is kept with the model: how it was made.
    ///
    /// # Errors
    ///
    /// [`RecommenderError::Classical`] for a model of other tables.
    pub fn new(
        method: &dyn Method,
        fitted: Box<dyn Fitted>,
        dataset: &Dataset,
        train: &Ratings,
        seen: Seen,
        training: Value,
    ) -> Result<Self, RecommenderError> {
        let mut library = Library::new(dataset, seen, Centre::none(), training);
        library.scores = match method.scores() {
            recburn_classical::Scores::Ratings => Scores::Ratings,
            recburn_classical::Scores::Order => Scores::Order,
        };
        let stars = match library.scores {
            Scores::Ratings => stars(&library.seen, train),
            Scores::Order => Vec::new(),
        };
        let own = Self {
            library,
            method: method.name().to_string(),
            fitted: fitted.into(),
            stars: stars.into(),
        };
        own.everybody()?;
        Ok(own)
    }

    /// Sets the fingerprints of its training data.
    #[must_use]
    pub fn with_provenance(mut self, provenance: Value) -> Self {
        self.library.provenance = provenance;
        self
    }

    /// The meaning of its scores.
    pub fn scores(&self) -> Scores {
        self.library.scores
    }

    /// The name of its method, such as `ease`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The fitted model, which works with rows instead of ids.
    pub fn fitted(&self) -> &dyn Fitted {
        &*self.fitted
    }

    /// What the model expects this user to give this item; of a model whose scores are no ratings the score.
    ///
    /// # Errors
    ///
    /// An unknown user or item.
    pub fn predict(&self, user: &str, item: &str) -> Result<Prediction, RecommenderError> {
        let (user, item) = (self.library.user(user)?, self.library.item(item)?);
        let ratings = self.library.seen.trained_of_user(user);
        let score = self.fitted.predict(user, item);
        Ok(self.library.prediction(score, ratings, item))
    }

    /// The predicted ratings of a data set's rows, as [`Recommender::predict_all`](crate::Recommender::predict_all).
    pub fn predict_all(&self, dataset: &Dataset, ratings: &Ratings) -> Vec<Option<f32>> {
        self.library
            .predict_all(dataset, ratings, |users, items| self.pairs(users, items))
    }

    /// A user's list.
    ///
    /// # Errors
    ///
    /// An unknown user, or an unknown genre.
    pub fn list(&self, user: &str, options: &ListOptions) -> Result<List, RecommenderError> {
        let user = self.library.user(user)?;
        let candidates = self.library.candidates_of(options)?;
        Ok(self.lists_of(&[user], options, &candidates).remove(0))
    }

    /// Calls `each` with the lists of all users in the order of their rows, computed on all cores.
    ///
    /// # Errors
    ///
    /// Those of `each`, and an unknown genre.
    pub fn lists<E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        each: impl FnMut(List) -> Result<(), E>,
    ) -> Result<(), E> {
        self.lists_as(options, |list| list, each)
    }

    /// As [`ClassicalRecommender::lists`], with each list first turned into something else by the thread that has made it.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn lists_as<T: Send, E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        make: impl Fn(List) -> T + Sync,
        each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let part = |users: &[UserIx], candidates: &Candidates| {
            let lists = self.lists_of(users, options, candidates).into_iter();
            lists.map(&make).collect()
        };
        self.library.in_blocks(options, part, each)
    }

    /// The profile of a known user, of a visitor with ratings, or of a known user with new ratings, by the model's own
    /// [`Fitted::fold_in`], for which a known user's training ratings and the new ones are one.
    ///
    /// # Errors
    ///
    /// As [`Recommender::profile`](crate::Recommender::profile).
    pub fn profile(&self, query: &Query<'_>) -> Result<Profile, RecommenderError> {
        let user = query.user.map(|id| self.library.user(id)).transpose()?;
        let Given { rated, unknown } = self.library.given(query.ratings)?;
        if rated.is_empty() && user.is_none() && !unknown.is_empty() {
            return Err(RecommenderError::NothingKnown { items: unknown });
        }
        let trained = user.map_or(0, |user| self.library.seen.trained_of_user(user));
        let (source, who) = match user {
            Some(user) if rated.is_empty() => (Source::Known, Who::User(user)),
            _ => {
                let mut all = user.map_or_else(Vec::new, |user| self.trained(user));
                all.retain(|(item, _)| !rated.iter().any(|(new, _)| new == item));
                all.extend_from_slice(&rated);
                let source = match (trained, rated.is_empty()) {
                    (1.., _) => Source::KnownAndFolded,
                    (0, false) => Source::Folded,
                    (0, true) => Source::Mean,
                };
                (source, Who::Scores(self.folded(&all)?.into()))
            }
        };
        Ok(Profile {
            source,
            user: query.user.map(str::to_string),
            rows: Vec::new(),
            seen: self.library.seen_with(user, &rated),
            ratings: rated.len() + trained as usize,
            steps: 0,
            lifted: false,
            unknown_items: unknown,
            who,
        })
    }

    /// The list for a [`Profile`] of this model; [`List::user`] is empty for a visitor.
    ///
    /// # Errors
    ///
    /// A profile from another model; an unknown genre.
    pub fn top(&self, profile: &Profile, options: &ListOptions) -> Result<List, RecommenderError> {
        let scores = self.scores_for(profile)?;
        let candidates = self.library.candidates_of(options)?;
        let taken = |item: ItemIx| options.seen || profile.seen.binary_search(&item).is_err();
        let best = best_of(&scores, &candidates, options.count, taken);
        Ok(List {
            user: profile.user.clone().unwrap_or_default(),
            user_ratings: u32::try_from(profile.ratings).unwrap_or(u32::MAX),
            items: self.library.lines(best),
            min_ratings: candidates.least,
            left_out: candidates.left_out,
        })
    }

    /// Scores ratings of a data set.
    ///
    /// # Errors
    ///
    /// A rating or a prediction that is not finite.
    pub fn evaluate(
        &self,
        dataset: &Dataset,
        ratings: &Ratings,
    ) -> Result<Evaluation, MetricError> {
        self.library
            .evaluate(dataset, ratings, |users, items| self.pairs(users, items))
    }

    /// Scores the rows that were held out in this role, which the model keeps.
    ///
    /// # Errors
    ///
    /// As [`ClassicalRecommender::evaluate`].
    pub fn evaluate_held_out(&self, role: Role) -> Result<Evaluation, MetricError> {
        self.library
            .evaluate_held_out(role, |users, items| self.pairs(users, items))
    }

    /// The measures of all users' lists of the whole catalogue with the items of `held_out` as relevant ones, which are rows
    /// of the model. What a user has in training, and for [`Role::Test`] in the validation part, is left out of the lists;
    /// of equal scores the lower item row comes first. `None` without rows.
    ///
    /// # Errors
    ///
    /// Scores that are not finite.
    pub fn ranking(
        &self,
        held_out: &Ratings,
        role: Role,
        at: &[usize],
    ) -> Result<Option<RankingEvaluation>, EvaluationError<Infallible>> {
        if held_out.is_empty() {
            return Ok(None);
        }
        let (library, items) = (&self.library, self.library.items.rows());
        let pairs = held_out.users.iter().zip(&held_out.items);
        let relevant = UserItems::of(pairs.map(|(user, item)| (user.0, item.0)));
        let mut is_item = vec![false; items];
        for (item, _) in library.items.iter() {
            is_item[item.index()] = true;
        }
        // If ids are rows, rows without an id are not items.
        let no_items: Vec<u32> = (0..items as u32)
            .filter(|&item| !is_item[item as usize])
            .collect();
        let left_out = |user: u32, out: &mut Vec<u32>| {
            let known = library.seen.items_of(UserIx(user)).iter().copied();
            out.extend(known.filter(
                |&item| match library.seen.role(UserIx(user), ItemIx(item)) {
                    Some(Role::Train | Role::LeftOut) => true,
                    Some(Role::Valid) => role == Role::Test,
                    _ => false,
                },
            ));
            out.dedup();
            out.extend_from_slice(&no_items);
        };
        let evaluator = RankingEvaluator::new(library.users.rows(), items, &relevant)
            .leaving_out(&left_out)
            .at(at.iter().copied());
        let ranking = evaluator.evaluate(|users, scores| {
            let users: Vec<UserIx> = users.iter().map(|&user| UserIx(user)).collect();
            self.fitted.score_block(&users, scores);
            Ok(())
        })?;
        Ok(Some(ranking))
    }

    /// The scores of all items for somebody.
    pub(crate) fn scores_for(&self, profile: &Profile) -> Result<Arc<[f32]>, RecommenderError> {
        let items = self.library.items.rows();
        match &profile.who {
            Who::User(user) if user.index() < self.library.users.rows() => {
                let mut scores = vec![0.0; items];
                self.fitted.score_all(*user, &mut scores);
                Ok(scores.into())
            }
            Who::Scores(scores) if scores.len() == items => Ok(scores.clone()),
            _ => Err(RecommenderError::OtherProfile),
        }
    }

    /// The scores of all items for somebody who is known to belong to this model.
    pub(crate) fn all_scores(&self, who: &Who) -> Vec<f32> {
        match who {
            Who::Scores(scores) => scores.to_vec(),
            Who::User(user) => {
                let mut scores = vec![0.0; self.library.items.rows()];
                self.fitted.score_all(*user, &mut scores);
                scores
            }
            Who::Visitor(_) => vec![f32::NAN; self.library.items.rows()], // a network's
        }
    }

    pub(crate) fn pairs(&self, users: &[UserIx], items: &[ItemIx]) -> Vec<f32> {
        let pairs = users.iter().zip(items);
        pairs
            .map(|(user, item)| self.fitted.predict(*user, *item))
            .collect()
    }

    fn lists_of(
        &self,
        users: &[UserIx],
        options: &ListOptions,
        candidates: &Candidates,
    ) -> Vec<List> {
        let items = self.library.items.rows();
        let mut scores = vec![0.0; users.len() * items];
        self.fitted.score_block(users, &mut scores);
        let each = users.iter().zip(scores.chunks_exact(items.max(1)));
        let list = |(&user, scores): (&UserIx, &[f32])| {
            let taken = |item: ItemIx| options.seen || !self.library.seen.holds(user, item);
            let best = best_of(scores, candidates, options.count, taken);
            self.library.listed(user, best, candidates)
        };
        each.map(list).collect()
    }

    /// The training ratings of a user; of a model that reads items only with the lowest rating of the scale.
    pub(crate) fn trained(&self, user: UserIx) -> Vec<(ItemIx, f32)> {
        let seen = &self.library.seen;
        let lowest = self.library.scale.min;
        let own = seen
            .places(user)
            .filter(|&place| seen.role_at(place) == Role::Train);
        let mut trained: Vec<(ItemIx, f32)> = own
            .map(|place| {
                let stars = self.stars.get(place).copied().unwrap_or(lowest);
                (ItemIx(seen.items[place]), stars)
            })
            .collect();
        trained.dedup_by_key(|(item, _)| *item);
        trained
    }

    pub(crate) fn folded(&self, profile: &[(ItemIx, f32)]) -> Result<Vec<f32>, RecommenderError> {
        let mut scores = vec![0.0; self.library.items.rows()];
        self.fitted.fold_in(profile, &mut scores)?;
        Ok(scores)
    }

    /// The scores for somebody without ratings, which also shows whether the model has as many items as there are ids.
    fn everybody(&self) -> Result<Vec<f32>, RecommenderError> {
        self.folded(&[])
    }
}

fn best_of(
    scores: &[f32],
    candidates: &Candidates,
    count: usize,
    taken: impl Fn(ItemIx) -> bool,
) -> Vec<(u32, f32)> {
    let rows = candidates.rows.iter().copied();
    let rows = rows.filter(|&item| taken(ItemIx(item)));
    best(rows.map(|item| (item, scores[item as usize])), count)
}

/// The ratings of the training pairs at the places of the pairs, where the others have a 0. Of several ratings of an item
/// the last one counts.
fn stars(seen: &Seen, train: &Ratings) -> Vec<f32> {
    let mut stars = vec![0.0; seen.items.len()];
    let rows = train.users.iter().zip(&train.items).zip(&train.ratings);
    for ((&user, &item), &rating) in rows {
        let own = seen.places(user);
        let first = own.start + seen.items_of(user).partition_point(|&known| known < item.0);
        if own.contains(&first) && seen.items[first] == item.0 {
            stars[first] = rating;
        }
    }
    stars
}
