//! Parts that several requests and answers have.

use crate::extract::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rating of the request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rated {
    /// The item's id.
    pub item: Id,
    /// The rating, on the scale of the data.
    #[schema(example = 4.5)]
    pub rating: f64,
}

/// Ratings as the library takes them.
pub(crate) fn pairs(ratings: &[Rated]) -> Vec<(&str, f32)> {
    ratings
        .iter()
        .map(|one| (one.item.0.as_str(), one.rating as f32))
        .collect()
}

/// What to do for somebody of whom nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fallback {
    /// Answer with an error.
    #[default]
    None,
    /// Answer with the most rated items, and say so in `source`.
    Popular,
}

impl std::str::FromStr for Fallback {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "none" => Ok(Self::None),
            "popular" => Ok(Self::Popular),
            _ => Err(()),
        }
    }
}

/// What an answer is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerSource {
    /// What the model has learnt of the user.
    Model,
    /// Ratings of the request or of the journal, folded in.
    FoldIn,
    /// How often items were rated: the same for everybody.
    Popular,
    /// The mean training rating of the item.
    ItemMean,
    /// The mean of all training ratings.
    GlobalMean,
    /// Nothing: the scores of the model are not ratings, and there is none for an id that it does not know.
    None,
}
