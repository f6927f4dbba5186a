//! Ratings with everything that is known about them.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::features::Features;
use crate::figures::percent;
use crate::groups::Groups;
use crate::ids::IdMap;
use crate::ratings::{Ratings, Scale};
use crate::shown::shown;
use recburn_schema::{ItemIx, UserIx};

/// What the item file says of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The title, with the year if the file puts it there.
    pub title: String,
    /// The genres; empty where none is listed.
    pub genres: Vec<String>,
}

/// The two files that a data set was read from, by `open_pair`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFiles {
    /// The training file.
    pub train: PathBuf,
    /// The validation file.
    pub valid: PathBuf,
    /// Rows before this one come from the training file, the others from the validation file.
    pub boundary: usize,
}

/// Ratings by users of items, indexed, with what is known about them.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The name it was opened by, or its folder's or file's.
    pub name: String,
    /// The users' ids.
    pub users: IdMap<UserIx>,
    /// The items' ids.
    pub items: IdMap<ItemIx>,
    /// Every rating, in the order of the file.
    pub ratings: Ratings,
    /// Ratings that a [`Filter`](crate::Filter) has left out, of users and items that both are still here: nothing to
    /// train on or to measure, but the user knows the item. Without timestamps.
    pub left_out: Ratings,
    /// The scale, read off the ratings.
    pub scale: Scale,
    /// Titles and genres by item index; empty where there is no item file, `None` where that file lacks the item.
    pub catalogue: Vec<Option<Item>>,
    /// What is known of users and items besides, for models to read: from their files, and from titles and genres.
    pub features: Features,
    /// Rows whose user has rated the same item in a row before. They are kept unless [`Repeats`](crate::Repeats) says
    /// otherwise.
    pub duplicates: usize,
    /// Made by a generator, not by people.
    pub synthetic: bool,
    /// The value that each rating was made from, before noise and rounding. Only synthetic ratings have one.
    pub truth: Option<Vec<f32>>,
    /// Root mean squared error of `truth` against the ratings, over all rows: about the least that a model can expect.
    ///
    /// About, since noise is cut off at the ends of the scale: who shades the highest and lowest predictions towards the
    /// middle gains a few thousandths on it.
    pub noise_floor: Option<f64>,
    /// The files behind a split that came with the data.
    pub given: Option<GivenFiles>,
    /// What was noticed while reading that stops nothing, one sentence each, in the order in which it was noticed.
    pub warnings: Vec<String>,
    /// What the file was understood to be, where that was told by common names or by its shape and not by a known format or
    /// by whoever opened it: `user=user_id, item=book_id, rating=rating, separated by commas`.
    pub read_as: Option<String>,
    /// Whether the file has no ratings, so that each row is a rating of 1.
    pub unrated: bool,
    /// The rows whose time is missing or cannot be read.
    pub untimed: Option<Untimed>,
}

/// Rows of a file whose time is missing or cannot be read, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untimed {
    /// How many.
    pub rows: usize,
    /// In words: where the first of them is in its file, and what is there.
    pub first: String,
}

impl Dataset {
    /// Ratings that came from elsewhere than a file, with the ids of their users and items.
    ///
    /// # Errors
    ///
    /// As [`Ratings::check`], against the rows of the two maps; [`DataError::NoRatings`] where there is none.
    pub fn new(
        name: impl Into<String>,
        users: IdMap<UserIx>,
        items: IdMap<ItemIx>,
        ratings: Ratings,
    ) -> Result<Self, DataError> {
        if ratings.is_empty() {
            return Err(DataError::NoRatings);
        }
        ratings.check(users.rows(), items.rows())?;
        let scale = Scale::of(&ratings.ratings);
        let duplicates = duplicates(&ratings);
        Ok(Self {
            name: name.into(),
            users,
            items,
            ratings,
            left_out: Ratings::default(),
            scale,
            catalogue: Vec::new(),
            features: Features::default(),
            duplicates,
            synthetic: false,
            truth: None,
            noise_floor: None,
            given: None,
            warnings: Vec::new(),
            read_as: None,
            unrated: false,
            untimed: None,
        })
    }

