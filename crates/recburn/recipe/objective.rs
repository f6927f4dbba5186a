//! The training examples and the validation measure, as text.

use recburn_optim::WordError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kind of training examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleKind {
    /// A rating.
    #[default]
    Ratings,
    /// All ratings of a user: a batch of 64 has 64 users.
    WholeUsers,
    /// All ratings of an item.
    WholeItems,
    /// All items of a user as positives among the catalogue: a batch of 64 has 64 users.
    Profiles,
    /// A rated pair, whatever the rating, with sampled negatives.
    Positives,
    /// The next item at every position of a user's history, with negatives.
    NextItem,
}

impl ExampleKind {
    const ALL: [Self; 6] = [
        Self::Ratings,
        Self::WholeUsers,
        Self::WholeItems,
        Self::Profiles,
        Self::Positives,
        Self::NextItem,
    ];

    /// Whether examples are positives, whose rating values are ignored, so that scores are not ratings.
    pub fn are_positives(self) -> bool {
        match self {
            Self::Profiles | Self::Positives | Self::NextItem => true,
            Self::Ratings | Self::WholeUsers | Self::WholeItems => false,
        }
    }

    /// Whether positives have negatives of their own, rather than the rest of the catalogue.
    pub fn have_negatives(self) -> bool {
        match self {
            Self::Positives | Self::NextItem => true,
            Self::Ratings | Self::WholeUsers | Self::WholeItems | Self::Profiles => false,
        }
    }

    /// Whether this is the default.
    pub(crate) fn is_ratings(&self) -> bool {
        *self == Self::Ratings
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ratings => "ratings",
            Self::WholeUsers => "whole-users",
            Self::WholeItems => "whole-items",
            Self::Profiles => "profiles",
            Self::Positives => "positives",
            Self::NextItem => "next-item",
        }
    }
}

impl fmt::Display for ExampleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for ExampleKind {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.word() == word)
            .ok_or_else(|| WordError::Unknown {
                what: "kind of examples",
                word: word.to_string(),
                ways: "ratings, whole-users, whole-items, profiles, positives or next-item",
            })
    }
}

/// The name of a validation measure: `loss`, `rmse` or `mae` of scores, or `ndcg@K`, `recall@K`, `hit@K` or `mrr@K` of
/// the lists of all users, where `K` is the length of the list.
///
/// ```
/// use recburn::recipe::Watch;
///
/// let watch: Watch = "ndcg@20".parse()?;
/// assert_eq!((watch.name(), watch.at(), watch.highest_is_best()), ("ndcg@20", Some(20), true));
/// # Ok::<(), recburn::optim::WordError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Watch {
    name: String,
    at: Option<usize>,
}

impl Watch {
    /// The default length of lists.
    pub const LENGTH: usize = 10;

    /// The name, as in the history.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The length of the evaluated list; `None` for a measure of scores.
    pub fn at(&self) -> Option<usize> {
        self.at
    }

    /// Whether higher is better, as for all measures of lists; lower is better for a loss or an error.
    pub fn highest_is_best(&self) -> bool {
        self.at.is_some()
    }

    /// Whether this is an error of predicted ratings.
    pub fn is_of_ratings(&self) -> bool {
        matches!(self.name.as_str(), "rmse" | "mae")
    }
}

/// `ndcg@10`.
impl Default for Watch {
    fn default() -> Self {
        Self {
            name: format!("ndcg@{}", Self::LENGTH),
            at: Some(Self::LENGTH),
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for Watch {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let at = match word.split_once('@') {
            None if matches!(word, "loss" | "rmse" | "mae") => Some(None),
            Some(("ndcg" | "recall" | "hit" | "mrr", at)) => {
                // Only in printed form: a sign or a leading zero would make it a different name.
                let at = at.parse::<usize>().ok().filter(|at| *at > 0);
                at.filter(|at| word.ends_with(&format!("@{at}"))).map(Some)
            }
            _ => None,
        };
        match at {
            Some(at) => Ok(Self {
                name: word.to_string(),
                at,
            }),
            None => Err(WordError::Unknown {
                what: "measure",
                word: word.to_string(),
                ways: "loss, rmse, mae, ndcg@K, recall@K, hit@K or mrr@K, such as ndcg@10",
            }),
        }
    }
}

impl TryFrom<String> for Watch {
    type Error = WordError;

    fn try_from(word: String) -> Result<Self, WordError> {
        word.parse()
    }
}

impl From<Watch> for String {
    fn from(watch: Watch) -> Self {
        watch.name
    }
}
