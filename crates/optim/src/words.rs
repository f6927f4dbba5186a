//! Rules, losses and modes as text, with one spelling for printing, storing and typing.
//!
//! A word is a name, after a colon optionally its main setting (`sgd:0.9`, `adamw:0.01`, `huber:2`), and then,
//! separated by commas, other settings that differ from Keras's defaults: `adam:beta_1=0.8,epsilon=1e-8`.
//!
//! Here are the parts that they have in common; each kind of word has a module of its own.

mod loss;
mod mode;
mod rule;

use crate::setting::SettingError;
use std::fmt;
use thiserror::Error;

/// A word that is not a rule, loss or mode.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum WordError {
    /// No such name.
    #[error("unknown {what} `{word}`: expected {ways}")]
    Unknown {
        /// `rule`, `loss` or `mode`.
        what: &'static str,
        /// The text given.
        word: String,
        /// The valid words.
        ways: &'static str,
    },
    /// A name with an unknown setting, or with a value that is not a number.
    #[error("`{part}` in the {what} `{word}` is not a setting with a number: expected {ways}")]
    Setting {
        /// `rule` or `loss`.
        what: &'static str,
        /// The whole text given.
        word: String,
        /// The part that was not understood.
        part: String,
        /// The valid words.
        ways: &'static str,
    },
    /// A setting that is out of range.
    #[error("the {what} `{word}`: {fault}")]
    Range {
        /// `rule` or `loss`.
        what: &'static str,
        /// The text given.
        word: String,
        /// The setting and its range.
        fault: SettingError,
    },
}

/// Settings by name, and where their numbers go. The first may be given without its name.
type Settings<'a> = [(&'static str, &'a mut f64)];

/// Parses the settings after the name of a word.
fn read(
    (what, ways): (&'static str, &'static str),
    word: &str,
    bare: bool,
    settings: &mut Settings<'_>,
) -> Result<(), WordError> {
    let Some((_, given)) = word.split_once(':') else {
        return Ok(());
    };
    for (place, part) in given.split(',').enumerate() {
        let wrong = || WordError::Setting {
            what,
            word: word.to_string(),
            part: part.to_string(),
            ways,
        };
        let (number, at) = match part.split_once('=') {
            Some((name, number)) => {
                let known = settings.iter().position(|(known, _)| *known == name);
                (number, known.ok_or_else(wrong)?)
            }
            None if bare && place == 0 => (part, 0),
            None => return Err(wrong()),
        };
        *settings[at].1 = number.parse().map_err(|_| wrong())?;
    }
    Ok(())
}

/// Writes a word with the settings that differ from the defaults, the first one without its name if `bare`.
fn write(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    bare: bool,
    settings: &[(&str, f64, f64)],
) -> fmt::Result {
    f.write_str(name)?;
    let mut mark = ':';
    for (place, (name, value, default)) in settings.iter().enumerate() {
        if value == default {
            continue;
        }
        match bare && place == 0 {
            true => write!(f, "{mark}")?,
            false => write!(f, "{mark}{name}=")?,
        }
        mark = ',';
        match (1e-4..1e15).contains(&value.abs()) || *value == 0.0 {
            true => write!(f, "{value}")?,
            false => write!(f, "{value:e}")?,
        }
    }
    Ok(())
}

fn name_of(word: &str) -> &str {
    word.split_once(':').map_or(word, |(name, _)| name)
}

/// Written to files as its word; read from files as the word, or in the form `$stored`.
macro_rules! stored_as_word {
    ($type:ty, $stored:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let stored = <$stored>::deserialize(from)?;
                stored.try_into().map_err(D::Error::custom)
            }
        }
    };
}

use stored_as_word;
