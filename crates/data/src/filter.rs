//! Filters applied before a split: rare users and items, and low ratings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::repeats::Repeats;
use crate::word::WordError;

/// One step of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterStep {
    /// Keeps ratings by users with at least this many.
    Users(usize),
    /// Keeps ratings of items with at least this many.
    Items(usize),
    /// Keeps ratings that are at least this high.
    Rating(f32),
    /// Resolves repeated ratings of one user and item.
    Repeats(Repeats),
}

impl fmt::Display for FilterStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users(least) => write!(f, "users>={least}"),
            Self::Items(least) => write!(f, "items>={least}"),
            Self::Rating(least) => write!(f, "rating>={least}"),
            Self::Repeats(policy) => write!(f, "repeats={policy}"),
        }
    }
}

/// A sequence of steps, each of which removes some ratings.
///
/// As text: `rating>=4,users>=5,items>=5`, in the order in which they are applied. A later step may bring users below
/// the threshold of an earlier one; `users>=5,items>=5,repeat` repeats the steps until nothing changes, which leaves
/// the k-core. `repeats=last` (or `first`, `mean`, `error`: see [`Repeats`]) leaves one rating per pair of user and
/// item, and usually comes first: `repeats=last,users>=5`. Serialised as that text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "String")]
pub struct Filter {
    /// The steps, in the order in which they are applied.
    pub steps: Vec<FilterStep>,
    /// Whether the steps are repeated until none removes anything.
    pub repeat: bool,
}

/// A filter in a file: its text, or an object in older files.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Object {
        steps: Vec<FilterStep>,
        #[serde(default)]
        repeat: bool,
    },
}

impl TryFrom<Stored> for Filter {
    type Error = WordError;

    fn try_from(stored: Stored) -> Result<Self, WordError> {
        match stored {
            // A filter without steps, which the command line does not accept.
            Stored::Text(text) if text.is_empty() => Ok(Self::default()),
            Stored::Text(text) => text.parse(),
            Stored::Object { steps, repeat } => Ok(Self { steps, repeat }),
        }
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.steps.iter().map(FilterStep::to_string).collect();
        if self.repeat {
            parts.push("repeat".to_string());
        }
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Filter {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Unknown {
            what: "filter",
            seen: word.to_string(),
            expected: "users>=5, items>=5, rating>=4 or repeats=last (or first, mean, error), several of them \
                       separated by commas, and repeat at the end to apply them until nothing changes",
        };
        let mut filter = Self::default();
        let mut parts: Vec<&str> = word.split(',').map(str::trim).collect();
        if parts.last() == Some(&"repeat") {
            parts.pop();
            filter.repeat = true;
        }
        for part in parts {
            if let Some(policy) = part.strip_prefix("repeats=") {
                filter.steps.push(FilterStep::Repeats(policy.parse()?));
                continue;
            }
            let (name, least) = part.split_once(">=").ok_or_else(wrong)?;
            let (name, least) = (name.trim(), least.trim());
            filter.steps.push(match name {
                "users" => FilterStep::Users(least.parse().map_err(|_| wrong())?),
                "items" => FilterStep::Items(least.parse().map_err(|_| wrong())?),
                "rating" => {
                    let least: f32 = least.parse().map_err(|_| wrong())?;
                    FilterStep::Rating(
                        Some(least)
                            .filter(|least| least.is_finite())
                            .ok_or_else(wrong)?,
                    )
                }
                _ => return Err(wrong()),
            });
        }
        match filter.steps.is_empty() {
            true => Err(wrong()),
            false => Ok(filter),
        }
    }
}
