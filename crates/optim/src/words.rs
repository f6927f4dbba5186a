//! Rules, losses and modes as text, with one spelling for printing, storing and typing.
//!
//! A word is a name, after a colon optionally its main setting (`sgd:0.9`, `adamw:0.01`, `huber:2`), and then,
//! separated by commas, other settings that differ from Keras's defaults: `adam:beta_1=0.8,epsilon=1e-8`.

use crate::loss::Loss;
use crate::mode::Mode;
use crate::rule::Rule;
use crate::setting::SettingError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;
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

const RULES: (&str, &str) = (
    "rule",
    "adam, adamw[:DECAY], adagrad or sgd[:MOMENTUM], and further settings such as beta_1=0.8 after a comma",
);
const LOSSES: (&str, &str) = (
    "loss",
    "mse, mae, huber[:DELTA], logistic, bpr, hinge or softmax",
);
const MODES: (&str, &str) = ("mode", "exact or touched");

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

impl FromStr for Rule {
    type Err = WordError;

    /// `adam`, `adamw[:DECAY]`, `adagrad` or `sgd[:MOMENTUM]`, with Keras's defaults.
    fn from_str(word: &str) -> Result<Self, WordError> {
        let (mut rule, bare) = match name_of(word) {
            "adam" => (Self::ADAM, false),
            "adamw" => (Self::ADAMW, true),
            "adagrad" => (Self::ADAGRAD, false),
            "sgd" => (Self::sgd(0.0), true),
            _ => {
                return Err(WordError::Unknown {
                    what: RULES.0,
                    word: word.to_string(),
                    ways: RULES.1,
                });
            }
        };
        match &mut rule {
            Self::Sgd { momentum } => read(RULES, word, bare, &mut [("momentum", momentum)])?,
            Self::Adam {
                beta_1,
                beta_2,
                epsilon,
            } => read(
                RULES,
                word,
                bare,
                &mut [("beta_1", beta_1), ("beta_2", beta_2), ("epsilon", epsilon)],
            )?,
            Self::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            } => read(
                RULES,
                word,
                bare,
                &mut [
                    ("weight_decay", weight_decay),
                    ("beta_1", beta_1),
                    ("beta_2", beta_2),
                    ("epsilon", epsilon),
                ],
            )?,
            Self::AdaGrad {
                initial_accumulator_value: start,
                epsilon,
            } => read(
                RULES,
                word,
                bare,
                &mut [("initial_accumulator_value", start), ("epsilon", epsilon)],
            )?,
        }
        match rule.check() {
            Ok(()) => Ok(rule),
            Err(fault) => Err(WordError::Range {
                what: RULES.0,
                word: word.to_string(),
                fault,
            }),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Sgd { momentum } => write(f, "sgd", true, &[("momentum", momentum, 0.0)]),
            Self::Adam {
                beta_1,
                beta_2,
                epsilon,
            } => write(f, "adam", false, &of_adam(beta_1, beta_2, epsilon)),
            Self::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            } => {
                let [one, two, three] = of_adam(beta_1, beta_2, epsilon);
                let decay = ("weight_decay", weight_decay, 0.004);
                write(f, "adamw", true, &[decay, one, two, three])
            }
            Self::AdaGrad {
                initial_accumulator_value: start,
                epsilon,
            } => write(
                f,
                "adagrad",
                false,
                &[
                    ("initial_accumulator_value", start, 0.1),
                    ("epsilon", epsilon, 1e-7),
                ],
            ),
        }
    }
}

fn of_adam(beta_1: f64, beta_2: f64, epsilon: f64) -> [(&'static str, f64, f64); 3] {
    [
        ("beta_1", beta_1, 0.9),
        ("beta_2", beta_2, 0.999),
        ("epsilon", epsilon, 1e-7),
    ]
}

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

/// A rule in a file: a word, or a table of its settings.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a rule is adam, adamw[:DECAY], adagrad, sgd[:MOMENTUM] or a table with its settings"
)]
enum StoredRule {
    Word(String),
    Settings(RuleSettings),
}

/// A rule as a table of settings, with the fields of [`Rule`].
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum RuleSettings {
    Sgd {
        momentum: f64,
    },
    Adam {
        beta_1: f64,
        beta_2: f64,
        epsilon: f64,
    },
    #[serde(rename = "adamw")]
    AdamW {
        beta_1: f64,
        beta_2: f64,
        epsilon: f64,
        weight_decay: f64,
    },
    #[serde(rename = "adagrad")]
    AdaGrad {
        initial_accumulator_value: f64,
        epsilon: f64,
    },
}

impl TryFrom<StoredRule> for Rule {
    type Error = WordError;

    fn try_from(stored: StoredRule) -> Result<Self, WordError> {
        Ok(match stored {
            StoredRule::Word(word) => return word.parse(),
            StoredRule::Settings(RuleSettings::Sgd { momentum }) => Self::Sgd { momentum },
            StoredRule::Settings(RuleSettings::Adam {
                beta_1,
                beta_2,
                epsilon,
            }) => Self::Adam {
                beta_1,
                beta_2,
                epsilon,
            },
            StoredRule::Settings(RuleSettings::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            }) => Self::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            },
            StoredRule::Settings(RuleSettings::AdaGrad {
                initial_accumulator_value,
                epsilon,
            }) => Self::AdaGrad {
                initial_accumulator_value,
                epsilon,
            },
        })
    }
}

stored_as_word!(Rule, StoredRule);

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
stored_as_word!(Mode, StoredMode);

/// A mode in a file: a word.
#[derive(Deserialize)]
struct StoredMode(String);

impl TryFrom<StoredMode> for Mode {
    type Error = WordError;

    fn try_from(StoredMode(word): StoredMode) -> Result<Self, WordError> {
        word.parse()
    }
}
