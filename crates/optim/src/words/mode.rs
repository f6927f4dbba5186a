//! Modes as words.

use super::{WordError, stored_as_word};
use crate::mode::Mode;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

const MODES: (&str, &str) = ("mode", "exact or touched");

impl FromStr for Mode {
    type Err = WordError;

    /// `exact` or `touched`.
    fn from_str(word: &str) -> Result<Self, WordError> {
        match word {
            "exact" => Ok(Self::Exact),
            "touched" => Ok(Self::Touched),
            _ => Err(WordError::Unknown {
                what: MODES.0,
                word: word.to_string(),
                ways: MODES.1,
            }),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Touched => "touched",
        })
    }
}

/// A mode in a file: a word.
#[derive(Deserialize)]
struct StoredMode(String);

impl TryFrom<StoredMode> for Mode {
    type Error = WordError;

    fn try_from(StoredMode(word): StoredMode) -> Result<Self, WordError> {
        word.parse()
    }
}

stored_as_word!(Mode, StoredMode);
