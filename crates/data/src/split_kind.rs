//! The ways to split ratings.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::word::WordError;

/// Which of a user's rows come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// In file order.
    #[default]
    File,
    /// In random order.
    Shuffled,
    /// In an order that other programs can reproduce: by [`row_key`](crate::row_key), then by the number of the item.
    Hashed,
}

/// The order of a user's rows with the same time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// In file order. If the file is sorted by item among equal times, as many are, the held-out item tends to be the one
    /// with the largest id, which a sequential model learns: its figures are too high.
    #[default]
    File,
    /// By [`row_key`](crate::row_key), then by the number of the item: random with respect to the ids, and the same in
    /// every program and for every order of the file.
    Hashed,
}

/// How ratings are split into training, validation and optionally test parts.
///
/// As text: `fraction:0.8`, `mask:0.8`, `by-user:0.8` or `stratified:0.8`, `by-user-shuffled:0.8` or
/// `stratified-shuffled:0.8`, `by-user-hashed:0.8`, `time:0.8`, `leave-last-out` or `leave-last-out:2`,
/// `leave-last-out-hashed` or `leave-last-out-hashed:2`, `fold:2/5` (the second of five),
/// `given:u1.base,u1.test` (a comma in the path of the training file is written `\,`), `none`. With a test part: `fraction:0.8/0.1/0.1`
/// (train, valid, test; without the third number, what is left of 1), `mask`, `by-user`, `by-user-shuffled`, `by-user-hashed` and `time`
/// alike, and `leave-last-out:1/1` or `leave-last-out-hashed:1/1` (valid, test). Serialised as that text.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(into = "String")]
pub enum SplitKind {
    /// Random rows, exactly `round(rows * train)` of them for training (`train_test_split`).
    Fraction {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// Each row independently at random, `random < train` (the notebooks' `np.random.rand(len(df)) < 0.8`): the counts
    /// vary with the seed.
    Mask {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// The first `round(train * count)` rows of each user are used for training, so that no user is new in validation
    /// (except one with so few rows that this rounds to 0).
    ///
    /// Halves round to the even neighbour, as in Python's `round`: on MovieLens 100K, 0.8 gives exactly 80,000 and
    /// 20,000 rows.
    ///
    /// [`RowOrder::Hashed`] is for comparison with other programs, and so the held-out parts come first and have exact
    /// sizes: of a user's `n` rows in that order, the first `round(test * n)` are the test part, the next
    /// `round(valid * n)` the validation part and the rest the training part. Halves round up, and shares are taken to
    /// nine decimals. No row depends on the order of the file.
    ByUser {
        /// The training share, between 0 and 1.
        train: f64,
        /// Which of a user's rows come first.
        order: RowOrder,
    },
    /// The first `round(rows * train)` ratings by time, over all users, are used for training, so the model is
    /// evaluated on later ratings. Ratings with the same time are in file order. The training part may lack users and
    /// items: see [`Cold`](crate::Cold).
    ByTime {
        /// The training share, between 0 and 1.
        train: f64,
    },
    /// Each user's last `count` ratings by time are held out. The first rating of a user is always used for training, so
    /// that no user is new in validation.
    LeaveLastOut {
        /// The number held out per user, at least 1.
        count: usize,
        /// The order of ratings with the same time; [`Ratings::tied_last`](crate::Ratings::tied_last) tells how many users
        /// it concerns.
        ties: Ties,
    },
    /// Random folds whose sizes differ by at most one row; one of them is held out.
    KFold {
        /// The number of folds.
        folds: usize,
        /// The held-out fold, counted from 0 (in text form from 1).
        fold: usize,
    },
    /// Two files that came as a split, read with `open_pair`.
    Given {
        /// The training file.
        train: PathBuf,
        /// The validation file.
        valid: PathBuf,
    },
    /// Every row is used for training and none is held out: for a model with established settings.
    None,
    /// Three parts. The training part is that of `kind`, up to rounding for [`RowOrder::Hashed`]; the rows that `kind` would hold out are split into a
    /// validation part, for choices, and a test part, which influences no choice. If `kind` is by time or file order,
    /// the test part comes last.
    WithTest {
        /// One of `Fraction`, `Mask`, `ByUser`, `ByTime` and `LeaveLastOut`. For `LeaveLastOut`, `count` is that of the
        /// validation part.
        kind: Box<Self>,
        /// The size of the test part.
        test: TestPart,
    },
}

/// The size of a test part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum TestPart {
    /// This share of all rows, for splits with a share.
    Share(f64),
    /// This many last rows of each user, for `LeaveLastOut`.
    Rows(usize),
}

impl SplitKind {
    /// Whether the split uses timestamps.
    pub fn needs_times(&self) -> bool {
        match self {
            Self::ByTime { .. } | Self::LeaveLastOut { .. } => true,
            Self::WithTest { kind, .. } => kind.needs_times(),
            _ => false,
        }
    }

