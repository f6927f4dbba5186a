//! A feature of users, items or individual ratings.

use crate::error::DataError;
use crate::features::lists::Lists;
use recburn_schema::{Input, Kind, Side};
use serde::{Deserialize, Serialize};

/// A feature: its description as an input, and its value for every user or item or, on the side of events, for every
/// rating.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Its name, side and kind.
    pub input: Input,
    /// One value per user, item or rating.
    pub values: FeatureValues,
    /// The meaning of each id: "drama", "student". Empty if the ids are rows of users or items, or the meaning is
    /// unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The original mean and standard deviation of standardised numbers; `None` for other numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
}

/// The values of a feature, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureValues {
    /// One id each.
    Ids(Vec<u32>),
    /// One list each.
    Lists(Lists),
    /// `width` numbers each.
    Numbers(Vec<f32>),
}

/// Mean and standard deviation of numbers, used to standardise them and others of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// The mean.
    pub mean: f64,
    /// The standard deviation; 1 if all numbers are equal.
    pub deviation: f64,
}

impl Scaling {
    /// The scaling of these numbers; mean 0 and deviation 1 if there are none.
    pub fn of(numbers: impl Iterator<Item = f32> + Clone) -> Self {
        Self::of_part(numbers, &|_| {})
    }

    /// As [`Scaling::of`], of these and others: `sums` adds up the numbers of all parts.
    pub(crate) fn of_part(
        numbers: impl Iterator<Item = f32> + Clone,
        sums: &dyn Fn(&mut [f64]),
    ) -> Self {
        let sum: f64 = numbers.clone().map(f64::from).sum();
        let mut whole = [numbers.clone().count() as f64, sum];
        sums(&mut whole);
        let count = whole[0].max(1.0);
        let mean = whole[1] / count;
        let squares = numbers.map(|number| (f64::from(number) - mean).powi(2));
        let mut squares = [squares.sum::<f64>()];
        sums(&mut squares);
        let deviation = (squares[0] / count).sqrt();
        // Variation below single precision is due to rounding.
        let deviation = match deviation > mean.abs() * f64::from(f32::EPSILON) {
            true => deviation,
            false => 1.0,
        };
        Self { mean, deviation }
    }

    /// The standardised number.
    pub fn apply(self, number: f32) -> f32 {
        ((f64::from(number) - self.mean) / self.deviation) as f32
    }
}

impl Feature {
    fn new(name: &str, side: Side, kind: Kind, values: FeatureValues) -> Self {
        Self {
            input: Input::new(name, side, kind),
            values,
            words: Vec::new(),
            scaling: None,
        }
    }

    /// One id below `rows` per user, item or rating.
    pub fn ids(name: &str, side: Side, rows: usize, ids: Vec<u32>) -> Self {
        Self::new(name, side, Kind::Id { rows }, FeatureValues::Ids(ids))
    }

    /// A bag of ids below `rows` per user, item or rating.
    pub fn bags(name: &str, side: Side, rows: usize, bags: Lists) -> Self {
        Self::new(name, side, Kind::Bag { rows }, FeatureValues::Lists(bags))
    }

    /// A sequence of ids below `rows`, oldest first, for each; batches contain the last `length` of each.
    pub fn sequences(name: &str, side: Side, rows: usize, length: usize, lists: Lists) -> Self {
        let kind = Kind::Sequence { rows, length };
        Self::new(name, side, kind, FeatureValues::Lists(lists))
    }

    /// `width` numbers per user, item or rating, row-major.
    pub fn numbers(name: &str, side: Side, width: usize, numbers: Vec<f32>) -> Self {
        let kind = Kind::Numbers { width };
        Self::new(name, side, kind, FeatureValues::Numbers(numbers))
    }

    /// Sets the meaning of each id.
    pub fn words(self, words: Vec<String>) -> Self {
        Self { words, ..self }
    }

