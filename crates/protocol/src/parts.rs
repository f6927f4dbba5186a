//! The parts of a fold as a run needs them.

use crate::checksum::numbers;
use crate::error::ProtocolError;
use crate::open::Opened;
use crate::task::ColdRows;
use recburn_data::{Cold, Dataset, Fingerprint, Ratings, SplitKind, row_key, splitmix64};

/// Training, validation and test part of a fold.
pub(crate) struct Parts {
    pub(crate) train: Ratings,
    pub(crate) valid: Ratings,
    /// Training and validation part together, in the order of the file.
    pub(crate) known: Ratings,
    pub(crate) test: Ratings,
    /// The test part with ratings of 0.
    pub(crate) asked: Ratings,
    /// Of the test part, with respect to `known`, before cold rows are left out.
    pub(crate) cold: Cold,
    /// Whether each row of `test` is cold.
    pub(crate) is_cold: Vec<bool>,
    /// That of the split.
    pub(crate) fingerprint: Fingerprint,
    /// The data set without ratings.
    pub(crate) dataset: Dataset,
}

impl Opened {
    /// The parts of a fold.
    pub(crate) fn parts(&self, fold: usize) -> Result<Parts, ProtocolError> {
        let protocol = &self.protocol;
        let (split, fingerprint) = self.split(fold)?;
        let whole = self.dataset(fold);
        let has_test = matches!(
            protocol.folds.get(fold).map(|fold| &fold.split),
            Some(SplitKind::WithTest { .. })
        );
        let (train_rows, valid_rows, test_rows) = match has_test {
            true => (split.train_rows, split.valid_rows, split.test_rows),
            false => {
                let share = protocol.selection.share;
                let seed = splitmix64(protocol.seed);
                let (train, valid) = cut(whole, split.train_rows, share, seed);
                (train, valid, split.valid_rows)
            }
        };
        let mut known_rows = [train_rows.as_slice(), &valid_rows].concat();
        known_rows.sort_unstable();
        let take = |rows: &[u32]| whole.ratings.take(rows);
        let known = take(&known_rows);
        let mut test = take(&test_rows);
        let cold = Cold::of(&known, &test);
        let mut is_cold = cold_rows(whole, &known, &test);
        if protocol.cold == ColdRows::LeaveOut {
            let warm = (0..).zip(&is_cold).filter(|(_, is_cold)| !**is_cold);
            let warm: Vec<u32> = warm.map(|(row, _)| row).collect();
            test = test.take(&warm);
            is_cold = vec![false; test.len()];
        }
        if test.is_empty() {
            return Err(ProtocolError::Setting {
                protocol: protocol.name.clone(),
                wrong: "all test rows are cold, so none is left".to_string(),
            });
        }
        let asked = Ratings {
            ratings: vec![0.0; test.len()],
            ..test.clone()
        };
        Ok(Parts {
            train: take(&train_rows),
            valid: take(&valid_rows),
            known,
            test,
            asked,
            cold,
            is_cold,
            fingerprint,
            dataset: without_ratings(whole),
        })
    }
}

/// Cuts this share of the rows off, those with the smallest keys: the rest and the rows that were cut, both ascending. At
/// least one row remains on each side if there are two.
fn cut(dataset: &Dataset, rows: Vec<u32>, share: f64, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let (users, items) = (numbers(&dataset.users), numbers(&dataset.items));
    let ratings = &dataset.ratings;
    let count = (share * rows.len() as f64).round() as usize;
    let count = count.clamp(1, rows.len().saturating_sub(1).max(1));
    let key = |row: u32| {
        let (user, item) = (ratings.users[row as usize], ratings.items[row as usize]);
        row_key(seed, users[user.index()], items[item.index()])
    };
    let mut keyed: Vec<(u64, u32)> = rows.into_iter().map(|row| (key(row), row)).collect();
    keyed.sort_unstable();
    let side = |keyed: &[(u64, u32)]| {
        let mut rows: Vec<u32> = keyed.iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    };
    let (valid, train) = keyed.split_at(count.min(keyed.len()));
    (side(train), side(valid))
}

/// Whether the user or the item of each row has no rating among the known ones.
fn cold_rows(dataset: &Dataset, known: &Ratings, rows: &Ratings) -> Vec<bool> {
    let mut users = vec![true; dataset.users.rows()];
    let mut items = vec![true; dataset.items.rows()];
    for (user, item) in known.users.iter().zip(&known.items) {
        users[user.index()] = false;
        items[item.index()] = false;
    }
    let pairs = rows.users.iter().zip(&rows.items);
    pairs
        .map(|(user, item)| users[user.index()] || items[item.index()])
        .collect()
}

/// The data set without what a model must not see.
fn without_ratings(dataset: &Dataset) -> Dataset {
    Dataset {
        ratings: Ratings::default(),
        left_out: Ratings::default(),
        truth: None,
        ..dataset.clone()
    }
}
