//! Which ratings are held out, for any number of ranks.

use crate::places::Places;
use recburn_data::{RowOrder, SplitKind, Ties, splitmix64};
use std::fmt;
use thiserror::Error;

/// A split that each rank can tell of its own ratings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Parts {
    /// Every rating is for training.
    All,
    /// Each rating is for training with this probability.
    Mask(f64),
    /// Exactly this share of the ratings, rounded, is for training.
    Fraction(f64),
    /// As [`SplitKind::LeaveLastOut`], decided where the users live.
    LeaveLastOut {
        /// The number held out per user.
        count: usize,
        /// The order of ratings with the same time.
        ties: Ties,
    },
    /// As [`SplitKind::ByUser`] without shuffling, decided where the users live.
    ByUser {
        /// The training share.
        train: f64,
        /// Which of a user's rows come first.
        order: RowOrder,
    },
}

/// A split that needs ratings of several ranks at a time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the split `{split}` needs all ratings in one place: on several ranks there are mask:SHARE, fraction:SHARE, by-user:SHARE, \
     leave-last-out:COUNT and none"
)]
pub struct PartsError {
    split: String,
}

/// Separates the random numbers of splits from those of epochs.
const STREAM: u64 = u64::MAX;

impl Parts {
    /// The parts of a split.
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn of(split: &SplitKind) -> Result<Self, PartsError> {
        match split {
            SplitKind::None => Ok(Self::All),
            SplitKind::Mask { train } => Ok(Self::Mask(*train)),
            SplitKind::Fraction { train } => Ok(Self::Fraction(*train)),
            &SplitKind::LeaveLastOut { count, ties } => Ok(Self::LeaveLastOut { count, ties }),
            &SplitKind::ByUser { train, order } if order != RowOrder::Shuffled => {
                Ok(Self::ByUser { train, order })
            }
            other => Err(PartsError {
                split: other.to_string(),
            }),
        }
    }

    /// The split, if the ratings of a user decide it.
    pub(crate) fn of_users(self) -> Option<SplitKind> {
        match self {
            Self::All | Self::Mask(_) | Self::Fraction(_) => None,
            Self::LeaveLastOut { count, ties } => Some(SplitKind::LeaveLastOut { count, ties }),
            Self::ByUser { train, order } => Some(SplitKind::ByUser { train, order }),
        }
    }

    /// Whether the rating at each place, of so many, is for training; all are where users decide later.
    pub(crate) fn train(self, count: u64, seed: u64) -> impl Fn(u64) -> bool {
        let order = Places::new(count, seed, STREAM);
        let key = splitmix64(seed ^ splitmix64(STREAM));
        move |place| match self {
            Self::All | Self::LeaveLastOut { .. } | Self::ByUser { .. } => true,
            Self::Mask(share) => {
                let random = splitmix64(key.wrapping_add(place)) >> 11;
                (random as f64) < share * (1_u64 << 53) as f64
            }
            Self::Fraction(share) => order.at(place) < (share * count as f64).round() as u64,
        }
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("none"),
            Self::Mask(share) => write!(f, "mask:{share}"),
            Self::Fraction(share) => write!(f, "fraction:{share}"),
            Self::LeaveLastOut { .. } | Self::ByUser { .. } => match self.of_users() {
                Some(kind) => kind.fmt(f),
                None => Ok(()),
            },
        }
    }
}
