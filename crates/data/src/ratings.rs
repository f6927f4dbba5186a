//! Ratings as plain columns, and their scale.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::features::Feature;
use crate::figures::{as_written, decimals, to_six_digits};
use recburn_schema::{ItemIx, UserIx};

/// Ratings as columns of equal length: row `n` is one rating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ratings {
    /// The user of each rating.
    pub users: Vec<UserIx>,
    /// The item of each rating.
    pub items: Vec<ItemIx>,
    /// The rating.
    pub ratings: Vec<f32>,
    /// The time of each rating, in seconds since 1970, [`Ratings::NO_TIME`] for a row without one; `None` if no row has
    /// a time.
    pub timestamps: Option<Vec<i64>>,
    /// Further columns, such as the hour or a price: inputs of the [event](recburn_schema::Side::Event) side, with a
    /// value per row.
    pub others: Vec<Feature>,
}

impl Ratings {
    /// The timestamp of a row without one: the file has none there, or an unreadable one.
    pub const NO_TIME: i64 = i64::MIN;

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.ratings.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ratings.is_empty()
    }

    /// These rows, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
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

    /// The rows of both parts, these first: the training and the validation part, for example, on which a model is fitted
    /// before it is tested.
    ///
    /// Times and further columns are kept if both parts have them; a column is the same if its input, words and scaling
    /// are. A part without rows counts as having every column.
    ///
    /// ```
    /// use recburn_data::{ItemIx, Ratings, UserIx};
    ///
    /// let row = |user, rating| Ratings {
    ///     users: vec![UserIx(user)],
    ///     items: vec![ItemIx(0)],
    ///     ratings: vec![rating],
    ///     ..Ratings::default()
    /// };
    /// assert_eq!(row(0, 4.0).joined(&row(1, 5.0)).ratings, [4.0, 5.0]);
    /// ```
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => return self.clone(),
            (true, false) => return other.clone(),
            (false, false) => {}
        }
        let times = self.timestamps.as_ref().zip(other.timestamps.as_ref());
        let others = self.others.iter().filter_map(|column| {
            let mut others = other.others.iter();
            others.find_map(|other| column.joined(other))
        });
        Self {
            users: [&self.users[..], &other.users].concat(),
            items: [&self.items[..], &other.items].concat(),
            ratings: [&self.ratings[..], &other.ratings].concat(),
            timestamps: times.map(|(one, other)| [&one[..], other].concat()),
            others: others.collect(),
        }
    }

    /// The mean rating, summed in double precision; 0 without ratings.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.ratings.iter().map(|&rating| f64::from(rating)).sum();
        sum / self.len().max(1) as f64
    }

    /// Checks every row once, so that no row is outside its table and every rating is a number.
    ///
    /// GPUs read invalid rows silently, so this is checked on the host before training.
    ///
    /// # Errors
    ///
    /// [`DataError::OutOfTable`] for the first user not below `users` or item not below `items`,
    /// [`DataError::UnequalColumns`] if the columns differ in length, and [`DataError::NotARating`] for the first
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

    /// The number of rows without a time although others have one.
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

    /// The number of rows that the tables need: one more than the largest user and the largest item.
    pub(crate) fn table_rows(&self) -> (usize, usize) {
        let users = self.users.iter().max().map_or(0, |user| user.index() + 1);
        let items = self.items.iter().max().map_or(0, |item| item.index() + 1);
        (users, items)
    }
}

/// The scale of ratings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The lowest rating.
    pub min: f32,
    /// The highest rating.
    pub max: f32,
    /// The smallest distance between two ratings; 0 if there is only one, or too many for a scale of steps.
    pub step: f32,
}

impl Scale {
    /// More distinct ratings than this are not a scale of steps but a measured quantity.
    const MOST_STEPS: usize = 1_000;

    /// Infers the scale from ratings. Without ratings it is 0 to 0.
    pub fn of(ratings: &[f32]) -> Self {
        // Ratings have few distinct values in many rows, so the sorted list is short and fast to search.
        let mut values: Vec<f32> = Vec::new();
        // A rating that was seen recently, in the slot given by its bits, needs no search at all.
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

    /// The nearest value within the scale. NaN stays NaN.
    pub fn clip(&self, rating: f32) -> f32 {
        // Not `clamp`, which panics if the ends of the scale are swapped.
        if rating < self.min {
            self.min
        } else if rating > self.max {
            self.max
        } else {
            rating
        }
    }
}

/// The smallest distance between two of these ascending values, as on paper: 0.01 between 9.96 and 9.97, whose
/// difference in single precision is 0.010000229. 0 if there is none.
fn least_gap(values: &[f32]) -> f32 {
    let written: Vec<f64> = values.iter().map(|&value| as_written(value)).collect();
    let gaps = written.windows(2).map(|pair| pair[1] - pair[0]);
    // Negative zero and zero are distinct to total_cmp, but not a step.
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
