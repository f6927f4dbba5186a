//! The part of every row.

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::ratings::Ratings;
use crate::row_keys::Numbers;
use crate::split::Part;
use crate::split_kind::{
    RowOrder, SplitKind, TestPart, Ties, check_fold, check_left_out, check_share,
};
use crate::split_ways::{
    by_time, by_user, by_user_hashed, fraction, in_time, in_time_hashed, k_fold, leave_last_out,
    mask,
};

impl Dataset {
    /// The part of every row. The same kind and seed give the same parts on every platform.
    ///
    /// # Errors
    ///
    /// As [`Dataset::split`].
    pub fn parts(&self, kind: &SplitKind, seed: u64) -> Result<Vec<Part>, DataError> {
        let parts = match kind.hashed()? {
            Some(shares) => by_user_hashed(&self.ratings, &self.keys(seed), shares),
            None => self.plain_parts(kind, seed)?,
        };
        let mut wanted = vec![(Part::Train, "training")];
        if *kind != SplitKind::None {
            wanted.push((Part::Valid, "validation"));
        }
        if let SplitKind::WithTest { .. } = kind {
            wanted.push((Part::Test, "test"));
        }
        for (part, name) in wanted {
            if !parts.contains(&part) {
                return Err(DataError::EmptyPart {
                    kind: kind.to_string(),
                    rows: parts.len(),
                    part: name,
                });
            }
        }
        Ok(parts)
    }

    /// The key of each row, and its item's number.
    fn keys(&self, seed: u64) -> Vec<(u64, u64)> {
        Numbers::of(&self.users, &self.items).keys(&self.ratings, seed)
    }

    /// The parts of a split of which each part is what another split trains on, or does not.
    fn plain_parts(&self, kind: &SplitKind, seed: u64) -> Result<Vec<Part>, DataError> {
        let trains = self.trains(kind, seed)?;
        let held_out = |rest: bool| match rest {
            true => Part::Valid,
            false => Part::Test,
        };
        let part = |train: bool, rest: bool| match train {
            true => Part::Train,
            false => held_out(rest),
        };
        Ok(match kind {
            SplitKind::WithTest { kind, test } => {
                let rest = self.trains(&SplitKind::untested(kind, *test)?, seed)?;
                let both = trains.into_iter().zip(rest);
                both.map(|(train, rest)| part(train, rest)).collect()
            }
            _ => trains.into_iter().map(|train| part(train, true)).collect(),
        })
    }

    /// The timestamps for a split by time.
    fn times(&self, kind: &SplitKind) -> Result<&[i64], DataError> {
        let times = self.ratings.timestamps.as_deref();
        // A manually shortened column does not belong to these rows.
        let times = times.filter(|times| times.len() == self.ratings.len());
        let kind = kind.to_string();
        let missing = match times {
            Some(times) => times
                .iter()
                .filter(|&&time| time == Ratings::NO_TIME)
                .count(),
            // A column without any readable time is ignored.
            None => self.untimed.as_ref().map_or(0, |untimed| untimed.rows),
        };
        match (missing, times) {
            (0, Some(times)) => Ok(times),
            (0, None) => Err(DataError::NoTimestamps { kind }),
            (rows, _) => Err(DataError::NoTime {
                kind,
                rows,
                first: self
                    .untimed
                    .as_ref()
                    .map_or_else(String::new, |untimed| format!(" ({})", untimed.first)),
            }),
        }
    }

    /// The rows by time.
    fn in_time(&self, kind: &SplitKind, ties: Ties, seed: u64) -> Result<Vec<u32>, DataError> {
        let times = self.times(kind)?;
        Ok(match ties {
            Ties::File => in_time(times),
            Ties::Hashed => in_time_hashed(times, &self.keys(seed)),
        })
    }

    /// Whether each row is in the training part.
    fn trains(&self, kind: &SplitKind, seed: u64) -> Result<Vec<bool>, DataError> {
        let rows = self.ratings.len();
        match kind {
            SplitKind::Fraction { train } => {
                check_share(*train)?;
                Ok(fraction(rows, *train, seed))
            }
            SplitKind::Mask { train } => {
                check_share(*train)?;
                Ok(mask(rows, *train, seed))
            }
            SplitKind::ByUser { train, order } => {
                check_share(*train)?;
                let shuffled = *order != RowOrder::File;
                Ok(by_user(&self.ratings, *train, shuffled, seed))
            }
            SplitKind::KFold { folds, fold } => {
                check_fold(*folds, *fold)?;
                Ok(k_fold(rows, *folds, *fold, seed))
            }
            SplitKind::ByTime { train } => {
                check_share(*train)?;
                Ok(by_time(self.times(kind)?, *train))
            }
            SplitKind::LeaveLastOut { count, ties } => {
                check_left_out(*count)?;
                let order = self.in_time(kind, *ties, seed)?;
                Ok(leave_last_out(&self.ratings, &order, *count))
            }
            SplitKind::Given { train, valid } => {
                let given = self.given.as_ref();
                let given = given.filter(|given| given.train == *train && given.valid == *valid);
                let boundary = match given {
                    Some(given) => given.boundary,
                    None => {
                        return Err(DataError::NotGiven {
                            train: train.clone(),
                            valid: valid.clone(),
                        });
                    }
                };
                Ok((0..rows).map(|row| row < boundary).collect())
            }
            SplitKind::None => Ok(vec![true; rows]),
            SplitKind::WithTest { kind, test } => match (&**kind, test) {
                (SplitKind::LeaveLastOut { count, ties }, TestPart::Rows(test)) => {
                    check_left_out(*count)?;
                    let order = self.in_time(kind, *ties, seed)?;
                    let count = count.saturating_add(*test);
                    Ok(leave_last_out(&self.ratings, &order, count))
                }
                _ => self.trains(kind, seed),
            },
        }
    }
}
