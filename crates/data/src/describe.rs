//! Descriptive statistics of a data set.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, thousands};
use crate::day::day;
use crate::figures::{as_written, percent, to_six_digits};
use crate::ratings::{Ratings, Scale};
use crate::shown::shown;
use crate::spread::{CountBar, Spread, bins};

/// The frequency of a range of ratings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The lowest rating of the range.
    pub from: f32,
    /// The highest rating of the range; a rating on the border of two ranges belongs to the first.
    pub to: f32,
    /// The number of ratings.
    pub count: usize,
}

/// Descriptive statistics of a data set: counts and distributions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetDescription {
    /// The name of the data set.
    pub name: String,
    /// The number of users.
    pub users: usize,
    /// The number of items.
    pub items: usize,
    /// The number of ratings.
    pub ratings: usize,
    /// The number of ratings whose pair was rated in an earlier row.
    pub duplicates: usize,
    /// The share of all user-item pairs that are rated.
    pub density: f64,
    /// The scale of the ratings.
    pub scale: Scale,
    /// The mean rating.
    pub mean: f64,
    /// Ratings per user.
    pub per_user: Spread,
    /// Ratings per item.
    pub per_item: Spread,
    /// The distribution of the number of ratings per user.
    #[serde(default)]
    pub users_by_ratings: Vec<CountBar>,
    /// The distribution of the number of ratings per item.
    #[serde(default)]
    pub items_by_ratings: Vec<CountBar>,
    /// The frequency of each rating, or of ten equal parts of the scale if there are more than twenty distinct ratings.
    pub histogram: Vec<Bar>,
    /// The times of the first and the last rating, in seconds since 1970.
    pub time_span: Option<(i64, i64)>,
    /// The number of ratings whose time is missing or unreadable although others have one.
    #[serde(default)]
    pub untimed: usize,
    /// Whether the ratings were generated and not given by people.
    pub synthetic: bool,
    /// Warnings from reading: see [`Dataset::warnings`].
    #[serde(default)]
    pub warnings: Vec<String>,
    /// How the file was interpreted: see [`Dataset::read_as`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
}

/// With more distinct ratings than this, the histogram uses parts of the scale.
const MOST_BARS: usize = 20;
/// The number of parts.
const PARTS: usize = 10;

impl Dataset {
    /// Computes the statistics of the data set.
    pub fn describe(&self) -> DatasetDescription {
        let mut per_user = vec![0; self.users.rows()];
        let mut per_item = vec![0; self.items.rows()];
        self.ratings
            .users
            .iter()
            .for_each(|user| per_user[user.index()] += 1);
        self.ratings
            .items
            .iter()
            .for_each(|item| per_item[item.index()] += 1);
        let times = self.ratings.timestamps.iter().flatten();
        let times = times.filter(|&&time| time != Ratings::NO_TIME);
        DatasetDescription {
            name: self.name.clone(),
            users: self.users.len(),
            items: self.items.len(),
            ratings: self.ratings.len(),
            duplicates: self.duplicates,
            density: self.density(),
            scale: self.scale,
            mean: self.ratings.mean(),
            users_by_ratings: bins(&per_user),
            items_by_ratings: bins(&per_item),
            per_user: Spread::of(per_user),
            per_item: Spread::of(per_item),
            histogram: histogram(&self.ratings.ratings, self.scale),
            time_span: times.clone().min().copied().zip(times.max().copied()),
            untimed: self.ratings.untimed(),
            synthetic: self.synthetic,
            warnings: self.warnings.clone(),
            read_as: self.read_as.clone(),
        }
    }
}

/// One bar per distinct rating, or equal parts of the scale.
fn histogram(ratings: &[f32], scale: Scale) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for &rating in ratings {
        // Negative zero and zero are the same rating.
        let rating = rating + 0.0;
        let place = bars.partition_point(|bar| bar.from < rating);
        let full = bars.len() == MOST_BARS;
        match bars.get_mut(place).filter(|bar| bar.from == rating) {
            Some(bar) => bar.count += 1,
            None if full => return parts(ratings, scale),
            None => {
                let (from, to) = (rating, rating);
                bars.insert(place, Bar { from, to, count: 1 });
            }
        }
    }
    bars
}

fn parts(ratings: &[f32], scale: Scale) -> Vec<Bar> {
    // In double precision, since the scale may span the whole range of single precision.
    let (min, max) = (as_written(scale.min), as_written(scale.max));
    let width = (max - min) / PARTS as f64;
    let end = |part: usize| (min + width * part as f64) as f32;
    let mut bars: Vec<Bar> = (0..PARTS)
        .map(|part| Bar {
            from: end(part),
            to: if part + 1 == PARTS {
                scale.max
            } else {
                end(part + 1)
            },
            count: 0,
        })
        .collect();
    for &rating in ratings {
        let part = (f64::from(rating) - min) / width;
        bars[(part.max(0.0) as usize).min(PARTS - 1)].count += 1;
    }
    bars
}

/// A few lines, with a histogram of text bars.
impl fmt::Display for DatasetDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 40;
        let synthetic = if self.synthetic { ", synthetic" } else { "" };
        writeln!(f, "{}{synthetic}", shown(&self.name))?;
        if let Some(read_as) = &self.read_as {
            writeln!(f, "read as           {}", shown(read_as))?;
        }
        writeln!(f, "ratings           {}", thousands(self.ratings))?;
        writeln!(f, "users             {}", thousands(self.users))?;
        writeln!(f, "items             {}", thousands(self.items))?;
        writeln!(
            f,
            "density           {} % of all pairs",
            percent(self.density)
        )?;
        if self.duplicates > 0 {
            writeln!(f, "repeated pairs    {}", thousands(self.duplicates))?;
        }
        writeln!(f, "scale             {}, mean {:.3}", self.scale, self.mean)?;
        writeln!(f, "ratings per user  {}", self.per_user)?;
        writeln!(f, "ratings per item  {}", self.per_item)?;
        if let Some((first, last)) = self.time_span {
            let without = match self.untimed {
                0 => String::new(),
                rows => format!(", {} without", thousands(rows)),
            };
            let (first, last) = (day(first), day(last));
            writeln!(f, "time              {first} to {last}{without}")?;
        }
        let few = |end: f32| to_six_digits(f64::from(end));
        let names: Vec<String> = self
            .histogram
            .iter()
            .map(|bar| match bar.from == bar.to {
                true => bar.from.to_string(),
                false => format!("{} to {}", few(bar.from), few(bar.to)),
            })
            .collect();
        let widest = names.iter().map(String::len).max().unwrap_or(0);
        let highest = self
            .histogram
            .iter()
            .map(|bar| bar.count)
            .max()
            .unwrap_or(0)
            .max(1);
        for (bar, name) in self.histogram.iter().zip(&names) {
            let share = 100.0 * bar.count as f64 / self.ratings.max(1) as f64;
            // In double precision, which even the longest column does not overflow.
            let length = (WIDTH as f64 * bar.count as f64 / highest as f64).round() as usize;
            let line = format!("{name:>widest$}  {share:>5.1} %  {}", "#".repeat(length));
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
