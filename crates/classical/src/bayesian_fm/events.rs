//! Columns of ratings: the day, and others by name.

use super::{BayesianFm, NAME};
use crate::error::ClassicalError;
use recburn_data::{FeatureValues, Ratings};

/// Seconds per day.
const DAY: i64 = 86_400;

/// A row of a column that has no ratings in the training part.
pub(super) const UNSEEN: u32 = u32::MAX;

/// A column of ratings as a block: one row for each of its values.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The column; `None` for the day.
    name: Option<String>,
    /// The values in the training part, ascending.
    values: Vec<i64>,
}

impl Event {
    /// The columns that the options ask for.
    pub(super) fn all(options: &BayesianFm, train: &Ratings) -> Result<Vec<Self>, ClassicalError> {
        let day = options.day.then_some(None);
        let named = options.events.iter().cloned().map(Some);
        let mut events = Vec::new();
        for name in day.into_iter().chain(named) {
            let mut values = values(name.as_deref(), train)?;
            values.sort_unstable();
            values.dedup();
            events.push(Self { name, values });
        }
        Ok(events)
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The row of each rating, [`UNSEEN`] for values that the training part lacks.
    pub(super) fn rows(&self, ratings: &Ratings) -> Result<Vec<u32>, ClassicalError> {
        let row = |value| match self.values.binary_search(&value) {
            Ok(row) => row as u32,
            Err(_) => UNSEEN,
        };
        let values = values(self.name.as_deref(), ratings)?;
        Ok(values.into_iter().map(row).collect())
    }
}

/// The values of a column.
fn values(name: Option<&str>, ratings: &Ratings) -> Result<Vec<i64>, ClassicalError> {
    let Some(name) = name else {
        return match &ratings.timestamps {
            Some(times) => Ok(times.iter().map(|time| time.div_euclid(DAY)).collect()),
            None => Err(ClassicalError::Setting {
                method: NAME,
                setting: "day",
                value: "true".to_string(),
                wanted: "false for ratings without times",
            }),
        };
    };
    let column = ratings
        .others
        .iter()
        .find(|column| column.input.name == name);
    match column.map(|column| &column.values) {
        Some(FeatureValues::Ids(ids)) => Ok(ids.iter().map(|&id| i64::from(id)).collect()),
        Some(_) | None => Err(ClassicalError::Setting {
            method: NAME,
            setting: "events",
            value: format!("`{name}`"),
            wanted: "columns of the ratings that hold ids",
        }),
    }
}
