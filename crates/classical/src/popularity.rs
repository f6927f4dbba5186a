//! Popularity: `score(user, item) = number of ratings of the item`, the same for every user.

use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Scores};
use crate::profile;
use crate::registry::Described;
use crate::saved::Saved;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// Popularity has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Popularity {}

/// The counts of a fitted popularity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// The number of ratings of each item.
    counts: Vec<f32>,
}

impl Described for Popularity {
    const NAME: &'static str = "popularity";
    const ABOUT: &'static str = "number of ratings of the item";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        context.items as u64 * 4
    }

    fn check(&self) -> Result<(), ClassicalError> {
        Ok(())
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let mut counts = vec![0.0; context.items];
        for item in &context.train.items {
            counts[item.index()] += 1.0;
        }
        Ok(Box::new(Counts { counts }))
    }
}

impl Fitted for Counts {
    fn predict(&self, _: UserIx, item: ItemIx) -> f32 {
        profile::at(&self.counts, item)
    }

    fn score_all(&self, _: UserIx, into: &mut [f32]) {
        profile::fill(&self.counts, into);
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.counts.len(), into)?;
        profile::fill(&self.counts, into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::Counts(self.clone())
    }
}
