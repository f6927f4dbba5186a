//! Training, validation and test parts, and cold users and items.

use crate::cold::Cold;
use crate::dataset::Dataset;
use crate::error::DataError;
use crate::ratings::Ratings;
use crate::split_kind::SplitKind;

/// The part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Used for training.
    Train,
    /// Used to choose a model and its settings.
    Valid,
    /// Used once for evaluation, after all choices are made.
    Test,
}

/// Ratings split into parts. Each part keeps the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The training part.
    pub train: Ratings,
    /// The validation part. Empty for [`SplitKind::None`].
    pub valid: Ratings,
    /// The test part. Empty except for [`SplitKind::WithTest`].
    pub test: Ratings,
    /// The rows of the data set that `train` holds, ascending.
    pub train_rows: Vec<u32>,
    /// The rows of the data set that `valid` holds, ascending.
    pub valid_rows: Vec<u32>,
    /// The rows of the data set that `test` holds, ascending.
    pub test_rows: Vec<u32>,
    /// Users, items and rows of `valid` that are new to a model trained on `train`.
    pub cold: Cold,
    /// Users, items and rows of `test` that are new to a model trained on `train`.
    pub test_cold: Cold,
}

impl Dataset {
    /// Splits the ratings. The same kind and seed give the same parts on every platform.
    ///
    /// The seed has an effect where [`SplitKind::uses_seed`].
    ///
    /// # Errors
    ///
    /// [`DataError::Word`] for a share outside (0, 1), fewer than two folds or a fold not among them, and for no row to be left
    /// out, [`DataError::EmptyPart`] where a part would hold no row, [`DataError::NoTimestamps`] for a split by
    /// time of ratings that have none and [`DataError::NoTime`] where some have none, and [`DataError::NotGiven`]
    /// where the data set was not read from the two files.
    pub fn split(&self, kind: &SplitKind, seed: u64) -> Result<Split, DataError> {
        let [train_rows, valid_rows, test_rows] = rows(&self.parts(kind, seed)?);
        Ok(Split {
            train: self.ratings.take(&train_rows),
            valid: self.ratings.take(&valid_rows),
            test: self.ratings.take(&test_rows),
            train_rows,
            valid_rows,
            test_rows,
            cold: Cold::default(),
            test_cold: Cold::default(),
        }
        .with_cold())
    }

    /// As [`Dataset::split`], but moves the ratings into the parts instead of copying them.
    ///
    /// The returned data set keeps everything except per-rating data: its `ratings` are empty and its `truth` is
    /// `None`. Call methods that need them, such as [`Dataset::describe_line`], beforehand.
    ///
    /// # Errors
    ///
    /// As [`Dataset::split`]; the data set is then lost.
    pub fn into_split(self, kind: &SplitKind, seed: u64) -> Result<(Self, Split), DataError> {
        let parts = self.parts(kind, seed)?;
        Ok(self.into_parts(parts))
    }

    /// As [`Dataset::into_split`], with a given part for every row.
    ///
    /// # Panics
    ///
    /// If there is not one part per row.
    pub fn into_parts(mut self, parts: Vec<Part>) -> (Self, Split) {
        assert_eq!(parts.len(), self.ratings.len(), "one part per row");
        let [train_rows, valid_rows, test_rows] = rows(&parts);
        self.truth = None;
        let Ratings {
            users,
            items,
            ratings,
            timestamps,
            others,
        } = std::mem::take(&mut self.ratings);
        let counts = [valid_rows.len(), test_rows.len()];
        let [train_users, valid_users, test_users] = part(users, &parts, counts);
        let [train_items, valid_items, test_items] = part(items, &parts, counts);
        let [train_ratings, valid_ratings, test_ratings] = part(ratings, &parts, counts);
        let [train_times, valid_times, test_times] = match timestamps {
            Some(timestamps) => part(timestamps, &parts, counts).map(Some),
            None => [None, None, None],
        };
        drop(parts);
        let whole = |users, items, ratings, timestamps, rows: &[u32]| Ratings {
            users,
            items,
            ratings,
            timestamps,
            others: others.iter().map(|column| column.take(rows)).collect(),
        };
        let split = Split {
            train: whole(
                train_users,
                train_items,
                train_ratings,
                train_times,
                &train_rows,
            ),
            valid: whole(
                valid_users,
                valid_items,
                valid_ratings,
                valid_times,
                &valid_rows,
            ),
            test: whole(test_users, test_items, test_ratings, test_times, &test_rows),
            train_rows,
            valid_rows,
            test_rows,
            cold: Cold::default(),
            test_cold: Cold::default(),
        };
        (self, split.with_cold())
    }
}

impl Split {
    fn with_cold(mut self) -> Self {
        self.cold = Cold::of(&self.train, &self.valid);
        self.test_cold = Cold::of(&self.train, &self.test);
        self
    }
}

/// The rows of each part.
fn rows(parts: &[Part]) -> [Vec<u32>; 3] {
    [Part::Train, Part::Valid, Part::Test].map(|wanted| {
        let count = parts.iter().filter(|&&part| part == wanted).count();
        let mut rows = Vec::with_capacity(count);
        rows.extend(
            (0..)
                .zip(parts)
                .filter_map(|(row, &part)| (part == wanted).then_some(row)),
        );
        rows
    })
}

/// A column's training rows, in its own memory, and those of the other two parts, with these numbers of rows.
fn part<T: Copy>(mut column: Vec<T>, parts: &[Part], [valid, test]: [usize; 2]) -> [Vec<T>; 3] {
    let (mut valid, mut test) = (Vec::with_capacity(valid), Vec::with_capacity(test));
    let mut kept = 0;
    for (row, &part) in parts.iter().enumerate() {
        let value = column[row];
        match part {
            Part::Train => {
                column[kept] = value;
                kept += 1;
            }
            Part::Valid => valid.push(value),
            Part::Test => test.push(value),
        }
    }
    column.truncate(kept);
    column.shrink_to_fit();
    [column, valid, test]
}
