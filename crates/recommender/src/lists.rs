//! Lists of items for users.

use crate::candidates::Candidates;
use crate::error::RecommenderError;
use crate::library::{Library, Named};
use crate::profile::{Profile, Who};
use crate::recommender::Recommender;
use crate::top::best;
use recburn_data::{ItemIx, UserIx};
use recburn_nn::Model;
use serde::Serialize;

/// Options of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOptions {
    /// Its maximum length.
    pub count: usize,
    /// Whether to include items that the user has rated.
    pub seen: bool,
    /// The minimum number of training ratings of an item; 0 for all items, `None` for [`Recommender::min_ratings`].
    pub min_ratings: Option<u32>,
    /// Only items of any of these genres, whatever the case of their letters; of all if there is none.
    pub genres: Vec<String>,
    /// No items of any of these.
    pub not_genres: Vec<String>,
}

impl Default for ListOptions {
    /// Ten items that the user has not rated, with enough training ratings.
    fn default() -> Self {
        Self {
            count: 10,
            seen: false,
            min_ratings: None,
            genres: Vec::new(),
            not_genres: Vec::new(),
        }
    }
}

/// A user's list, with information about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// The user's raw id; empty for a visitor.
    pub user: String,
    /// How many training ratings the user has, and how many have been folded in. Of one without any the model has learnt nothing: the list is everybody's.
    pub user_ratings: u32,
    /// The items, best first.
    pub items: Vec<Recommendation>,
    /// The minimum number of training ratings of the items considered.
    pub min_ratings: u32,
    /// The number of items left out because they have fewer.
    pub left_out: usize,
}

/// One entry of a user's list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The item's raw id.
    pub item: String,
    /// Its title, or its raw id if the data have no titles.
    pub title: String,
    /// Its genres.
    pub genres: Vec<String>,
    /// The predicted rating, in stars, not clipped. Lists are sorted by it.
    pub rating: f32,
    /// The same, clipped to the scale of the data.
    pub clipped: f32,
    /// The number of the item's training ratings.
    pub ratings: u32,
}

impl<M: Model + Sync> Recommender<M> {
    /// The default minimum number of training ratings of an item in a list: 5, or the mean number of ratings per item
    /// if that is lower, but not 0.
    pub fn min_ratings(&self) -> u32 {
        self.library.min_ratings()
    }

    /// The `count` items with the highest predicted ratings for this user, best first, without items that the user has
    /// rated and items with fewer than [`Recommender::min_ratings`] training ratings.
    pub fn recommend(
        &self,
        user: &str,
        count: usize,
    ) -> Result<Vec<Recommendation>, RecommenderError> {
        let options = ListOptions {
            count,
            ..ListOptions::default()
        };
        Ok(self.list(user, &options)?.items)
    }

    /// As [`Recommender::recommend`], among all items, including those that the user has rated and those without
    /// training ratings.
    pub fn rank(&self, user: &str, count: usize) -> Result<Vec<Recommendation>, RecommenderError> {
        let options = ListOptions {
            count,
            seen: true,
            min_ratings: Some(0),
            ..ListOptions::default()
        };
        Ok(self.list(user, &options)?.items)
    }

    /// A user's list.
    pub fn list(&self, user: &str, options: &ListOptions) -> Result<List, RecommenderError> {
        let user = self.library.user(user)?;
        let candidates = self.library.candidates_of(options)?;
        Ok(self.list_of(user, options, &candidates))
    }

    /// The list for a [`Profile`]; [`List::user`] is empty for a visitor.
    ///
    /// # Errors
    /// A profile from a model with other tables; an unknown genre.
    pub fn top(&self, profile: &Profile, options: &ListOptions) -> Result<List, RecommenderError> {
        self.top_of(profile, options, |_| true)
    }

    /// As [`Recommender::top`], restricted to the items for which `wanted` returns true.
    ///
    /// # Errors
    /// A profile from a model with other tables; an unknown genre.
    pub fn top_of(
        &self,
        profile: &Profile,
        options: &ListOptions,
        wanted: impl Fn(ItemIx) -> bool,
    ) -> Result<List, RecommenderError> {
        self.own_profile(profile)?;
        let candidates = self.library.candidates_of(options)?;
        let seen = &profile.seen;
        let taken =
            |item: ItemIx| wanted(item) && (options.seen || seen.binary_search(&item).is_err());
        let best = self.best_of(&profile.who, &candidates, options.count, taken);
        Ok(List {
            user: profile.user.clone().unwrap_or_default(),
            user_ratings: u32::try_from(profile.ratings).unwrap_or(u32::MAX),
            items: self.library.lines(best),
            min_ratings: candidates.least,
            left_out: candidates.left_out,
        })
    }

    pub(crate) fn list_of(
        &self,
        user: UserIx,
        options: &ListOptions,
        candidates: &Candidates,
    ) -> List {
        let taken = |item: ItemIx| options.seen || !self.library.seen.holds(user, item);
        let best = self.best_of(&Who::User(user), candidates, options.count, taken);
        self.library.listed(user, best, candidates)
    }

    /// The best of the candidates that `taken` accepts, with their scores: from the cached item vectors if the model has
    /// them, and otherwise by running the model on every candidate.
    fn best_of(
        &self,
        who: &Who,
        candidates: &Candidates,
        count: usize,
        taken: impl Fn(ItemIx) -> bool,
    ) -> Vec<(u32, f32)> {
        if let Some(vectors) = self.vectors()
            && let Some(row) = self.row_for(who)
        {
            let best = vectors.best(&row, count, |_, item| candidates.has(item) && taken(item));
            return best.into_iter().next().unwrap_or_default();
        }
        let items = candidates.rows.iter().copied().map(ItemIx);
        let items: Vec<ItemIx> = items.filter(|&item| taken(item)).collect();
        let scores = self.scores_for(who, &items);
        best(items.into_iter().map(|item| item.0).zip(scores), count)
    }
}

impl Library {
    /// A user's list of these items with their scores.
    pub fn listed(&self, user: UserIx, best: Vec<(u32, f32)>, candidates: &Candidates) -> List {
        List {
            user: self.users.id(user).unwrap_or_default().into_owned(),
            user_ratings: self.seen.trained_of_user(user),
            items: self.lines(best),
            min_ratings: candidates.least,
            left_out: candidates.left_out,
        }
    }

    /// Items with their scores, as entries of a list.
    pub fn lines(&self, best: Vec<(u32, f32)>) -> Vec<Recommendation> {
        let lines = best.into_iter();
        lines
            .map(|(item, score)| self.recommendation(ItemIx(item), score))
            .collect()
    }

    fn recommendation(&self, item: ItemIx, score: f32) -> Recommendation {
        let Named { id, title, genres } = self.named(item);
        let rating = self.centre.restore(score);
        Recommendation {
            item: id,
            title,
            genres,
            rating,
            clipped: self.clip(rating),
            ratings: self.seen.trained_of_item(item),
        }
    }
}
