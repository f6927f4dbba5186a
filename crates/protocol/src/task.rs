//! What a protocol asks of a model, and the rules by which it is measured.

use serde::{Deserialize, Serialize};

/// What is asked of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "asks", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// The rating of each test row, measured by [`recburn_metrics::rating_report`].
    Ratings {
        /// Whether predictions are clipped to the scale of the ratings before anything is measured. Without it, the clipped
        /// measures are given next to the others.
        clip: bool,
    },
    /// A ranked list for each user with a test row, measured by [`recburn_metrics::RankingEvaluator`]. The user's items of the
    /// training and validation parts are never candidates.
    Ranking {
        /// The lengths of the lists. The first is that of the main measures.
        at: Vec<usize>,
        /// Which items are ranked.
        candidates: Candidates,
        /// The order of items with equal scores.
        ties: TieRule,
        /// Which test rows are relevant.
        positives: Positives,
    },
}

/// The items that are ranked for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Candidates {
    /// All items of the catalogue, also those without training ratings, except the user's training and validation items.
    Full,
    /// The user's test items and a sample of items that the user has not rated.
    Sampled {
        /// The number of sampled items per user; all, where there are fewer.
        negatives: usize,
        /// The seed: a user's sample is the items with the smallest [`recburn_data::row_key`]s, so it is the same for every
        /// model and in every program.
        seed: u64,
    },
}

/// The order of candidates with equal scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// Ascending rows of the item table, which are in the order of the ids.
    #[default]
    ItemRow,
}

/// The test rows that count as relevant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Positives {
    /// Every row, whatever its rating.
    #[default]
    Every,
    /// Rows whose rating is at least this. The training part keeps all rows; a [`Filter`](recburn_data::Filter) would remove
    /// them there, too.
    AtLeast(f32),
}

/// What becomes of test rows whose user or item does not occur in the training and validation parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColdRows {
    /// They count like all others; the measures of warm and cold rows are given separately as well.
    #[default]
    Count,
    /// They are left out.
    LeaveOut,
}

/// How choices are made without the test part.
///
/// Settings and numbers of epochs are chosen on a validation part. Where the split has none, it is cut from the training
/// part: of its `n` rows, the `round(share * n)` with the smallest [`row_key`](recburn_data::row_key)s for the seed
/// `splitmix64(seed of the split)`. Models that need no validation part are fitted to both parts together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The share of the training part that is cut off where the split has no validation part, in (0, 1).
    pub share: f64,
    /// Whether a model that chose its number of epochs on the validation part is fitted again, for as many epochs, to
    /// both parts together.
    pub refit: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            share: 0.1,
            refit: true,
        }
    }
}

impl Task {
    /// Predicted ratings, not clipped.
    pub const RATINGS: Self = Self::Ratings { clip: false };

    /// Lists of 10 and 20 items from the full catalogue, every test row being relevant.
    pub fn full_ranking() -> Self {
        Self::ranking(Candidates::Full)
    }

    pub(crate) fn ranking(candidates: Candidates) -> Self {
        Self::Ranking {
            at: vec![10, 20],
            candidates,
            ties: TieRule::ItemRow,
            positives: Positives::Every,
        }
    }

    /// The measures by which models are compared: the first is the headline.
    pub fn main_measures(&self) -> Vec<String> {
        match self {
            Self::Ratings { .. } => vec!["rmse".to_string(), "user_rmse".to_string()],
            Self::Ranking { at, .. } => {
                let k = at.first().copied().unwrap_or(10);
                ["ndcg", "recall"].map(|name| format!("{name}@{k}")).into()
            }
        }
    }

    /// The measures of which a card keeps every user's value.
    pub fn user_measures(&self) -> Vec<String> {
        match self {
            Self::Ratings { .. } => ["user_rmse", "user_mae"].map(String::from).into(),
            Self::Ranking { at, .. } => {
                let k = at.first().copied().unwrap_or(10);
                let names = ["ndcg", "recall", "hit", "mrr"];
                names.map(|name| format!("{name}@{k}")).into()
            }
        }
    }
}

/// Whether smaller values of a measure are better: those of errors.
pub fn smaller_is_better(measure: &str) -> bool {
    ["rmse", "mae", "mse"]
        .iter()
        .any(|error| measure.split('_').any(|part| part == *error))
}
