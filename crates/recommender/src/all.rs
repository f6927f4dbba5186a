//! What a service asks for: the predicted ratings of all items at once, of many pairs, and the parts of one.

use crate::any::AnyRecommender;
use crate::error::RecommenderError;
use crate::profile::{Profile, Who};
use crate::recommender::Recommender;
use recburn_data::{ItemIx, UserIx};
use recburn_nn::{Link, Model};
use serde::Serialize;

/// The summands of a predicted rating, of a model whose score is a dot product and biases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parts {
    /// What was subtracted from all training ratings.
    pub mean: f32,
    /// The bias of the user, with the constants of the model, if it has any.
    pub user_bias: f32,
    /// The bias of the item.
    pub item_bias: f32,
    /// The product of the factors: how well the two match.
    pub r#match: f32,
}

impl AnyRecommender {
    /// Computes what the first lists would otherwise wait for: the rows of all items and users, and what fold-ins need to
    /// know of the model.
    pub fn warm(&self) {
        if let Self::Network(network) = self {
            network.all_user_rows();
            network.folding();
        }
    }

    /// The predicted ratings of all items for a known user by row, not clipped: `[items.rows()]`. NaN for rows without an id,
    /// and for all if the user is outside the tables.
    pub fn all_of_user(&self, user: UserIx) -> Vec<f32> {
        match user.index() < self.users().rows() {
            true => self.all_of(&Who::User(user)),
            false => vec![f32::NAN; self.items().rows()],
        }
    }

    /// The predicted ratings of all items for a profile, as [`AnyRecommender::all_of_user`] has them.
    ///
    /// # Errors
    ///
    /// A profile from another model.
    pub fn all_for(&self, profile: &Profile) -> Result<Vec<f32>, RecommenderError> {
        match self {
            Self::Network(network) => network.own_profile(profile)?,
            Self::Classical(classical) => drop(classical.scores_for(profile)?),
        }
        Ok(self.all_of(&profile.who))
    }

    fn all_of(&self, who: &Who) -> Vec<f32> {
        let centre = self.library().centre;
        let mut scores = match self {
            Self::Network(network) => network.all_scores(who),
            Self::Classical(classical) => classical.all_scores(who),
        };
        scores
            .iter_mut()
            .for_each(|score| *score = centre.restore(*score));
        scores
    }

    /// The predicted ratings of pairs of rows, not clipped.
    ///
    /// # Panics
    ///
    /// If the lengths differ, or a row is outside the tables.
    pub fn of_pairs(&self, users: &[UserIx], items: &[ItemIx]) -> Vec<f32> {
        assert_eq!(users.len(), items.len(), "one item for each user");
        let centre = self.library().centre;
        let scores = match self {
            Self::Network(network) => network.scores_of_pairs(users, items),
            Self::Classical(classical) => classical.pairs(users, items),
        };
        scores
            .into_iter()
            .map(|score| centre.restore(score))
            .collect()
    }

    /// The summands of the predicted rating of a pair; `None` for a model that is no such sum, and outside the tables.
    pub fn parts(&self, user: UserIx, item: ItemIx) -> Option<Parts> {
        match user.index() < self.users().rows() {
            true => self.parts_of(&Who::User(user), item),
            false => None,
        }
    }

    /// The same for a profile.
    pub fn parts_for(&self, profile: &Profile, item: ItemIx) -> Option<Parts> {
        match self {
            Self::Network(network) if network.own_profile(profile).is_ok() => {
                self.parts_of(&profile.who, item)
            }
            _ => None,
        }
    }

    fn parts_of(&self, who: &Who, item: ItemIx) -> Option<Parts> {
        let network = self.network().ok()?;
        let vectors = network.vectors()?;
        if vectors.link() != Link::Identity {
            return None;
        }
        let (user, item) = (network.kept_row(who)?, vectors.row(item)?);
        // The two last columns are a bias on one side and a 1 on the other.
        let factors = user.len().checked_sub(2)?;
        let products = user[..factors].iter().zip(&item);
        Some(Parts {
            mean: self.library().centre.mean,
            user_bias: user[factors],
            item_bias: item[factors + 1],
            r#match: products.map(|(p, q)| p * q).sum(),
        })
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The scores of all items by row; NaN for rows without an id.
    fn all_scores(&self, who: &Who) -> Vec<f32> {
        let mut all = vec![f32::NAN; self.library.items.rows()];
        if let Some(vectors) = self.vectors()
            && let Some(row) = self.kept_row(who)
        {
            vectors.scores(&row, &mut all);
            return all;
        }
        let items: Vec<ItemIx> = self.library.items.iter().map(|(item, _)| item).collect();
        let scores = self.scores_for(who, &items);
        for (item, score) in items.into_iter().zip(scores) {
            all[item.index()] = score;
        }
        all
    }
}
