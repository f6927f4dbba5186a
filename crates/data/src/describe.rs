//! What a data set looks like, in numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, thousands};
use crate::day::day;
use crate::figures::{as_written, percent, to_six_digits};
use crate::ratings::{Ratings, Scale};
use crate::shown::shown;
use crate::spread::{CountBar, Spread, bins};

/// How often ratings of some height occur.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The lowest of them.
    pub from: f32,
    /// The highest of them; ratings that make up several bars belong to the first that holds them.
    pub to: f32,
    /// How many there are.
    pub count: usize,
}

/// What a data set looks like, in numbers: how much there is of what, and how it is spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetDescription {
    /// What the data set is called.
    pub name: String,
    /// How many users.
    pub users: usize,
    /// How many items.
    pub items: usize,
    /// How many ratings.
    pub ratings: usize,
    /// Ratings of pairs that were rated in an earlier row.
    pub duplicates: usize,
    /// The share of all pairs of a user and an item that is rated.
    pub density: f64,
    /// The scale of the ratings.
    pub scale: Scale,
    /// The mean rating.
    pub mean: f64,
    /// Ratings per user.
    pub per_user: Spread,
    /// Ratings per item.
    pub per_item: Spread,
    /// How many users have so many ratings.
    #[serde(default)]
    pub users_by_ratings: Vec<CountBar>,
    /// How many items have so many ratings.
    #[serde(default)]
    pub items_by_ratings: Vec<CountBar>,
    /// How often each rating occurs; ten equal parts of the scale where there are more than twenty different ones.
    pub histogram: Vec<Bar>,
    /// The times of the first and the last rating, in seconds since 1970.
    pub time_span: Option<(i64, i64)>,
    /// Ratings whose time is missing or cannot be read although others have one.
    #[serde(default)]
    pub untimed: usize,
    /// Made by a generator, not by people.
    pub synthetic: bool,
    /// What was noticed while reading: see [`Dataset::warnings`].
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What the file was understood to be: see [`Dataset::read_as`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
}

/// More different ratings than this are gathered into parts of the scale.
const MOST_BARS: usize = 20;
/// So many parts.
const PARTS: usize = 10;

impl Dataset {
    /// The data set in numbers.
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

/// One bar for each rating that occurs, or equal parts of the scale.
fn histogram(ratings: &[f32], scale: Scale) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for &rating in ratings {
        // Minus zero and zero are one rating.
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
    // In double precision, since the scale may be as wide as single precision goes.
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

/// A few lines, the histogram with bars of letters.
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
            // In double precision, which the longest of columns does not overflow.
            let length = (WIDTH as f64 * bar.count as f64 / highest as f64).round() as usize;
            let line = format!("{name:>widest$}  {share:>5.1} %  {}", "#".repeat(length));
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
