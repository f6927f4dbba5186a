//! The ways to part ratings, and their words.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::DataError;

/// Which of a user's rows come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// As the file has them.
    #[default]
    File,
    /// In random order.
    Shuffled,
}

/// How ratings are parted into training and validation.
///
/// As text: `fraction:0.8`, `mask:0.8`, `by-user:0.8` or `stratified:0.8`, `by-user-shuffled:0.8` or
/// `stratified-shuffled:0.8`, `time:0.8`, `leave-last-out` or `leave-last-out:2`, `fold:2/5` (the second of five),
/// `given:u1.base,u1.test` (the path of the training file has no comma). Serialised as that text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "String")]
pub enum SplitKind {
    /// Random rows, exactly `round(rows * train)` of them for training (`train_test_split`).
    Fraction {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// Each row by its own throw, `random < train` (the notebooks' `np.random.rand(len(df)) < 0.8`): the counts vary
    /// with the seed.
    Mask {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// Of each user's rows the first `round(train * count)` train, so that no user is new in validation (but one with
    /// so few rows that this rounds to none).
    ///
    /// Halves round to the even neighbour, as Python's `round` has it: on MovieLens 100K, 0.8 gives exactly 80,000 and
    /// 20,000 rows.
    ByUser {
        /// The training share, between 0 and 1.
        train: f64,
        /// Which of a user's rows come first.
        order: RowOrder,
    },
    /// The first `round(rows * train)` ratings by time train, all users together: what is foretold lies in the future.
    /// Ratings at the same time come in the order of the file. The training part may lack users and items: see
    /// [`Cold`](crate::Cold).
    ByTime {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// Each user's last `count` ratings by time validate; those at the same time come in the order of the file. The first
    /// rating of a user always trains, so that nobody is new in validation.
    LeaveLastOut {
        /// How many, at least one.
        count: usize,
    },
    /// Random folds of equal size, to one row; one of them validates.
    KFold {
        /// How many folds.
        folds: usize,
        /// The one that validates, counted from zero (the text forms count from one).
        fold: usize,
    },
    /// Two files that came as a split, read with [`open_pair`](crate::open_pair).
    Given {
        /// The training file.
        train: PathBuf,
        /// The validation file.
        valid: PathBuf,
    },
}

/// The text form: what is printed and stored can be given to `--split` as it is.
impl fmt::Display for SplitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction { train } => write!(f, "fraction:{train}"),
            Self::Mask { train } => write!(f, "mask:{train}"),
            Self::ByUser {
                train,
                order: RowOrder::File,
            } => write!(f, "by-user:{train}"),
            Self::ByUser {
                train,
                order: RowOrder::Shuffled,
            } => write!(f, "by-user-shuffled:{train}"),
            Self::ByTime { train } => write!(f, "time:{train}"),
            Self::LeaveLastOut { count } => write!(f, "leave-last-out:{count}"),
            Self::KFold { folds, fold } => write!(f, "fold:{}/{folds}", fold.saturating_add(1)),
            Self::Given { train, valid } => {
                write!(f, "given:{},{}", train.display(), valid.display())
            }
        }
    }
}

impl From<SplitKind> for String {
    fn from(kind: SplitKind) -> Self {
        kind.to_string()
    }
}

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

impl TryFrom<Stored> for SplitKind {
    type Error = DataError;

    fn try_from(stored: Stored) -> Result<Self, DataError> {
        Ok(match stored {
            Stored::Text(text) => return text.parse(),
            Stored::Object(Object::Fraction { train }) => Self::Fraction { train },
            Stored::Object(Object::Mask { train }) => Self::Mask { train },
            Stored::Object(Object::ByUser { train, order }) => Self::ByUser { train, order },
            Stored::Object(Object::ByTime { train }) => Self::ByTime { train },
            Stored::Object(Object::LeaveLastOut { count }) => Self::LeaveLastOut { count },
            Stored::Object(Object::KFold { folds, fold }) => Self::KFold { folds, fold },
            Stored::Object(Object::Given { train, valid }) => Self::Given { train, valid },
        })
    }
}

impl FromStr for SplitKind {
    type Err = DataError;

    fn from_str(word: &str) -> Result<Self, DataError> {
        let wrong = || DataError::Word {
            what: "split",
            seen: word.to_string(),
            expected: "say fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, \
                       fold:2/5 or given:TRAIN,VALID",
        };
        let share = |text: &str| -> Result<f64, DataError> {
            let train = text.trim().parse().map_err(|_| wrong())?;
            check_share(train)?;
            Ok(train)
        };
        // One row is what is left out where nothing else is said; every other split has to be told.
        let plain = word.replace('_', "-") == "leave-last-out";
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
            "leave-last-out" => {
                let count = rest.trim().parse().map_err(|_| wrong())?;
                check_left_out(count)?;
                Ok(Self::LeaveLastOut { count })
            }
            "fold" => {
                let (fold, folds) = rest.split_once('/').ok_or_else(wrong)?;
                let fold: usize = fold.trim().parse().map_err(|_| wrong())?;
                let folds = folds.trim().parse().map_err(|_| wrong())?;
                // People count from one.
                let counted = fold.checked_sub(1).ok_or(DataError::Fold { folds, fold })?;
                check_fold(folds, counted)?;
                Ok(Self::KFold {
                    folds,
                    fold: counted,
                })
            }
            "given" => {
                let (train, valid) = rest.split_once(',').ok_or_else(wrong)?;
                Ok(Self::Given {
                    train: train.into(),
                    valid: valid.into(),
                })
            }
            _ => Err(wrong()),
        }
    }
}

pub(crate) fn check_share(train: f64) -> Result<(), DataError> {
    match train > 0.0 && train < 1.0 {
        true => Ok(()),
        false => Err(DataError::Fraction { seen: train }),
    }
}

pub(crate) fn check_left_out(count: usize) -> Result<(), DataError> {
    match count > 0 {
        true => Ok(()),
        false => Err(DataError::LeaveOut { seen: count }),
    }
}

pub(crate) fn check_fold(folds: usize, fold: usize) -> Result<(), DataError> {
    match folds >= 2 && fold < folds {
        true => Ok(()),
        false => Err(DataError::Fold {
            folds,
            fold: fold.saturating_add(1),
        }),
    }
}
