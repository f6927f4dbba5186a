//! Training and validation parts, and what validation asks that training never showed.

use std::fmt;

use crate::dataset::{Dataset, thousands};
use crate::error::DataError;
use crate::ratings::Ratings;
use crate::split_kind::{SplitKind, check_fold, check_left_out, check_share};
use crate::split_ways::{by_time, by_user, fraction, k_fold, leave_last_out, mask};

/// Ratings parted in two. Both parts keep the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// What is trained on.
    pub train: Ratings,
    /// What is measured on.
    pub valid: Ratings,
    /// The rows of the data set that `train` holds, ascending.
    pub train_rows: Vec<u32>,
    /// The rows of the data set that `valid` holds, ascending.
    pub valid_rows: Vec<u32>,
    /// What of `valid` is new to a model that has seen `train`.
    pub cold: Cold,
}

/// Users and items of the validation part that the training part never shows: nothing can be learnt of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cold {
    /// Distinct users of the validation part that the training part lacks.
    pub users: usize,
    /// Distinct items of the validation part that the training part lacks.
    pub items: usize,
    /// Validation rows with such a user or such an item.
    pub rows: usize,
}

impl fmt::Display for Cold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} validation ratings are of {} users and {} items that training never sees",
            thousands(self.rows),
            thousands(self.users),
            thousands(self.items),
        )
    }
}

impl Dataset {
    /// Parts the ratings. The same kind and seed give the same parts on every platform.
    ///
    /// The seed does nothing for `ByUser` in file order, for `ByTime`, `LeaveLastOut` and `Given`.
    ///
    /// # Errors
    ///
    /// [`DataError::Fraction`] for a share outside (0, 1), [`DataError::Fold`] for fewer than two folds or a fold not
    /// among them, [`DataError::EmptyPart`] where a part would hold no row, [`DataError::NoTimestamps`] for a split by
    /// time of ratings that have none and [`DataError::NoTime`] where some have none, [`DataError::LeaveOut`] for no row to be left out, and [`DataError::NotGiven`]
    /// where the data set was not read from the two files.
    pub fn split(&self, kind: &SplitKind, seed: u64) -> Result<Split, DataError> {
        let (train_rows, valid_rows) = rows(kind, &self.trains(kind, seed)?)?;
        let train = self.ratings.take(&train_rows);
        let valid = self.ratings.take(&valid_rows);
        Ok(Split::of(train, valid, train_rows, valid_rows))
    }

    /// As [`Dataset::split`], moving the ratings into the parts, so that there is one copy of them and not two.
    ///
    /// The data set that comes back keeps all but what has a place for each rating: its `ratings` are empty and its
    /// `truth` is `None`. Ask it for what needs them, such as [`Dataset::describe_line`], before.
    ///
    /// # Errors
    ///
    /// As [`Dataset::split`]; the data set is then gone.
    pub fn into_split(mut self, kind: &SplitKind, seed: u64) -> Result<(Self, Split), DataError> {
        let trains = self.trains(kind, seed)?;
        let (train_rows, valid_rows) = rows(kind, &trains)?;
        self.truth = None;
        let Ratings {
            users,
            items,
            ratings,
            timestamps,
        } = std::mem::take(&mut self.ratings);
        let count = valid_rows.len();
        let (users, valid_users) = part(users, &trains, count);
        let (items, valid_items) = part(items, &trains, count);
        let (ratings, valid_ratings) = part(ratings, &trains, count);
        let (timestamps, valid_timestamps) = timestamps
            .map(|timestamps| part(timestamps, &trains, count))
            .unzip();
        drop(trains);
        let train = Ratings {
            users,
            items,
            ratings,
            timestamps,
        };
        let valid = Ratings {
            users: valid_users,
            items: valid_items,
            ratings: valid_ratings,
            timestamps: valid_timestamps,
        };
        let split = Split::of(train, valid, train_rows, valid_rows);
        Ok((self, split))
    }

