//! Biases by alternating least squares: `score(user, item) = mean + user bias + item bias`.
//!
//! The biases minimise `sum of (rating - score)^2 + item_penalty * sum of item bias^2 + user_penalty * sum of user bias^2`,
//! each side in turn: items first, then users. Koren, *Factor in the neighbors: scalable and accurate collaborative
//! filtering*, TKDD 2010, section 2.1; the defaults are those of Surprise's `BaselineOnly`.
//!
//! An epoch passes through the ratings twice and copies none of them: beside the ratings a fit takes 4 bytes per user and
//! item, and 16 more per row of the larger table. `cargo bench --bench large` fits 20 million ratings.

use crate::biases::{self, Biases};
use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Scores};
use crate::registry::{Described, at_least_one, non_negative};
use recburn_data::Ratings;
use serde::{Deserialize, Serialize};

/// The settings of biases by alternating least squares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bias {
    /// The penalty of the users' biases, at least 0.
    pub user_penalty: f64,
    /// The penalty of the items' biases, at least 0.
    pub item_penalty: f64,
    /// The number of alternations, at least 1.
    pub epochs: usize,
}

impl Default for Bias {
    fn default() -> Self {
        Self {
            user_penalty: 15.0,
            item_penalty: 10.0,
            epochs: 10,
        }
    }
}

impl Bias {
    /// The biases of these ratings, which are within the tables.
    pub(crate) fn biases(&self, ratings: &Ratings, users: usize, items: usize) -> Biases {
        let mut model = Biases::none(ratings, users, items);
        for _ in 0..self.epochs {
            model.refit_items(ratings, self.item_penalty);
            model.refit_users(ratings, self.user_penalty);
        }
        model.damping = Some(self.user_penalty);
        model
    }
}

impl Described for Bias {
    const NAME: &'static str = "bias";
    const ABOUT: &'static str = "mean + user bias + item bias, by alternating least squares";

    fn scores(&self) -> Scores {
        Scores::Ratings
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        biases::bytes(context.users, context.items)
    }

    fn check(&self) -> Result<(), ClassicalError> {
        non_negative(Self::NAME, "user_penalty", self.user_penalty)?;
        non_negative(Self::NAME, "item_penalty", self.item_penalty)?;
        at_least_one(Self::NAME, "epochs", self.epochs)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let model = self.biases(context.train, context.users, context.items);
        Ok(Box::new(model))
    }
}
