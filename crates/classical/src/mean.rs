//! Damped means: `score(user, item) = mean + item deviation + user deviation`.
//!
//! The deviation of an item is `sum of (rating - mean) / (n + item_damping)`, that of a user
//! `sum of (rating - mean - item deviation) / (n + user_damping)`; either can be left out. Funk, *Netflix update: try this
//! at home*, 2006; Ekstrand, Riedl and Konstan, *Collaborative filtering recommender systems*, 2011, section 2.1.

use crate::biases::{self, Biases};
use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Scores};
use crate::registry::{Described, non_negative};
use serde::{Deserialize, Serialize};

/// The settings of damped means. Without both dampings the score is the mean of all ratings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mean {
    /// The damping of the users' deviations, at least 0; `None` leaves users out.
    pub user_damping: Option<f64>,
    /// The damping of the items' deviations, at least 0; `None` leaves items out.
    pub item_damping: Option<f64>,
}

impl Default for Mean {
    fn default() -> Self {
        Self {
            user_damping: Some(5.0),
            item_damping: Some(5.0),
        }
    }
}

impl Described for Mean {
    const NAME: &'static str = "mean";
    const ABOUT: &'static str = "mean + damped item deviation + damped user deviation";

    fn scores(&self) -> Scores {
        Scores::Ratings
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        biases::bytes(context.users, context.items)
    }

    fn check(&self) -> Result<(), ClassicalError> {
        non_negative(Self::NAME, "user_damping", self.user_damping.unwrap_or(0.0))?;
        non_negative(Self::NAME, "item_damping", self.item_damping.unwrap_or(0.0))
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let mut model = Biases::none(context.train, context.users, context.items);
        if let Some(damping) = self.item_damping {
            model.refit_items(context.train, damping);
        }
        if let Some(damping) = self.user_damping {
            model.refit_users(context.train, damping);
        }
        model.damping = self.user_damping;
        Ok(Box::new(model))
    }
}
