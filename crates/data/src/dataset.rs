//! Data sets: ratings with their ids, titles and features.

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

/// The entry of one item in the item file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The title, including the year if the file has it there.
    pub title: String,
    /// The genres; empty if none is listed.
    pub genres: Vec<String>,
}

/// The two files that a data set was read from, by `open_pair`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFiles {
    /// The training file.
    pub train: PathBuf,
    /// The validation file.
    pub valid: PathBuf,
    /// Rows before this one come from the training file, the rest from the validation file.
    pub boundary: usize,
}

/// Indexed ratings of items by users, with ids, titles and features.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The name it was opened by, or that of its folder or file.
    pub name: String,
    /// The users' ids.
    pub users: IdMap<UserIx>,
    /// The items' ids.
    pub items: IdMap<ItemIx>,
    /// Every rating, in the order of the file.
    pub ratings: Ratings,
    /// Ratings removed by a [`Filter`](crate::Filter) whose user and item are both still present: not used for training
    /// or evaluation, but the user knows the item. Without timestamps.
    pub left_out: Ratings,
    /// The scale, inferred from the ratings.
    pub scale: Scale,
    /// Titles and genres by item index; empty without an item file, `None` for items that the file lacks.
    pub catalogue: Vec<Option<Item>>,
    /// Features of users and items for models: from feature files, and from titles and genres.
    pub features: Features,
    /// The number of rows whose user has already rated the same item in an earlier row. They are kept unless
    /// [`Repeats`](crate::Repeats) specifies otherwise.
    pub duplicates: usize,
    /// Whether the ratings were generated and not given by people.
    pub synthetic: bool,
    /// The value of each rating before noise and rounding, known only for synthetic ratings.
    pub truth: Option<Vec<f32>>,
    /// Root mean squared error of `truth` over all ratings: about the minimum for any model.
    ///
    /// It is approximate because noise is clipped at the ends of the scale: shifting the highest and lowest predictions
    /// slightly towards the middle gains a few thousandths.
    pub noise_floor: Option<f64>,
    /// The files of a split that came with the data.
    pub given: Option<GivenFiles>,
    /// Warnings from reading, one sentence each, in order of occurrence.
    pub warnings: Vec<String>,
    /// How the file was interpreted, if its columns were recognised by common names or by shape and not by a known
    /// format or the caller: `user=user_id, item=book_id, rating=rating, separated by commas`.
    pub read_as: Option<String>,
    /// Whether the file has no ratings, so that each row counts as a rating of 1.
    pub unrated: bool,
    /// The rows whose time is missing or unreadable, if any.
    pub untimed: Option<Untimed>,
}

/// Rows of a file whose time is missing or unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untimed {
    /// The number of such rows.
    pub rows: usize,
    /// As text: the position of the first one in its file, and its content.
    pub first: String,
}

impl Dataset {
    /// A data set from ratings in memory, with the ids of their users and items.
    ///
    /// # Errors
    ///
    /// As [`Ratings::check`] with the rows of the two maps; [`DataError::NoRatings`] without ratings.
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
        Ok(Self {
            scale: Scale::of(&ratings.ratings),
            duplicates: duplicates(&ratings),
            ratings,
            ..Self::without_ratings(name.into(), users, items)
        })
    }

    /// Ids alone, as of one of several processes.
    #[doc(hidden)]
    pub fn without_ratings(name: String, users: IdMap<UserIx>, items: IdMap<ItemIx>) -> Self {
        Self {
            name,
            users,
            items,
            ratings: Ratings::default(),
            left_out: Ratings::default(),
            scale: Scale::of(&[]),
            catalogue: Vec::new(),
            features: Features::default(),
            duplicates: 0,
            synthetic: false,
            truth: None,
            noise_floor: None,
            given: None,
            warnings: Vec::new(),
            read_as: None,
            unrated: false,
            untimed: None,
        }
    }

    /// Root mean squared error of the planted truth on these rows; `None` without a truth or without rows.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn noise_floor_of(&self, rows: &[u32]) -> Option<f64> {
        let truth = self.truth.as_ref().filter(|_| !rows.is_empty())?;
        Some(self.error_of(truth, rows.iter().map(|&row| row as usize)))
    }

    /// Root mean squared error of `truth` on these rows, of which there must be at least one.
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

    /// The item's title, or its id without a title, or its index without an id.
    pub fn title(&self, item: ItemIx) -> String {
        match self.catalogue.get(item.index()) {
            Some(Some(known)) => known.title.clone(),
            _ => match self.items.id(item) {
                Some(id) => id.into_owned(),
                None => format!("item {}", item.0),
            },
        }
    }

    /// A warning if a rating model has nothing to learn: if the file has no ratings, or all are equal.
    pub fn all_equal(&self) -> Option<String> {
        let scale = self.scale;
        (self.ratings.len() > 1 && scale.min == scale.max).then(|| {
            let unrated = match self.unrated {
                true => "; there is no column of ratings",
                false => "",
            };
            format!(
                "every rating is {}: a rating model learns nothing from that, and a small error means nothing (clicks, \
plays and purchases say who chose what, not how much it was liked){unrated}",
                scale.min
            )
        })
    }

    /// The share of all user-item pairs that are rated.
    pub fn density(&self) -> f64 {
        let pairs = self.users.len() as f64 * self.items.len() as f64;
        // If a split has taken the ratings, only the count of duplicates is left.
        self.ratings.len().saturating_sub(self.duplicates) as f64 / pairs.max(1.0)
    }

    /// One line: counts, density, scale and peculiarities.
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

/// The number of rows whose pair of user and item occurs in an earlier row.
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

/// As [`duplicates`], for ratings whose rows are contiguous per user, as in most files: this avoids grouping, which
/// needs as much memory as a column. `None` if they are not.
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

/// A count with thousands separators: 100836 as "100,836".
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
