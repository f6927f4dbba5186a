//! Losses as words, and as tables of their settings in files.

use super::{WordError, name_of, read, stored_as_word, write};
use crate::loss::Loss;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

const LOSSES: (&str, &str) = (
    "loss",
    "mse, mae, huber[:DELTA], logistic, bpr, hinge or softmax",
);

impl FromStr for Loss {
    type Err = WordError;

    /// `mse`, `mae`, `huber[:DELTA]` with Keras's defaults, `logistic`, `bpr`, `hinge` or `softmax`.
    fn from_str(word: &str) -> Result<Self, WordError> {
        let mut loss = match name_of(word) {
            "mse" => Self::Mse,
            "mae" => Self::Mae,
            "huber" => Self::HUBER,
            "logistic" => Self::Logistic,
            "bpr" => Self::Bpr,
            "hinge" => Self::Hinge,
            "softmax" => Self::Softmax,
            _ => {
                return Err(WordError::Unknown {
                    what: LOSSES.0,
                    word: word.to_string(),
                    ways: LOSSES.1,
                });
            }
        };
        match &mut loss {
            Self::Huber { delta } => read(LOSSES, word, true, &mut [("delta", delta)])?,
            Self::Mse | Self::Mae | Self::Logistic | Self::Bpr | Self::Hinge | Self::Softmax => {
                read(LOSSES, word, false, &mut [])?
            }
        }
        match loss.check() {
            Ok(()) => Ok(loss),
            Err(fault) => Err(WordError::Range {
                what: LOSSES.0,
                word: word.to_string(),
                fault,
            }),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Mse => f.write_str("mse"),
            Self::Mae => f.write_str("mae"),
            Self::Huber { delta } => write(f, "huber", true, &[("delta", delta, 1.0)]),
            Self::Logistic => f.write_str("logistic"),
            Self::Bpr => f.write_str("bpr"),
            Self::Hinge => f.write_str("hinge"),
            Self::Softmax => f.write_str("softmax"),
        }
    }
}

/// A loss in a file: a word, or a table of its settings.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a loss is mse, mae, huber[:DELTA], logistic, bpr, hinge, softmax or a table with its settings"
)]
enum StoredLoss {
    Word(String),
    Settings(LossSettings),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum LossSettings {
    Huber { delta: f64 },
}

impl TryFrom<StoredLoss> for Loss {
    type Error = WordError;

    fn try_from(stored: StoredLoss) -> Result<Self, WordError> {
        match stored {
            StoredLoss::Word(word) => word.parse(),
            StoredLoss::Settings(LossSettings::Huber { delta }) => Ok(Self::Huber { delta }),
        }
    }
}

stored_as_word!(Loss, StoredLoss);
