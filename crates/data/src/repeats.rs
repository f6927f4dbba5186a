//! The treatment of pairs of user and item that are rated more than once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, thousands};
use crate::error::DataError;
use crate::groups::Groups;
use crate::ratings::Ratings;
use crate::shown::shown;
use crate::word::WordError;

/// The policy for several ratings of one user and item.
///
/// As text: `keep`, `first`, `last`, `mean`, `error`. First and last are by time and, for equal or missing times, by
/// the order in the file; a rating without a time comes before those with one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// All are kept as separate ratings. [`Dataset::duplicates`] counts them.
    #[default]
    Keep,
    /// The first one is kept.
    First,
    /// The last one is kept.
    Last,
    /// The last one is kept, with the mean of all as its rating.
    Mean,
    /// They are an error.
    Error,
}

impl Repeats {
    const ALL: [Self; 5] = [Self::Keep, Self::First, Self::Last, Self::Mean, Self::Error];

    /// The text form.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::First => "first",
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Error => "error",
        }
    }

    /// Keeps one row per pair among these rows of the data set, which remain ascending, and replaces ratings by means.
    pub(crate) fn settle(
        self,
        dataset: &Dataset,
        rows: &mut Vec<u32>,
        ratings: &mut Cow<'_, Ratings>,
    ) -> Result<(), DataError> {
        // Nearly all data sets contain each pair once, and a subset cannot have more repeats.
        if self == Self::Keep || dataset.duplicates == 0 {
            return Ok(());
        }
        let all = &dataset.ratings;
        let users: Vec<_> = rows.iter().map(|&row| all.users[row as usize]).collect();
        let times = all.timestamps.as_deref();
        let item = |row: u32| all.items[row as usize];
        let time = |row: u32| times.and_then(|times| times.get(row as usize));
        let mut kept = Vec::with_capacity(rows.len());
        let mut own = Vec::new();
        let mut repeated: Vec<[u32; 2]> = Vec::new();
        for places in Groups::of(users.iter().map(|user| user.0)).iter() {
            own.clear();
            own.extend(places.iter().map(|&place| rows[place as usize]));
            own.sort_unstable_by_key(|&row| (item(row), time(row), row));
            for pair in own.chunk_by(|&row, &next| item(row) == item(next)) {
                let (first, last) = (pair[0], pair[pair.len() - 1]);
                if pair.len() > 1 && self == Self::Error {
                    let mut in_file = pair.to_vec();
                    in_file.sort_unstable();
                    repeated.push([in_file[0], in_file[1]]);
                }
                if pair.len() > 1 && self == Self::Mean {
                    let sum: f64 = pair
                        .iter()
                        .map(|&row| f64::from(ratings.ratings[row as usize]))
                        .sum();
                    ratings.to_mut().ratings[last as usize] = (sum / pair.len() as f64) as f32;
                }
                kept.push(if self == Self::First { first } else { last });
            }
        }
        if let Some(rows) = repeated.iter().min() {
            return Err(refusal(dataset, *rows, repeated.len()));
        }
        kept.sort_unstable();
        *rows = kept;
        Ok(())
    }
}

/// The error for the first of several pairs that are rated twice.
fn refusal(dataset: &Dataset, rows: [u32; 2], pairs: usize) -> DataError {
    let ratings = &dataset.ratings;
    let user = dataset.users.id(ratings.users[rows[0] as usize]);
    let item = dataset.items.id(ratings.items[rows[0] as usize]);
    DataError::Repeated {
        user: shown(&user.unwrap_or_default()).into_owned(),
        item: shown(&item.unwrap_or_default()).into_owned(),
        rows: rows.map(|row| row as usize + 1),
        more: match pairs {
            1 => String::new(),
            _ => format!(", and {} more pairs are repeated", thousands(pairs - 1)),
        },
    }
}

impl fmt::Display for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Repeats {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let found = Self::ALL
            .into_iter()
            .find(|policy| policy.word() == word.trim());
        found.ok_or_else(|| WordError::Unknown {
            what: "policy for repeated pairs",
            seen: word.to_string(),
            expected: "keep, first, last, mean or error",
        })
    }
}
