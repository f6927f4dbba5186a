//! Rules as words, and as tables of their settings in files.

use super::{WordError, name_of, read, stored_as_word, write};
use crate::rule::Rule;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

const RULES: (&str, &str) = (
    "rule",
    "adam, adamw[:DECAY], adagrad, rowwise_adagrad or sgd[:MOMENTUM], and further settings such as beta_1=0.8 after a comma",
);

impl FromStr for Rule {
    type Err = WordError;

    /// `adam`, `adamw[:DECAY]`, `adagrad`, `rowwise_adagrad` or `sgd[:MOMENTUM]`, with Keras's or FBGEMM's defaults.
    fn from_str(word: &str) -> Result<Self, WordError> {
        let (mut rule, bare) = match name_of(word) {
            "adam" => (Self::ADAM, false),
            "adamw" => (Self::ADAMW, true),
            "adagrad" => (Self::ADAGRAD, false),
            "rowwise_adagrad" => (Self::ROWWISE_ADAGRAD, false),
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
            }
            | Self::RowwiseAdaGrad {
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
            Self::RowwiseAdaGrad {
                initial_accumulator_value: start,
                epsilon,
            } => write(
                f,
                "rowwise_adagrad",
                false,
                &[
                    ("initial_accumulator_value", start, 0.0),
                    ("epsilon", epsilon, 1e-8),
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

/// A rule in a file: a word, or a table of its settings.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a rule is adam, adamw[:DECAY], adagrad, rowwise_adagrad, sgd[:MOMENTUM] or a table with its settings"
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
    #[serde(rename = "rowwise_adagrad")]
    RowwiseAdaGrad {
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
            StoredRule::Settings(RuleSettings::RowwiseAdaGrad {
                initial_accumulator_value,
                epsilon,
            }) => Self::RowwiseAdaGrad {
                initial_accumulator_value,
                epsilon,
            },
        })
    }
}

stored_as_word!(Rule, StoredRule);
