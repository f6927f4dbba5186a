//! Lists of items for users.

use crate::error::RecommenderError;
use crate::recommender::{Named, Recommender};
use crate::top::best;
use recburn_data::{ItemIx, UserIx};
use serde::Serialize;

/// No list asks for more training ratings than this unless it is told to.
const MIN_RATINGS: u32 = 5;

/// Options of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOptions {
    /// Its maximum length.
    pub count: usize,
    /// Whether to include items that the user has rated.
    pub seen: bool,
    /// The minimum number of training ratings of an item; 0 for all items, `None` for [`Recommender::min_ratings`].
    pub min_ratings: Option<u32>,
}

impl Default for ListOptions {
    /// Ten items that the user has not rated, with enough training ratings.
    fn default() -> Self {
        Self {
            count: 10,
            seen: false,
            min_ratings: None,
        }
    }
}

/// A user's list, and what is to be known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// The user's raw id.
    pub user: String,
    /// How many training ratings the user has. Of one without any the model has learnt nothing: the list is everybody's.
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

impl Recommender {
    /// The least number of training ratings of an item in a list that does not say otherwise: 5, or the mean number of
    /// ratings of an item where that is lower, but not 0.
    pub fn min_ratings(&self) -> u32 {
        let counts = self.items.iter();
        let counts = counts.map(|(item, _)| self.seen.trained_of_item(item));
        let (trained, ratings) = counts
            .filter(|&count| count > 0)
            .fold((0, 0), |(items, sum), count| {
                (items + 1, sum + u64::from(count))
            });
        match u32::try_from(ratings / u64::max(trained, 1)) {
            _ if trained == 0 => 0, // nothing was learnt about any item
            Ok(mean) => mean.min(MIN_RATINGS),
            Err(_) => MIN_RATINGS,
        }
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
        };
        Ok(self.list(user, &options)?.items)
    }

    /// A user's list.
    pub fn list(&self, user: &str, options: &ListOptions) -> Result<List, RecommenderError> {
        let user = self.user(user)?;
        Ok(self.list_of(user, options, self.candidates(options.min_ratings)))
    }

    /// The lists of all users in the order of their rows, a block of users on every processor at a time. `each` may end
    /// them with an error of its own.
    pub fn lists<E>(
        &self,
        options: &ListOptions,
        mut each: impl FnMut(List) -> Result<(), E>,
    ) -> Result<(), E> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let candidates = self.candidates(options.min_ratings);
        let users: Vec<UserIx> = self.users.iter().map(|(user, _)| user).collect();
        for block in users.chunks(threads * USERS_OF_BLOCK) {
            let list = |user: &UserIx| self.list_of(*user, options, candidates.clone());
            let part = |users: &[UserIx]| users.iter().map(list).collect::<Vec<_>>();
            let part = &part;
            let lists: Vec<Vec<List>> = std::thread::scope(|scope| {
                let parts = block.chunks(block.len().div_ceil(threads));
                let running: Vec<_> = parts
                    .map(|users| scope.spawn(move || part(users)))
                    .collect();
                let done = running.into_iter().map(|thread| thread.join());
                done.map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                    .collect()
            });
            lists.into_iter().flatten().try_for_each(&mut each)?;
        }
        Ok(())
    }

    /// The items that a list may contain.
    pub(crate) fn candidates(&self, min_ratings: Option<u32>) -> Candidates {
        let least = min_ratings.unwrap_or_else(|| self.min_ratings());
        // Only ids of the data: a table indexed by raw numbers has unused rows.
        let known = self.items.iter().map(|(item, _)| item);
        let rows: Vec<u32> = known
            .filter(|&item| self.seen.trained_of_item(item) >= least)
            .map(|item| item.0)
            .collect();
        Candidates {
            left_out: self.items.len() - rows.len(),
            rows: rows.into(),
            least,
        }
    }

    fn list_of(&self, user: UserIx, options: &ListOptions, candidates: Candidates) -> List {
        let unseen = |item: &&u32| options.seen || !self.seen.holds(user, ItemIx(**item));
        let items = candidates.rows.iter().filter(unseen).copied();
        let items: Vec<ItemIx> = items.map(ItemIx).collect();
        let scores = self.scores_of(user, &items);
        let items = items.into_iter().map(|item| item.0);
        let lines = best(items.zip(scores), options.count);
        let lines = lines.into_iter().map(|(item, score)| {
            let Named { id, title, genres } = self.named(ItemIx(item));
            let rating = self.centre.restore(score);
            Recommendation {
                item: id,
                title,
                genres,
                rating,
                clipped: self.clip(rating),
                ratings: self.seen.trained_of_item(ItemIx(item)),
            }
        });
        List {
            user: self.users.id(user).unwrap_or_default().into_owned(),
            user_ratings: self.seen.trained_of_user(user),
            items: lines.collect(),
            min_ratings: candidates.least,
            left_out: candidates.left_out,
        }
    }
}

/// A thread scores this many users before the lists are handed on: few enough to be held, many enough to keep it busy.
const USERS_OF_BLOCK: usize = 32;

/// The items with enough training ratings.
#[derive(Clone)]
pub(crate) struct Candidates {
    pub rows: std::sync::Arc<[u32]>,
    pub left_out: usize,
    pub least: u32,
}