    /// Root mean squared error of the planted truth against the ratings of these rows; `None` where there is no
    /// truth, or no row.
    ///
    /// # Panics
    ///
    /// If a row lies beyond the last rating.
    pub fn noise_floor_of(&self, rows: &[u32]) -> Option<f64> {
        let truth = self.truth.as_ref().filter(|_| !rows.is_empty())?;
        Some(self.error_of(truth, rows.iter().map(|&row| row as usize)))
    }

    /// Root mean squared error of `truth` against the ratings of these rows, of which there is one at least.
    pub(crate) fn error_of(
        &self,
        truth: &[f32],
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> f64 {
        let count = rows.len() as f64;
        let squares = rows.map(|row| {
            let error = f64::from(truth[row]) - f64::from(self.ratings.ratings[row]);
            error * error
        });
        (squares.sum::<f64>() / count).sqrt()
    }

    /// The item's title; its id where no title is known, its index where not even an id is.
    pub fn title(&self, item: ItemIx) -> String {
        match self.catalogue.get(item.index()) {
            Some(Some(known)) => known.title.clone(),
            _ => match self.items.id(item) {
                Some(id) => id.into_owned(),
                None => format!("item {}", item.0),
            },
        }
    }

    /// Says so where a model of ratings has nothing to learn: the file has no ratings, or all of them are the same.
    pub fn all_equal(&self) -> Option<String> {
        let scale = self.scale;
        (self.ratings.len() > 1 && scale.min == scale.max).then(|| {
            let unrated = match self.unrated {
                true => "; there is no column of ratings",
                false => "",
            };
            format!(
                "every rating is {}: a model of ratings learns nothing from that, and a small error is no merit (clicks, \
                 plays and purchases say who chose what, not how much it was liked){unrated}",
                scale.min
            )
        })
    }

    /// The share of all pairs of a user and an item that is rated.
    pub fn density(&self) -> f64 {
        let pairs = self.users.len() as f64 * self.items.len() as f64;
        // Nothing is left of ratings that a split has taken, but the count of duplicates.
        self.ratings.len().saturating_sub(self.duplicates) as f64 / pairs.max(1.0)
    }

    /// One line: counts, density, scale, and what is unusual.
    pub fn describe_line(&self) -> String {
        let mut line = format!(
            "{}: {} ratings by {} users of {} items, {} % of all pairs, {}",
            shown(&self.name),
            thousands(self.ratings.len()),
            thousands(self.users.len()),
            thousands(self.items.len()),
            percent(self.density()),
            self.scale,
        );
        if self.duplicates > 0 {
            line += &format!(", {} repeated pairs kept", thousands(self.duplicates));
        }
        if self.synthetic {
            line += ", synthetic";
        }
        line
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe_line())
    }
}

/// Rows whose pair of user and item stands in an earlier row.
fn duplicates(ratings: &Ratings) -> usize {
    let (users, items) = ratings.table_rows();
    if let Some(repeated) = duplicates_in_runs(ratings, users, items) {
        return repeated;
    }
    let mut last_user = vec![u32::MAX; items];
    let mut repeated = 0;
    for (user, rows) in (0..).zip(Groups::of(ratings.users.iter().map(|user| user.0)).iter()) {
        for &row in rows {
            let last = &mut last_user[ratings.items[row as usize].index()];
            repeated += usize::from(*last == user);
            *last = user;
        }
    }
    repeated
}

/// As [`duplicates`], where each user's rows stand together, as in most files: they need no grouping, which would take
/// as much memory as a column. `None` where they do not.
fn duplicates_in_runs(ratings: &Ratings, users: usize, items: usize) -> Option<usize> {
    let mut begun = vec![false; users];
    let mut last_user = vec![u32::MAX; items];
    let mut current = None;
    let mut repeated = 0;
    for (user, item) in ratings.users.iter().zip(&ratings.items) {
        if current != Some(user) {
            if std::mem::replace(&mut begun[user.index()], true) {
                return None;
            }
            current = Some(user);
        }
        repeated += usize::from(last_user[item.index()] == user.0);
        last_user[item.index()] = user.0;
    }
    Some(repeated)
}

/// A count as people read it: 100836 as "100,836".
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
