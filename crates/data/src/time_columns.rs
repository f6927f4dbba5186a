//! Columns derived from timestamps.

use crate::error::DataError;
use crate::features::{Feature, FeatureValues, Scaling};
use crate::ratings::Ratings;
use crate::split::Split;
use recburn_schema::{Kind, Side};

/// Seconds per hour and day.
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// 1 January 1970 was a Thursday, and weeks begin on Mondays.
const FIRST_WEEKDAY: i64 = 3;

impl Ratings {
    /// The hour of the day of each rating, 0 to 23, in UTC.
    pub const HOUR_OF_DAY: &'static str = "hour_of_day";
    /// The day of the week of each rating, 0 (Monday) to 6, in UTC.
    pub const DAY_OF_WEEK: &'static str = "day_of_week";
    /// The day of each rating, as a number of days since 1970.
    pub const DAY: &'static str = "day";

    /// Adds columns derived from the timestamps: `hour_of_day`, `day_of_week` and `day`, replacing existing ones. Call
    /// it before a split, so that every part has them, and [normalise](Split::normalise_columns) after it.
    ///
    /// # Errors
    ///
    /// [`DataError::Feature`] if a row has no time, and for columns of unequal length.
    pub fn add_time_columns(&mut self) -> Result<(), DataError> {
        let missing = match &self.timestamps {
            Some(_) => self.untimed(),
            None => self.len(),
        };
        if missing > 0 {
            return Err(DataError::Feature {
                name: Self::HOUR_OF_DAY.to_string(),
                wrong: format!("{missing} of {} ratings have no time", self.len()),
            });
        }
        let times = || self.timestamps.iter().flatten();
        let ids = |of: fn(i64) -> i64| times().map(|&time| of(time) as u32).collect();
        let hours = ids(|time| time.rem_euclid(DAY) / HOUR);
        let weekdays = ids(|time| (time.div_euclid(DAY) + FIRST_WEEKDAY).rem_euclid(7));
        let days = times().map(|&time| time.div_euclid(DAY) as f32).collect();
        for column in [
            Feature::ids(Self::HOUR_OF_DAY, Side::Event, 24, hours),
            Feature::ids(Self::DAY_OF_WEEK, Side::Event, 7, weekdays),
            Feature::numbers(Self::DAY, Side::Event, 1, days),
        ] {
            self.others
                .retain(|other| other.input.name != column.input.name);
            self.others.push(column);
        }
        self.check_lengths()
    }
}

impl Split {
    /// Standardises the columns of single numbers to mean 0 and standard deviation 1 over the training rows, and those
    /// of the other parts to the same scale. Columns that have already been standardised are unchanged.
    pub fn normalise_columns(&mut self) {
        let others = [&mut self.valid, &mut self.test];
        self.train.normalise_columns_with(others, &|_| {});
    }
}

impl Ratings {
    /// As [`Split::normalise_columns`], by a part of the training rows, which these are: `sums` adds up the numbers of all
    /// parts. The columns of `others` are brought to the same scale.
    pub fn normalise_columns_with<const N: usize>(
        &mut self,
        mut others: [&mut Self; N],
        sums: &dyn Fn(&mut [f64]),
    ) {
        for column in &mut self.others {
            let Some(scaling) = column.own_scaling(sums) else {
                continue;
            };
            column.scale(scaling);
            let name = &column.input.name;
            for part in &mut others {
                let columns = part.others.iter_mut();
                let own = columns.filter(|column| column.input.name == *name);
                own.for_each(|column| column.scale(scaling));
            }
        }
    }
}

impl Feature {
    /// The scaling of single numbers that have not been standardised yet.
    fn own_scaling(&self, sums: &dyn Fn(&mut [f64])) -> Option<Scaling> {
        let single = self.scaling.is_none() && self.input.kind == (Kind::Numbers { width: 1 });
        match &self.values {
            FeatureValues::Numbers(numbers) if single => {
                Some(Scaling::of_part(numbers.iter().copied(), sums))
            }
            FeatureValues::Numbers(_) | FeatureValues::Ids(_) | FeatureValues::Lists(_) => None,
        }
    }

    /// Applies this scaling to numbers.
    pub(crate) fn scale(&mut self, scaling: Scaling) {
        if let FeatureValues::Numbers(numbers) = &mut self.values {
            numbers
                .iter_mut()
                .for_each(|number| *number = scaling.apply(*number));
            self.scaling = Some(scaling);
        }
    }
}
