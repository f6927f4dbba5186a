//! The traits of methods and of fitted models.

use crate::error::ClassicalError;
use crate::saved::Saved;
use recburn_data::{Features, ItemIx, Ratings, UserIx};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the scores of a fitted model are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Predicted ratings, on the scale of the ratings but not clipped to it.
    Ratings,
    /// Numbers that only order the items of one user: a higher score is a better item.
    Order,
}

/// What a model is fitted to.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The training ratings. A model of [`Scores::Order`] takes every rating as a positive, whatever its value.
    pub train: &'a Ratings,
    /// The number of users; every user of the ratings is below it.
    pub users: usize,
    /// The number of items; every item of the ratings is below it.
    pub items: usize,
    /// The lowest and the highest possible rating.
    pub scale: (f32, f32),
    /// Features of users and items, for models that read them.
    pub features: Option<&'a Features>,
    /// The seed of everything random.
    pub seed: u64,
    /// The number of threads; 0 for one per core. Results do not depend on it.
    pub threads: usize,
}

/// A model that is fitted as a whole.
pub trait Method: fmt::Debug + Send + Sync {
    /// Its name, shared by the file and the registry.
    fn name(&self) -> &'static str;

    /// What its scores are.
    fn scores(&self) -> Scores;

    /// Whether it reads the [`Context::features`], which then have to be computed.
    fn reads_features(&self) -> bool;

    /// An estimate of the bytes that [`Method::fit`] takes at its peak, including the fitted model and excluding the
    /// ratings. It is known before anything is allocated.
    fn memory(&self, context: &Context<'_>) -> u64;

    /// Fits the model.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Setting`] for a setting out of its range, [`ClassicalError::NoRatings`] without ratings,
    /// [`ClassicalError::Data`] for ratings outside the tables, [`ClassicalError::Numerical`] if a decomposition fails,
    /// [`ClassicalError::Threads`] if no threads can be started.
    fn fit(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError>;
}

/// A fitted model.
pub trait Fitted: fmt::Debug + Send + Sync {
    /// The score of a pair. A user outside the tables is one without ratings; an item outside the tables scores NaN.
    fn predict(&self, user: UserIx, item: ItemIx) -> f32;

    /// The scores of all items for a user, in the order of the items. Entries of `into` after the last item become NaN;
    /// a shorter slice receives the first scores.
    fn score_all(&self, user: UserIx, into: &mut [f32]);

    /// The scores of all items for somebody with these ratings who need not be a user of the model. Models of
    /// [`Scores::Order`] read the items only, and an item counts once however often it occurs.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Length`] unless `into` has one entry per item, [`ClassicalError::Item`] for an item outside the
    /// tables, [`ClassicalError::NotARating`] for a rating that is not finite.
    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError>;

    /// The model as data, to be written with serde; [`Saved::fitted`] is the way back.
    fn saved(&self) -> Saved;

    /// The scores of all items for several users, `[users, items]` row by row: the same numbers as from
    /// [`Fitted::score_all`], in less time for many models. The number of items is `into.len() / users.len()`.
    fn score_block(&self, users: &[UserIx], into: &mut [f32]) {
        let items = into.len().checked_div(users.len()).unwrap_or(0);
        if items == 0 {
            return;
        }
        for (&user, into) in users.iter().zip(into.chunks_exact_mut(items)) {
            self.score_all(user, into);
        }
    }
}
