//! The choice of negatives, as text.

use crate::word::WordError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The distribution from which negatives are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// All items with equal probability.
    Uniform,
    /// Proportional to the number of an item's positives to the power of `exponent`: 1 is popularity, 0.75 as in
    /// word2vec, 0 is [`Sampler::Uniform`].
    Popular {
        /// The exponent, finite and not below 0.
        exponent: f64,
    },
}

/// The negatives of each positive.
///
/// As text: `uniform:4` and `popular:4` (`popular^0.75:4`) draw four negatives per positive, `shared-uniform:100` and
/// `shared-popular:100` one hundred per batch, `in-batch` draws none, and `catalogue` uses every item.
///
/// ```
/// use recburn_data::{Negatives, Sampler};
///
/// let drawn: Negatives = "popular^0.75:4".parse()?;
/// assert_eq!(drawn, Negatives::Each { count: 4, sampler: Sampler::Popular { exponent: 0.75 } });
/// assert_eq!(drawn.to_string(), "popular^0.75:4");
/// # Ok::<(), recburn_data::WordError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Negatives {
    /// Each positive has its own negatives, drawn anew in every epoch. They follow it among the candidates. An item may
    /// be drawn twice.
    Each {
        /// The number of negatives, at least 1.
        count: usize,
        /// How they are drawn.
        sampler: Sampler,
    },
    /// All positives of a batch share its candidates: each other's items, and others drawn for the batch. Candidates
    /// are distinct, and `log_q` holds the logarithm of the probability that each is present (Yang et al. 2020, mixed
    /// negative sampling).
    Shared {
        /// The number drawn per batch; 0 for only the batch's own positives (in-batch negatives, Yi et al. 2019).
        count: usize,
        /// How they are drawn.
        sampler: Sampler,
    },
    /// All positives share one list of candidates: all items, by row.
    Catalogue,
}

impl Negatives {
    /// The batch's own positives are each other's negatives.
    pub const IN_BATCH: Self = Self::Shared {
        count: 0,
        sampler: Sampler::Uniform,
    };

    /// This many negatives per positive, drawn uniformly.
    pub fn uniform(count: usize) -> Self {
        let sampler = Sampler::Uniform;
        Self::Each { count, sampler }
    }

    /// This many negatives per positive, drawn in proportion to popularity.
    pub fn popular(count: usize) -> Self {
        let sampler = Sampler::Popular { exponent: 1.0 };
        Self::Each { count, sampler }
    }

    /// Checks the settings.
    pub(crate) fn checked(self) -> Result<Self, WordError> {
        let sampler = match self {
            Self::Each { count: 0, .. } => {
                let wrong = "at least one negative is needed for each positive".to_string();
                return Err(WordError::Setting { wrong });
            }
            Self::Each { sampler, .. } | Self::Shared { sampler, .. } => sampler,
            Self::Catalogue => return Ok(self),
        };
        match sampler {
            Sampler::Popular { exponent } if !exponent.is_finite() || exponent < 0.0 => {
                let wrong = format!(
                    "the exponent of a popularity is finite and not below 0, not {exponent}"
                );
                Err(WordError::Setting { wrong })
            }
            Sampler::Popular { .. } | Sampler::Uniform => Ok(self),
        }
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::Popular { exponent: 1.0 } => f.write_str("popular"),
            Self::Popular { exponent } => write!(f, "popular^{exponent}"),
        }
    }
}

impl fmt::Display for Negatives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Each { count, sampler } => write!(f, "{sampler}:{count}"),
            Self::Shared { count: 0, .. } => f.write_str("in-batch"),
            Self::Shared { count, sampler } => write!(f, "shared-{sampler}:{count}"),
            Self::Catalogue => f.write_str("catalogue"),
        }
    }
}

impl FromStr for Negatives {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let unknown = || WordError::Unknown {
            what: "way to take negatives",
            seen: word.to_string(),
            expected: "uniform:4, popular:4, popular^0.75:4, shared-uniform:100, shared-popular:100, in-batch or catalogue",
        };
        match word {
            "in-batch" => return Ok(Self::IN_BATCH),
            "catalogue" => return Ok(Self::Catalogue),
            _ => {}
        }
        let (how, count) = word.split_once(':').ok_or_else(unknown)?;
        let count = count.parse().map_err(|_| unknown())?;
        let (shared, how) = match how.strip_prefix("shared-") {
            Some(how) => (true, how),
            None => (false, how),
        };
        let sampler = match how.split_once('^') {
            None if how == "uniform" => Sampler::Uniform,
            None if how == "popular" => Sampler::Popular { exponent: 1.0 },
            Some(("popular", exponent)) => Sampler::Popular {
                exponent: exponent.parse().map_err(|_| unknown())?,
            },
            _ => return Err(unknown()),
        };
        match shared {
            true => Self::Shared { count, sampler },
            false => Self::Each { count, sampler },
        }
        .checked()
    }
}

impl From<Negatives> for String {
    fn from(negatives: Negatives) -> Self {
        negatives.to_string()
    }
}

impl TryFrom<String> for Negatives {
    type Error = WordError;

    fn try_from(word: String) -> Result<Self, WordError> {
        word.parse()
    }
}
