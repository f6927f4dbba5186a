//! Ratings as plain columns, and the scale they are given on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::features::Feature;
use crate::figures::{as_written, decimals, to_six_digits};
use recburn_schema::{ItemIx, UserIx};

/// Ratings as columns of equal length: row `n` is one rating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ratings {
    /// Who rated.
    pub users: Vec<UserIx>,
    /// What was rated.
    pub items: Vec<ItemIx>,
    /// How it was rated.
    pub ratings: Vec<f32>,
    /// When it was rated, in seconds since 1970, [`Ratings::NO_TIME`] for a row that lacks its time; `None` where the
    /// file says it of no row.
    pub timestamps: Option<Vec<i64>>,
    /// What else there is to each rating, such as the hour or a price: inputs of the side of
    /// [events](recburn_schema::Side::Event), with a value for every row.
    pub others: Vec<Feature>,
}

impl Ratings {
    /// What stands among the timestamps for a row without one: the file has none there, or none that can be read.
    pub const NO_TIME: i64 = i64::MIN;

    /// How many ratings.
    pub fn len(&self) -> usize {
        self.ratings.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ratings.is_empty()
    }

    /// The named rows, in the order named.
    ///
    /// # Panics
    ///
    /// If a row lies beyond the last rating.
    pub fn take(&self, rows: &[u32]) -> Self {
        fn gather<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| column[row as usize]).collect()
        }
        Self {
            users: gather(&self.users, rows),
            items: gather(&self.items, rows),
            ratings: gather(&self.ratings, rows),
            timestamps: self.timestamps.as_ref().map(|times| gather(times, rows)),
            others: self.others.iter().map(|column| column.take(rows)).collect(),
        }
    }

    /// The mean rating, summed in double precision; 0 where there is no rating.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.ratings.iter().map(|&rating| f64::from(rating)).sum();
        sum / self.len().max(1) as f64
    }

    /// Looks at every row once, so that no table is ever asked for a row it lacks and every rating is a number.
    ///
    /// A graphics processor reads a wrong row without a word; the check belongs here, on the host, before training.
    ///
    /// # Errors
    ///
    /// [`DataError::OutOfTable`] for the first user not below `users` or item not below `items`, and
    /// [`DataError::UnequalColumns`] where the columns differ in length, and [`DataError::NotARating`] for the first
    /// rating that is not finite.
    pub fn check(&self, users: usize, items: usize) -> Result<(), DataError> {
        self.check_lengths()?;
        let user = self.users.iter().position(|user| user.index() >= users);
        if let Some(row) = user {
            return Err(DataError::OutOfTable {
                row,
                column: "users",
                id: self.users[row].0,
                rows: users,
            });
        }
        let item = self.items.iter().position(|item| item.index() >= items);
        if let Some(row) = item {
            return Err(DataError::OutOfTable {
                row,
                column: "items",
                id: self.items[row].0,
                rows: items,
            });
        }
        match self.ratings.iter().position(|rating| !rating.is_finite()) {
            Some(row) => Err(DataError::NotARating {
                row,
                seen: self.ratings[row],
            }),
            None => Ok(()),
        }
    }

    /// How many rows have no time although others have one.
    pub(crate) fn untimed(&self) -> usize {
        let times = self.timestamps.iter().flatten();
        times.filter(|&&time| time == Self::NO_TIME).count()
    }

    pub(crate) fn check_lengths(&self) -> Result<(), DataError> {
        if self.users.len() != self.len() || self.items.len() != self.len() {
            return Err(DataError::UnequalColumns {
                users: self.users.len(),
                items: self.items.len(),
                ratings: self.len(),
            });
        }
        for column in &self.others {
            column.check_event(self.len())?;
        }
        Ok(())
    }

    /// Rows that the tables need at least: one more than the largest user and the largest item.
    pub(crate) fn table_rows(&self) -> (usize, usize) {
        let users = self.users.iter().max().map_or(0, |user| user.index() + 1);
        let items = self.items.iter().max().map_or(0, |item| item.index() + 1);
        (users, items)
    }
}

/// The scale that ratings are given on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The lowest rating.
    pub min: f32,
    /// The highest rating.
    pub max: f32,
    /// The least distance of two ratings; 0 where there is one rating only, or too many to be steps.
    pub step: f32,
}

impl Scale {
    /// More ratings than this are no scale of steps but a measured quantity.
    const MOST_STEPS: usize = 1_000;

    /// Reads the scale off the ratings present. Without ratings it is 0 to 0.
    pub fn of(ratings: &[f32]) -> Self {
        // Ratings take few values in many rows, so the sorted list stays short and its search quick.
        let mut values: Vec<f32> = Vec::new();
        // A rating that was met just before, at the place that its bits give it, needs no search at all.
        let mut met = [f32::NAN; 64];
        let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
        for &rating in ratings {
            let place = (rating.to_bits().wrapping_mul(0x9E37_79B1) >> 26) as usize;
            if met[place].to_bits() == rating.to_bits() {
                continue;
            }
            met[place] = rating;
            (min, max) = (min.min(rating), max.max(rating));
            if values.len() <= Self::MOST_STEPS {
                let found = values.binary_search_by(|value| value.total_cmp(&rating));
                if let Err(position) = found {
                    values.insert(position, rating);
                }
            }
        }
        if min > max {
            return Self {
                min: 0.0,
                max: 0.0,
                step: 0.0,
            };
        }
        let step = match values.len() <= Self::MOST_STEPS {
            true => least_gap(&values),
            false => 0.0,
        };
        Self { min, max, step }
    }

    /// The nearest value inside the scale. NaN stays NaN.
    pub fn clip(&self, rating: f32) -> f32 {
        // Not `clamp`, which panics on a scale whose ends were swapped by hand.
        if rating < self.min {
            self.min
        } else if rating > self.max {
            self.max
        } else {
            rating
        }
    }
}

/// The least distance of two of these ascending values, as it is on paper: 0.01 between 9.96 and 9.97, whose difference
/// in single precision is 0.010000229. 0 where there is none.
fn least_gap(values: &[f32]) -> f32 {
    let written: Vec<f64> = values.iter().map(|&value| as_written(value)).collect();
    let gaps = written.windows(2).map(|pair| pair[1] - pair[0]);
    // Minus zero and zero are two values to total_cmp, and no step.
    let least = gaps.filter(|&gap| gap > 0.0).fold(f64::INFINITY, f64::min);
    let behind = values.iter().map(|&value| decimals(value)).max();
    match least.is_finite() {
        true => format!("{least:.*}", behind.unwrap_or_default())
            .parse()
            .unwrap_or(least as f32),
        false => 0.0,
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.min, self.max)?;
        match self.step > 0.0 {
            true => write!(f, " in steps of {}", to_six_digits(as_written(self.step))),
            false => Ok(()),
        }
    }
}
