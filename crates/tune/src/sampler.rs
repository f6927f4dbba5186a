//! How configurations are proposed.

use recburn_data::WordError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a study proposes configurations. Written as one word: `random`, `tpe`, `tpe:16`, `halving:3`, `grid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Sampler {
    /// Independent draws (Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 2012).
    Random,
    /// Tree-structured Parzen Estimator (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011), each
    /// parameter on its own.
    ///
    /// After `startup` random trials, the best tenth of all trials gives a density l(x) of good values and the others one of
    /// bad values, g(x); of 24 draws from l, the one with the largest l(x) / g(x) is proposed. Failed trials are bad.
    Tpe {
        /// Random trials at the beginning, at least 1.
        startup: usize,
    },
    /// Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
    /// Optimization", AISTATS 2016): random configurations start with a small budget, and the best 1 / `eta` of each rung
    /// continue with `eta` times the budget. [`Study::rungs`](crate::Study::rungs) shows the plan.
    Halving {
        /// The factor between rungs, at least 2.
        eta: usize,
    },
    /// All points of a finite space, the last parameter varying fastest.
    Grid,
}

impl Sampler {
    /// TPE after 16 random trials.
    pub const TPE: Self = Self::Tpe { startup: 16 };

    /// Successive halving, of which a third continues.
    pub const HALVING: Self = Self::Halving { eta: 3 };

    pub(crate) fn check(self) -> Result<(), WordError> {
        let wrong = match self {
            Self::Tpe { startup: 0 } => "tpe needs at least 1 random trial, not 0".to_string(),
            Self::Halving { eta: eta @ (0 | 1) } => {
                format!("halving needs a factor of at least 2, not {eta}: say halving:2")
            }
            _ => return Ok(()),
        };
        Err(WordError::Setting { wrong })
    }
}

impl FromStr for Sampler {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Unknown {
            what: "sampler",
            seen: word.to_string(),
            expected: "random, tpe, tpe:16 (random trials at the beginning), halving:3 (the factor between rungs) or grid",
        };
        let (name, number) = match word.split_once(':') {
            Some((name, number)) => (name, Some(number.parse().map_err(|_| wrong())?)),
            None => (word, None),
        };
        let sampler = match (name, number) {
            ("random", None) => Self::Random,
            ("tpe", None) => Self::TPE,
            ("tpe", Some(startup)) => Self::Tpe { startup },
            ("halving", None) => Self::HALVING,
            ("halving", Some(eta)) => Self::Halving { eta },
            ("grid", None) => Self::Grid,
            _ => return Err(wrong()),
        };
        sampler.check()?;
        Ok(sampler)
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Tpe { startup } => write!(f, "tpe:{startup}"),
            Self::Halving { eta } => write!(f, "halving:{eta}"),
            Self::Grid => f.write_str("grid"),
        }
    }
}

impl From<Sampler> for String {
    fn from(sampler: Sampler) -> Self {
        sampler.to_string()
    }
}

impl TryFrom<String> for Sampler {
    type Error = WordError;

    fn try_from(word: String) -> Result<Self, WordError> {
        word.parse()
    }
}

/// Whether small or large objectives are good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Small ones: errors, losses.
    #[default]
    Minimize,
    /// Large ones: NDCG, recall.
    Maximize,
}

impl Direction {
    /// The objective as a cost: the smaller, the better.
    pub(crate) fn cost(self, value: f64) -> f64 {
        match self {
            Self::Minimize => value,
            Self::Maximize => -value,
        }
    }
}
