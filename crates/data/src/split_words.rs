//! Splits as people write them.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::split_kind::{RowOrder, SplitKind, TestPart, Ties};
use crate::split_kind::{check_fold, check_left_out, check_share, tidy};
use crate::word::WordError;

/// What stands for a split in a file: its text, or the object that older files have.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Object(Object),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Object {
    Fraction { train: f64 },
    Mask { train: f64 },
    ByUser { train: f64, order: RowOrder },
    ByTime { train: f64 },
    LeaveLastOut { count: usize },
    KFold { folds: usize, fold: usize },
    Given { train: PathBuf, valid: PathBuf },
}

impl<'de> Deserialize<'de> for SplitKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Text(text) => return text.parse().map_err(de::Error::custom),
            Stored::Object(Object::Fraction { train }) => Self::Fraction { train },
            Stored::Object(Object::Mask { train }) => Self::Mask { train },
            Stored::Object(Object::ByUser { train, order }) => Self::ByUser { train, order },
            Stored::Object(Object::ByTime { train }) => Self::ByTime { train },
            Stored::Object(Object::LeaveLastOut { count }) => Self::LeaveLastOut {
                count,
                ties: Ties::File,
            },
            Stored::Object(Object::KFold { folds, fold }) => Self::KFold { folds, fold },
            Stored::Object(Object::Given { train, valid }) => Self::Given { train, valid },
        })
    }
}

impl FromStr for SplitKind {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Unknown {
            what: "split",
            seen: word.to_string(),
            expected: "fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, by-user-hashed:0.8, time:0.8, \
                       leave-last-out:1, leave-last-out-hashed:1, fold:2/5, given:TRAIN,VALID or none; \
                       fraction:0.8/0.1/0.1 has a test part, too",
        };
        let share = |text: &str| -> Result<f64, WordError> {
            let train = text.trim().parse().map_err(|_| wrong())?;
            check_share(train)?;
            Ok(train)
        };
        if word == "none" {
            return Ok(Self::None);
        }
        if let Some(three) = with_test(word) {
            return three;
        }
        // One row is what is left out where nothing else is said; every other split has to be told.
        let plain = matches!(
            &*word.replace('_', "-"),
            "leave-last-out" | "leave-last-out-hashed"
        );
        let (name, rest) = match plain {
            true => (word, "1"),
            false => word.split_once(':').ok_or_else(wrong)?,
        };
        match name.replace('_', "-").as_str() {
            "fraction" => Ok(Self::Fraction {
                train: share(rest)?,
            }),
            "mask" => Ok(Self::Mask {
                train: share(rest)?,
            }),
            "by-user" | "stratified" => Ok(Self::ByUser {
                train: share(rest)?,
                order: RowOrder::File,
            }),
            "by-user-shuffled" | "stratified-shuffled" => Ok(Self::ByUser {
                train: share(rest)?,
                order: RowOrder::Shuffled,
            }),
            "time" => Ok(Self::ByTime {
                train: share(rest)?,
            }),
            "by-user-hashed" => Ok(Self::ByUser {
                train: share(rest)?,
                order: RowOrder::Hashed,
            }),
            name @ ("leave-last-out" | "leave-last-out-hashed") => {
                let count = rest.trim().parse().map_err(|_| wrong())?;
                check_left_out(count)?;
                let ties = match name {
                    "leave-last-out" => Ties::File,
                    _ => Ties::Hashed,
                };
                Ok(Self::LeaveLastOut { count, ties })
            }
            "fold" => {
                let (fold, folds) = rest.split_once('/').ok_or_else(wrong)?;
                let fold: usize = fold.trim().parse().map_err(|_| wrong())?;
                let folds = folds.trim().parse().map_err(|_| wrong())?;
                // People count from one.
                let counted = fold.checked_sub(1).ok_or(WordError::Fold { folds, fold })?;
                check_fold(folds, counted)?;
                Ok(Self::KFold {
                    folds,
                    fold: counted,
                })
            }
            "given" => {
                let mut commas = rest.match_indices(',').map(|(at, _)| at);
                let between = commas.find(|&at| !rest[..at].ends_with('\\'));
                let (train, valid) = rest.split_at(between.ok_or_else(wrong)?);
                let valid = &valid[1..];
                Ok(Self::Given {
                    train: train.replace("\\,", ",").into(),
                    valid: valid.into(),
                })
            }
            _ => Err(wrong()),
        }
    }
}

/// A split with a test part, where this is the word of one.
fn with_test(word: &str) -> Option<Result<SplitKind, WordError>> {
    let (name, numbers) = word.split_once(':')?;
    if matches!(name, "fold" | "given") {
        return None;
    }
    let (first, others) = numbers.split_once('/')?;
    let three = || {
        let wrong = || WordError::Unknown {
            what: "split with a test part",
            seen: word.to_string(),
            expected: "fraction:TRAIN/VALID/TEST with shares that add up to 1, such as fraction:0.8/0.1/0.1, or \
                       leave-last-out:VALID/TEST, such as leave-last-out:1/1",
        };
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
        let kind: SplitKind = format!("{name}:{first}").parse()?;
        let test = match kind {
            SplitKind::LeaveLastOut { .. } => {
                TestPart::Rows(others.trim().parse().map_err(|_| wrong())?)
            }
            _ => {
                let train = number(first)?;
                let (valid, test) = match others.split_once('/') {
                    Some((valid, test)) => (number(valid)?, number(test)?),
                    None => (number(others)?, tidy(1.0 - train - number(others)?)),
                };
                let whole = (train + valid + test - 1.0).abs() < 1e-9;
                // Also where one of them is no number.
                if !(whole && valid > 0.0 && test > 0.0) {
                    return Err(wrong());
                }
                TestPart::Share(test)
            }
        };
        SplitKind::untested(&kind, test)?;
        Ok(SplitKind::WithTest {
            kind: Box::new(kind),
            test,
        })
    };
    Some(three())
}
