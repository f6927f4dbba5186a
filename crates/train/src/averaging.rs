//! Averages of weights over epochs, as a setting.

use recburn_optim::{SettingError, WordError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

const WHAT: &str = "averaging";
const WAYS: &str = "swa:EPOCH or ema:DECAY";

/// An average of the weights at the ends of epochs, set with [`Trainer::average`](crate::Trainer::average).
///
/// With `w_t` the weights that training has at the end of epoch `t`, counted from 1 over all fits:
///
/// | word | average after epoch `t` | source |
/// | --- | --- | --- |
/// | `swa:F` | `sum(w_F..=w_t) / (t - F + 1)`, from epoch `F` | stochastic weight averaging, Izmailov et al. 2018 |
/// | `ema:D` | `(1 - D) * sum(D^(t-i) * w_i) / (1 - D^t)`, `i` in `1..=t` | exponential mean, Polyak and Juditsky 1992; bias correction as in Adam, Kingma and Ba 2015 |
///
/// The correction `1 - D^t` makes the exponential mean one of the weights seen so far: after the first epoch it is those
/// weights. Both are updated as `average + a * (w_t - average)`, with `a = 1 / (t - F + 1)` or `a = (1 - D) / (1 - D^t)`,
/// computed in `f64` and stored in `f32`.
///
/// Every float parameter is averaged: all rows of all tables, kernels and biases, and also the moving means and variances
/// of batch normalisation. (Izmailov et al. instead compute those anew in another pass over the training data.)
///
/// ```
/// use recburn_train::Averaging;
///
/// assert_eq!("swa:5".parse(), Ok(Averaging::Swa { from: 5 }));
/// assert_eq!(Averaging::Ema { decay: 0.9 }.to_string(), "ema:0.9");
/// assert!("ema:1".parse::<Averaging>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// The mean over all epochs from `from` on, which is at least 1.
    Swa {
        /// The first epoch of the mean.
        from: usize,
    },
    /// The exponential mean over all epochs.
    Ema {
        /// The share of the average that an epoch leaves, above 0 and below 1.
        decay: f64,
    },
}

impl Averaging {
    /// Checks the ranges.
    ///
    /// # Errors
    /// A first epoch of 0, or a decay outside (0, 1).
    pub fn check(&self) -> Result<(), SettingError> {
        match *self {
            Self::Swa { from: 0 } => Err(SettingError {
                what: "the first averaged epoch",
                wanted: "1 or more",
                seen: 0.0,
            }),
            Self::Ema { decay } if !(decay > 0.0 && decay < 1.0) => Err(SettingError {
                what: "the decay of averaged weights",
                wanted: "above 0 and below 1",
                seen: decay,
            }),
            Self::Swa { .. } | Self::Ema { .. } => Ok(()),
        }
    }

    /// Whether the weights at the end of this epoch are averaged.
    pub(crate) fn includes(&self, epoch: usize) -> bool {
        match *self {
            Self::Swa { from } => epoch >= from,
            Self::Ema { .. } => true,
        }
    }

    /// The share of the newest of `count` averaged epochs.
    pub(crate) fn share_of_newest(&self, count: usize) -> f64 {
        match *self {
            Self::Swa { .. } => 1.0 / count as f64,
            // Exactly 1 for the first.
            Self::Ema { decay } => (1.0 - decay) / (1.0 - decay.powf(count as f64)),
        }
    }
}

impl fmt::Display for Averaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Swa { from } => write!(f, "swa:{from}"),
            Self::Ema { decay } => write!(f, "ema:{decay}"),
        }
    }
}

impl FromStr for Averaging {
    type Err = WordError;

    /// `swa:EPOCH` or `ema:DECAY`.
    fn from_str(word: &str) -> Result<Self, WordError> {
        let (name, number) = word.split_once(':').unwrap_or((word, ""));
        let not_a_number = || WordError::Setting {
            what: WHAT,
            word: word.to_string(),
            part: number.to_string(),
            ways: WAYS,
        };
        let averaging = match name {
            "swa" | "ema" if number.is_empty() => Err(WordError::Unknown {
                what: WHAT,
                word: word.to_string(),
                ways: WAYS,
            }),
            "swa" => match number.parse() {
                Ok(from) => Ok(Self::Swa { from }),
                Err(_) => Err(not_a_number()),
            },
            "ema" => match number.parse() {
                Ok(decay) => Ok(Self::Ema { decay }),
                Err(_) => Err(not_a_number()),
            },
            _ => Err(WordError::Unknown {
                what: WHAT,
                word: word.to_string(),
                ways: WAYS,
            }),
        }?;
        match averaging.check() {
            Ok(()) => Ok(averaging),
            Err(fault) => Err(WordError::Range {
                what: WHAT,
                word: word.to_string(),
                fault,
            }),
        }
    }
}

impl Serialize for Averaging {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Averaging {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(D::Error::custom)
    }
}
