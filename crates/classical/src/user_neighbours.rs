//! User neighbours for order.

use crate::error::ClassicalError;
use crate::method::{Context, Fitted};
use crate::profile;
use crate::rows::Rows;
use crate::saved::Saved;
use crate::similarity::Neighbourhood;
use crate::term_weights::{TermWeights, nearest, nearest_of, norm, norms};
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// The fitted user neighbours: `user_knn` for order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Parts", into = "Parts")]
pub struct UserNeighbours {
    parts: Parts,
    /// The weighted positives, `[items, users]`.
    raters: Rows,
    /// The norm of every user's weights.
    norms: Vec<f32>,
}

/// What is saved of user neighbours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Parts {
    items: usize,
    settings: Neighbourhood,
    profiles: Rows,
    terms: TermWeights,
    /// `[users, users]`.
    nearest: Rows,
}

impl From<Parts> for UserNeighbours {
    fn from(parts: Parts) -> Self {
        let sound = parts.profiles.check("", parts.items).is_ok()
            && parts.terms.check("", parts.items).is_ok();
        // Unsound parts are refused by `check`, which has an error for them.
        let (raters, norms) = match sound {
            true => {
                let weighted = parts.terms.applied(&parts.profiles);
                (weighted.transposed(parts.items), norms(&weighted))
            }
            false => (Rows::of(&[]), Vec::new()),
        };
        Self {
            parts,
            raters,
            norms,
        }
    }
}

impl From<UserNeighbours> for Parts {
    fn from(model: UserNeighbours) -> Self {
        model.parts
    }
}

impl UserNeighbours {
    /// Fits the neighbours of every user.
    pub(crate) fn fitted(
        context: &Context<'_>,
        settings: Neighbourhood,
    ) -> Result<Box<dyn Fitted>, ClassicalError> {
        let items = context.items;
        let profiles = Rows::positives(context.train, context.users);
        let terms = TermWeights::of(&profiles, &profiles.transposed(items), settings.similarity);
        let weighted = terms.applied(&profiles);
        let raters = weighted.transposed(items);
        let nearest = nearest(&weighted, &raters, &settings);
        Ok(Box::new(Self {
            norms: norms(&weighted),
            raters,
            parts: Parts {
                items,
                settings,
                profiles,
                terms,
                nearest,
            },
        }))
    }

    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        const METHOD: &str = "user neighbours";
        let Parts {
            items,
            settings,
            profiles,
            terms,
            nearest,
        } = &self.parts;
        settings.check(METHOD, crate::Scores::Order)?;
        profiles.check(METHOD, *items)?;
        terms.check(METHOD, *items)?;
        nearest.check(METHOD, profiles.len())
    }

    fn sum(&self, nearest: impl Iterator<Item = (u32, f32)>, into: &mut [f32]) {
        into.fill(0.0);
        for (user, similarity) in nearest {
            for &item in self.parts.profiles.row(user as usize).0 {
                into[item as usize] += similarity;
            }
        }
    }

    fn nearest(&self, user: UserIx) -> impl Iterator<Item = (u32, f32)> {
        let (users, similarities) = self.parts.nearest.row(user.index());
        users.iter().copied().zip(similarities.iter().copied())
    }
}

impl Fitted for UserNeighbours {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        if item.index() >= self.parts.items {
            return f32::NAN;
        }
        let profiles = &self.parts.profiles;
        let raters = self
            .nearest(user)
            .filter(|near| profiles.get(near.0 as usize, item.0).is_some());
        raters.fold(0.0, |sum, near| sum + near.1)
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.parts.items, into, |into| {
            self.sum(self.nearest(user), into)
        });
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.parts.items, into)?;
        let items = profile::items(profile);
        let weights = self.parts.terms.profile(&items);
        let mut products = vec![0.0; self.parts.profiles.len()];
        for (&item, weight) in items.iter().zip(&weights) {
            let (users, values) = self.raters.row(item as usize);
            for (&user, value) in users.iter().zip(values) {
                products[user as usize] += weight * value;
            }
        }
        let nearest = nearest_of(&products, norm(&weights), &self.norms, &self.parts.settings);
        self.sum(nearest.into_iter(), into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::UserNeighbours(self.clone())
    }
}