    /// The number of users, items or ratings it has values for.
    pub fn rows(&self) -> usize {
        match (&self.values, &self.input.kind) {
            (FeatureValues::Ids(ids), _) => ids.len(),
            (FeatureValues::Lists(lists), _) => lists.len(),
            (FeatureValues::Numbers(numbers), Kind::Numbers { width }) => {
                numbers.len() / width.max(&1)
            }
            (
                FeatureValues::Numbers(numbers),
                Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. },
            ) => numbers.len(),
        }
    }

    /// A feature of one row, a typical one: the most frequent id (the lowest of several), the mean of numbers, an empty list.
    pub fn typical(&self) -> Self {
        self.typical_of_part(&|_| {})
    }

    /// As [`Feature::typical`], of these rows and others: `sums` adds up the numbers of all parts.
    pub fn typical_of_part(&self, sums: &dyn Fn(&mut [f64])) -> Self {
        let values = match &self.values {
            FeatureValues::Ids(ids) => {
                let mut counts = vec![0.0; self.input.kind.rows().unwrap_or(0).max(1)];
                for &id in ids {
                    if let Some(count) = counts.get_mut(id as usize) {
                        *count += 1.0;
                    }
                }
                sums(&mut counts);
                let most = counts.iter().copied().fold(0.0, f64::max);
                let first = counts.iter().position(|&count| count == most).unwrap_or(0);
                FeatureValues::Ids(vec![first as u32])
            }
            FeatureValues::Lists(_) => FeatureValues::Lists(Lists::of([&[][..]])),
            FeatureValues::Numbers(numbers) => {
                let width = match self.input.kind {
                    Kind::Numbers { width } => width,
                    Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => 1,
                };
                let sum = |at: usize| {
                    let column = numbers.iter().skip(at).step_by(width.max(1));
                    column.map(|&number| f64::from(number)).sum::<f64>()
                };
                let mut whole: Vec<f64> = (0..width).map(sum).collect();
                whole.push(self.rows() as f64);
                sums(&mut whole);
                let rows = whole[width].max(1.0);
                let means = whole[..width].iter().map(|sum| (sum / rows) as f32);
                FeatureValues::Numbers(means.collect())
            }
        };
        Self {
            values,
            input: self.input.clone(),
            words: self.words.clone(),
            scaling: self.scaling,
        }
    }

    /// The values of these rows, in this order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        let rows = rows.iter().map(|&row| row as usize);
        let values = match &self.values {
            FeatureValues::Ids(ids) => FeatureValues::Ids(rows.map(|row| ids[row]).collect()),
            FeatureValues::Lists(lists) => FeatureValues::Lists(lists.take(rows)),
            FeatureValues::Numbers(numbers) => {
                let width = numbers.len() / self.rows().max(1);
                let of = |row: usize| numbers[row * width..(row + 1) * width].iter().copied();
                FeatureValues::Numbers(rows.flat_map(of).collect())
            }
        };
        Self {
            values,
            input: self.input.clone(),
            words: self.words.clone(),
            scaling: self.scaling,
        }
    }

    /// The values of both, these first; `None` unless they are the same feature of different rows.
    pub(crate) fn joined(&self, other: &Self) -> Option<Self> {
        let same =
            self.input == other.input && self.words == other.words && self.scaling == other.scaling;
        let values = match (&self.values, &other.values) {
            (FeatureValues::Ids(one), FeatureValues::Ids(other)) => {
                FeatureValues::Ids([&one[..], other].concat())
            }
            (FeatureValues::Lists(one), FeatureValues::Lists(other)) => {
                FeatureValues::Lists(one.joined(other))
            }
            (FeatureValues::Numbers(one), FeatureValues::Numbers(other)) => {
                FeatureValues::Numbers([&one[..], other].concat())
            }
            (FeatureValues::Ids(_) | FeatureValues::Lists(_) | FeatureValues::Numbers(_), _) => {
                return None;
            }
        };
        same.then(|| Self {
            values,
            input: self.input.clone(),
            words: self.words.clone(),
            scaling: self.scaling,
        })
    }

    /// Checks that this is a valid column of this many ratings.
    pub(crate) fn check_event(&self, ratings: usize) -> Result<(), DataError> {
        self.check()?;
        let side = self.input.side;
        let wrong = match side {
            Side::Event if self.rows() == ratings => return Ok(()),
            Side::Event => format!("{} values for {ratings} ratings", self.rows()),
            Side::User | Side::Item => {
                format!("a column of ratings belongs to the event, not to the {side}")
            }
        };
        Err(DataError::Feature {
            name: self.input.name.clone(),
            wrong,
        })
    }

    /// Checks that the values match the input.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        match self.fault() {
            None => Ok(()),
            Some(wrong) => Err(DataError::Feature {
                name: self.input.name.clone(),
                wrong,
            }),
        }
    }

    fn fault(&self) -> Option<String> {
        let beyond = |ids: &[u32], rows: usize| {
            let place = ids.iter().position(|&id| id as usize >= rows)?;
            let id = ids[place];
            Some(format!("the id {id} is beyond the table's {rows} rows"))
        };
        match (&self.values, &self.input.kind) {
            (FeatureValues::Ids(ids), Kind::Id { rows }) => beyond(ids, *rows),
            (FeatureValues::Lists(lists), Kind::Bag { rows } | Kind::Sequence { rows, .. }) => {
                let weights = lists.all_weights();
                if !lists.is_sound() {
                    Some("its lists are inconsistent".to_string())
                } else if let Some(weight) = weights.iter().find(|weight| !weight.is_finite()) {
                    Some(format!("{weight} is not a weight"))
                } else {
                    beyond(lists.all_ids(), *rows)
                }
            }
            (FeatureValues::Numbers(numbers), Kind::Numbers { width }) => {
                if *width == 0 || !numbers.len().is_multiple_of(*width) {
                    Some(format!("{} numbers are not {width} per row", numbers.len()))
                } else {
                    let wrong = numbers.iter().position(|number| !number.is_finite())?;
                    Some(format!(
                        "row {}: {} is not a number",
                        wrong / width,
                        numbers[wrong]
                    ))
                }
            }
            (FeatureValues::Ids(_) | FeatureValues::Lists(_) | FeatureValues::Numbers(_), kind) => {
                Some(format!("its values do not match the input, {kind}"))
            }
        }
    }
}
