//! Models of biases: `score(user, item) = mean + user bias + item bias`.

use crate::error::ClassicalError;
use crate::method::Fitted;
use crate::profile;
use crate::saved::Saved;
use recburn_data::{ItemIx, Ratings, UserIx};
use serde::{Deserialize, Serialize};

/// A fitted model of biases: `mean`, `bias`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Biases {
    /// The mean rating.
    pub(crate) mean: f32,
    /// The bias of each user.
    pub(crate) users: Vec<f32>,
    /// The bias of each item.
    pub(crate) items: Vec<f32>,
    /// The damping of user biases; without it users have no bias.
    pub(crate) damping: Option<f64>,
}

impl Biases {
    /// The mean and biases of 0.
    pub(crate) fn none(ratings: &Ratings, users: usize, items: usize) -> Self {
        Self {
            mean: ratings.mean() as f32,
            users: vec![0.0; users],
            items: vec![0.0; items],
            damping: None,
        }
    }

    /// Sets the user biases to the damped means of what remains: `sum of (rating - mean - item bias) / (n + damping)`.
    pub(crate) fn refit_users(&mut self, ratings: &Ratings, damping: f64) {
        let users = ratings.users.iter().map(|user| user.index());
        let rest = ratings.items.iter().zip(&ratings.ratings);
        let rest = rest.map(|(item, rating)| rating - self.mean - self.items[item.index()]);
        self.users = damped_means(users.zip(rest), self.users.len(), damping);
    }

    /// Sets the item biases in the same way.
    pub(crate) fn refit_items(&mut self, ratings: &Ratings, damping: f64) {
        let items = ratings.items.iter().map(|item| item.index());
        let rest = ratings.users.iter().zip(&ratings.ratings);
        let rest = rest.map(|(user, rating)| rating - self.mean - self.users[user.index()]);
        self.items = damped_means(items.zip(rest), self.items.len(), damping);
    }

    /// The prediction; the part of a user or item outside the tables is 0.
    pub(crate) fn baseline(&self, user: usize, item: usize) -> f32 {
        let user = self.users.get(user).copied().unwrap_or(0.0);
        self.mean + user + self.items.get(item).copied().unwrap_or(0.0)
    }

    /// The bias of somebody with these ratings of items within the table.
    pub(crate) fn user_of(&self, profile: impl Iterator<Item = (u32, f32)>) -> f32 {
        let Some(damping) = self.damping else {
            return 0.0;
        };
        let rest =
            profile.map(|(item, rating)| (0, rating - self.mean - self.items[item as usize]));
        damped_means(rest, 1, damping)[0]
    }

    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        match self
            .damping
            .is_none_or(|damping| damping >= 0.0 && damping.is_finite())
        {
            true => Ok(()),
            false => Err(ClassicalError::Damaged {
                method: "model of biases",
                what: "its damping is below 0".to_string(),
            }),
        }
    }

    fn scores(&self, user: f32, into: &mut [f32]) {
        for (into, item) in into.iter_mut().zip(&self.items) {
            *into = self.mean + user + item;
        }
    }
}

/// The damped mean of every group, `sum / (n + damping)`, and 0 for a group without values.
fn damped_means(
    values: impl Iterator<Item = (usize, f32)>,
    groups: usize,
    damping: f64,
) -> Vec<f32> {
    let mut sums = vec![(0.0, 0.0); groups];
    for (group, value) in values {
        sums[group].0 += f64::from(value);
        sums[group].1 += 1.0;
    }
    let mean = |(sum, count): (f64, f64)| match count > 0.0 {
        true => (sum / (count + damping)) as f32,
        false => 0.0,
    };
    sums.into_iter().map(mean).collect()
}

/// The bytes of biases and of the sums for them.
pub(crate) fn bytes(users: usize, items: usize) -> u64 {
    4 * (users + items) as u64 + 16 * users.max(items) as u64
}

impl Fitted for Biases {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        match item.index() < self.items.len() {
            true => self.baseline(user.index(), item.index()),
            false => f32::NAN,
        }
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        let user = self.users.get(user.index()).copied().unwrap_or(0.0);
        profile::sized(self.items.len(), into, |into| self.scores(user, into));
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.items.len(), into)?;
        let ratings = profile.iter().map(|&(item, rating)| (item.0, rating));
        self.scores(self.user_of(ratings), into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::Biases(self.clone())
    }
}