    /// The timestamps that a split goes by.
    fn times(&self, kind: &SplitKind) -> Result<&[i64], DataError> {
        let times = self.ratings.timestamps.as_deref();
        // A column that was cut by hand tells no times of these rows.
        let times = times.filter(|times| times.len() == self.ratings.len());
        let kind = kind.to_string();
        let missing = match times {
            Some(times) => times
                .iter()
                .filter(|&&time| time == Ratings::NO_TIME)
                .count(),
            // A column of which nothing could be read is left out.
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
                    .map_or_else(String::new, |first| format!(" ({first})")),
            }),
        }
    }

    /// For each row whether it trains.
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
                Ok(by_user(&self.ratings, *train, *order, seed))
            }
            SplitKind::KFold { folds, fold } => {
                check_fold(*folds, *fold)?;
                Ok(k_fold(rows, *folds, *fold, seed))
            }
            SplitKind::ByTime { train } => {
                check_share(*train)?;
                Ok(by_time(self.times(kind)?, *train))
            }
            SplitKind::LeaveLastOut { count } => {
                check_left_out(*count)?;
                let times = self.times(kind)?;
                Ok(leave_last_out(&self.ratings, times, *count))
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
        }
    }
}

impl Split {
    fn of(train: Ratings, valid: Ratings, train_rows: Vec<u32>, valid_rows: Vec<u32>) -> Self {
        let cold = Cold::of(&train, &valid);
        Self {
            train,
            valid,
            train_rows,
            valid_rows,
            cold,
        }
    }
}

/// The rows that train and those that do not, neither of them none.
fn rows(kind: &SplitKind, trains: &[bool]) -> Result<(Vec<u32>, Vec<u32>), DataError> {
    let count = trains.iter().filter(|&&trains| trains).count();
    let mut train_rows = Vec::with_capacity(count);
    let mut valid_rows = Vec::with_capacity(trains.len() - count);
    for (row, &trains) in (0..).zip(trains) {
        match trains {
            true => train_rows.push(row),
            false => valid_rows.push(row),
        }
    }
    for (part, rows) in [("training", &train_rows), ("validation", &valid_rows)] {
        if rows.is_empty() {
            return Err(DataError::EmptyPart {
                kind: kind.to_string(),
                rows: trains.len(),
                part,
            });
        }
    }
    Ok((train_rows, valid_rows))
}

/// A column's training rows, in the memory that it had, and its `count` other ones.
fn part<T: Copy>(mut column: Vec<T>, trains: &[bool], count: usize) -> (Vec<T>, Vec<T>) {
    let mut valid = Vec::with_capacity(count);
    let mut kept = 0;
    for (row, &trains) in trains.iter().enumerate() {
        let value = column[row];
        match trains {
            true => {
                column[kept] = value;
                kept += 1;
            }
            false => valid.push(value),
        }
    }
    column.truncate(kept);
    column.shrink_to_fit();
    (column, valid)
}

impl Cold {
    /// Counts what of `valid` is new to whoever has seen `train`.
    pub fn of(train: &Ratings, valid: &Ratings) -> Self {
        /// Untold, seen in training, or new in validation and counted.
        #[derive(Clone, Copy, PartialEq)]
        enum Met {
            Never,
            Trained,
            Cold,
        }
        fn mark(met: &mut Met, count: &mut usize) -> bool {
            if *met == Met::Never {
                *met = Met::Cold;
                *count += 1;
            }
            *met == Met::Cold
        }
        let ((users, items), (valid_users, valid_items)) = (train.table_rows(), valid.table_rows());
        let mut met_users = vec![Met::Never; users.max(valid_users)];
        let mut met_items = vec![Met::Never; items.max(valid_items)];
        train
            .users
            .iter()
            .for_each(|user| met_users[user.index()] = Met::Trained);
        train
            .items
            .iter()
            .for_each(|item| met_items[item.index()] = Met::Trained);
        let mut cold = Self::default();
        for (user, item) in valid.users.iter().zip(&valid.items) {
            let user = mark(&mut met_users[user.index()], &mut cold.users);
            let item = mark(&mut met_items[item.index()], &mut cold.items);
            cold.rows += usize::from(user || item);
        }
        cold
    }
}