    /// Whether the split depends on a seed.
    pub fn uses_seed(&self) -> bool {
        match self {
            Self::Fraction { .. } | Self::Mask { .. } | Self::KFold { .. } => true,
            Self::ByUser { order, .. } => *order != RowOrder::File,
            Self::LeaveLastOut { ties, .. } => *ties == Ties::Hashed,
            Self::ByTime { .. } | Self::Given { .. } | Self::None => false,
            Self::WithTest { kind, .. } => kind.uses_seed(),
        }
    }

    /// The split whose training part is everything except the test part.
    pub(crate) fn untested(kind: &Self, test: TestPart) -> Result<Self, WordError> {
        let rest = |train: f64| match test {
            TestPart::Share(test) if test > 0.0 && train + test < 1.0 => Ok(1.0 - test),
            TestPart::Share(test) => Err(WordError::Fraction { seen: train + test }),
            TestPart::Rows(_) => Err(no_test(kind)),
        };
        Ok(match (kind, test) {
            (Self::Fraction { train }, _) => Self::Fraction {
                train: rest(*train)?,
            },
            (Self::Mask { train }, _) => Self::Mask {
                train: rest(*train)?,
            },
            (Self::ByUser { train, order }, _) => Self::ByUser {
                train: rest(*train)?,
                order: *order,
            },
            (Self::ByTime { train }, _) => Self::ByTime {
                train: rest(*train)?,
            },
            (Self::LeaveLastOut { ties, .. }, TestPart::Rows(count)) => {
                check_left_out(count)?;
                Self::LeaveLastOut { count, ties: *ties }
            }
            _ => return Err(no_test(kind)),
        })
    }
}

fn no_test(kind: &SplitKind) -> WordError {
    WordError::Unknown {
        what: "split with a test part",
        seen: kind.to_string(),
        expected: "fraction:0.8/0.1/0.1 (mask, by-user, by-user-shuffled, by-user-hashed or time alike), \
                   leave-last-out:1/1 or leave-last-out-hashed:1/1",
    }
}

/// The text form, which `--split` accepts.
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
            Self::ByUser {
                train,
                order: RowOrder::Hashed,
            } => write!(f, "by-user-hashed:{train}"),
            Self::ByTime { train } => write!(f, "time:{train}"),
            Self::LeaveLastOut {
                count,
                ties: Ties::File,
            } => write!(f, "leave-last-out:{count}"),
            Self::LeaveLastOut {
                count,
                ties: Ties::Hashed,
            } => write!(f, "leave-last-out-hashed:{count}"),
            Self::KFold { folds, fold } => write!(f, "fold:{}/{folds}", fold.saturating_add(1)),
            Self::Given { train, valid } => {
                let train = train.display().to_string().replace(',', "\\,");
                write!(f, "given:{train},{}", valid.display())
            }
            Self::None => f.write_str("none"),
            Self::WithTest {
                kind,
                test: TestPart::Rows(rows),
            } => write!(f, "{kind}/{rows}"),
            Self::WithTest {
                kind,
                test: TestPart::Share(test),
            } => {
                let train = match **kind {
                    Self::Fraction { train } | Self::Mask { train } | Self::ByTime { train } => {
                        train
                    }
                    Self::ByUser { train, .. } => train,
                    _ => 0.0,
                };
                write!(f, "{kind}/{}/{test}", tidy(1.0 - train - test))
            }
        }
    }
}

impl From<SplitKind> for String {
    fn from(kind: SplitKind) -> Self {
        kind.to_string()
    }
}

/// A share without the last digits, which are artefacts of binary fractions.
pub(crate) fn tidy(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

pub(crate) fn check_share(train: f64) -> Result<(), WordError> {
    match train > 0.0 && train < 1.0 {
        true => Ok(()),
        false => Err(WordError::Fraction { seen: train }),
    }
}

pub(crate) fn check_left_out(count: usize) -> Result<(), WordError> {
    match count > 0 {
        true => Ok(()),
        false => Err(WordError::LeaveOut { seen: count }),
    }
}

pub(crate) fn check_fold(folds: usize, fold: usize) -> Result<(), WordError> {
    match folds >= 2 && fold < folds {
        true => Ok(()),
        false => Err(WordError::Fold {
            folds,
            fold: fold.saturating_add(1),
        }),
    }
}
