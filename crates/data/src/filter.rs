//! Ratings left out before anything is split: those of rare users and items, and those that are too low.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Untimed, thousands};
use crate::error::DataError;
use crate::ids::{IdMap, IdOrder};
use crate::ratings::Ratings;
use crate::repeats::Repeats;
use recburn_schema::{Index, ItemIx, UserIx};

/// What one step of a filter keeps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterStep {
    /// Keeps ratings by users with at least this many.
    Users(usize),
    /// Keeps ratings of items with at least this many.
    Items(usize),
    /// Keeps ratings that are at least this high.
    Rating(f32),
    /// Resolves repeated ratings of one user and item.
    Repeats(Repeats),
}

impl fmt::Display for FilterStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users(least) => write!(f, "users>={least}"),
            Self::Items(least) => write!(f, "items>={least}"),
            Self::Rating(least) => write!(f, "rating>={least}"),
            Self::Repeats(policy) => write!(f, "repeats={policy}"),
        }
    }
}

/// A sequence of steps, each of which removes some ratings.
///
/// As text: `rating>=4,users>=5,items>=5`, in the order in which they are applied. A later step may bring users below
/// the threshold of an earlier one; `users>=5,items>=5,repeat` repeats the steps until nothing changes, which leaves
/// the k-core. `repeats=last` (or `first`, `mean`, `error`: see [`Repeats`]) leaves one rating per pair of user and
/// item, and usually comes first: `repeats=last,users>=5`. Serialised as that text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "String")]
pub struct Filter {
    /// The steps, in the order in which they are applied.
    pub steps: Vec<FilterStep>,
    /// Whether the steps are repeated until none removes anything.
    pub repeat: bool,
}

/// A filter in a file: its text, or an object in older files.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Object {
        steps: Vec<FilterStep>,
        #[serde(default)]
        repeat: bool,
    },
}

impl TryFrom<Stored> for Filter {
    type Error = DataError;

    fn try_from(stored: Stored) -> Result<Self, DataError> {
        match stored {
            // That of no steps, which the command line does not take.
            Stored::Text(text) if text.is_empty() => Ok(Self::default()),
            Stored::Text(text) => text.parse(),
            Stored::Object { steps, repeat } => Ok(Self { steps, repeat }),
        }
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.steps.iter().map(FilterStep::to_string).collect();
        if self.repeat {
            parts.push("repeat".to_string());
        }
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Filter {
    type Err = DataError;

    fn from_str(word: &str) -> Result<Self, DataError> {
        let wrong = || DataError::Word {
            what: "filter",
            seen: word.to_string(),
            expected: "users>=5, items>=5, rating>=4 or repeats=last (or first, mean, error), several of them \
                       separated by commas, and repeat at the end to apply them until nothing changes",
        };
        let mut filter = Self::default();
        let mut parts: Vec<&str> = word.split(',').map(str::trim).collect();
        if parts.last() == Some(&"repeat") {
            parts.pop();
            filter.repeat = true;
        }
        for part in parts {
            if let Some(policy) = part.strip_prefix("repeats=") {
                filter.steps.push(FilterStep::Repeats(policy.parse()?));
                continue;
            }
            let (name, least) = part.split_once(">=").ok_or_else(wrong)?;
            let (name, least) = (name.trim(), least.trim());
            filter.steps.push(match name {
                "users" => FilterStep::Users(least.parse().map_err(|_| wrong())?),
                "items" => FilterStep::Items(least.parse().map_err(|_| wrong())?),
                "rating" => {
                    let least: f32 = least.parse().map_err(|_| wrong())?;
                    FilterStep::Rating(
                        Some(least)
                            .filter(|least| least.is_finite())
                            .ok_or_else(wrong)?,
                    )
                }
                _ => return Err(wrong()),
            });
        }
        match filter.steps.is_empty() {
            true => Err(wrong()),
            false => Ok(filter),
        }
    }
}

/// What one step left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// The step.
    pub step: FilterStep,
    /// Which time through the steps, counted from one.
    pub round: usize,
    /// How many ratings it left out.
    pub rows: usize,
}

/// What a filter left out, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    /// Ratings before the first step.
    pub before: usize,
    /// Ratings behind the last one.
    pub after: usize,
    /// Every step taken, in order.
    pub taken: Vec<Taken>,
}

/// A line for each step.
impl fmt::Display for Filtered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.taken.last().map_or(0, |taken| taken.round);
        for Taken { step, round, rows } in &self.taken {
            let round = if rounds > 1 {
                format!(" (round {round})")
            } else {
                String::new()
            };
            writeln!(f, "{step}{round}: {} ratings left out", thousands(*rows))?;
        }
        write!(
            f,
            "{} of {} ratings kept",
            thousands(self.after),
            thousands(self.before)
        )
    }
}

impl Filter {
    /// The data set without what the filter leaves out, and how much each step took.
    ///
    /// What is left is as if the file had held nothing else: users and items without ratings are gone, ids are numbered
    /// anew in their order, and scale, repeated pairs and noise floor are those of the ratings that are left.
    ///
    /// # Errors
    ///
    /// [`DataError::NothingLeft`] where no rating is kept, [`DataError::Repeated`] where repeated pairs are an error.
    pub fn apply(&self, dataset: &Dataset) -> Result<(Dataset, Filtered), DataError> {
        let before = dataset.ratings.len();
        // Rows are counted in 32 bits: reading sees to it.
        let mut rows: Vec<u32> = (0..before as u32).collect();
        let mut ratings = Cow::Borrowed(&dataset.ratings);
        let mut taken = Vec::new();
        for round in 1.. {
            let at_start = rows.len();
            for &step in &self.steps {
                let count = rows.len();
                match step {
                    FilterStep::Repeats(policy) => {
                        policy.settle(dataset, &mut rows, &mut ratings)?;
                    }
                    step => keep(&mut rows, &ratings, step),
                }
                taken.push(Taken {
                    step,
                    round,
                    rows: count - rows.len(),
                });
            }
            if !self.repeat || rows.len() == at_start {
                break;
            }
        }
        if rows.is_empty() {
            return Err(DataError::NothingLeft {
                filter: self.to_string(),
                rows: before,
            });
        }
        let filtered = Filtered {
            before,
            after: rows.len(),
            taken,
        };
        Ok((only(dataset, &ratings, &rows)?, filtered))
    }
}

/// Leaves out the rows that a step does not keep.
fn keep(rows: &mut Vec<u32>, ratings: &Ratings, step: FilterStep) {
    let (users, items) = ratings.table_rows();
    match step {
        FilterStep::Users(least) => at_least(rows, users, least, |row| ratings.users[row].index()),
        FilterStep::Items(least) => at_least(rows, items, least, |row| ratings.items[row].index()),
        FilterStep::Rating(least) => rows.retain(|&row| ratings.ratings[row as usize] >= least),
        // It may change ratings, and is taken by whoever owns them.
        FilterStep::Repeats(_) => {}
    }
}

/// Keeps the rows of whoever has at least so many of them.
fn at_least(rows: &mut Vec<u32>, table: usize, least: usize, owner: impl Fn(usize) -> usize) {
    let mut counts = vec![0_usize; table];
    for &row in &*rows {
        counts[owner(row as usize)] += 1;
    }
    rows.retain(|&row| counts[owner(row as usize)] >= least);
}

/// The data set of these rows alone, as if its file had held no others, with ratings of which some may be means.
fn only(dataset: &Dataset, ratings: &Ratings, rows: &[u32]) -> Result<Dataset, DataError> {
    let mut ratings = ratings.take(rows);
    let (users, new_users) = fewer(&dataset.users, ratings.users.iter().copied())?;
    let (items, new_items) = fewer(&dataset.items, ratings.items.iter().copied())?;
    ratings
        .users
        .iter_mut()
        .for_each(|user| *user = UserIx(new_users[user.index()]));
    ratings
        .items
        .iter_mut()
        .for_each(|item| *item = ItemIx(new_items[item.index()]));
    let mut kept = Dataset::new(dataset.name.as_str(), users, items, ratings)?;
    kept.left_out = left_out(dataset, rows, &new_users, &new_items);
    kept.synthetic = dataset.synthetic;
    kept.warnings.clone_from(&dataset.warnings);
    kept.read_as.clone_from(&dataset.read_as);
    kept.unrated = dataset.unrated;
    let known = dataset.all_equal();
    kept.warnings
        .extend(kept.all_equal().filter(|_| known.is_none()));
    kept.untimed = dataset.untimed.clone().and_then(|untimed| {
        let rows = match kept.ratings.timestamps {
            Some(_) => kept.ratings.untimed(),
            None => kept.ratings.len(),
        };
        (rows > 0).then_some(Untimed { rows, ..untimed })
    });
    if !dataset.catalogue.is_empty() {
        kept.catalogue = vec![None; kept.items.rows()];
        for (old, item) in dataset.catalogue.iter().enumerate() {
            if let Some(place) = new_items
                .get(old)
                .and_then(|&new| kept.catalogue.get_mut(new as usize))
            {
                place.clone_from(item);
            }
        }
    }
    kept.features = dataset.features.take(
        &were(&new_users, kept.users.rows()),
        &were(&new_items, kept.items.rows()),
    );
    if let Some(truth) = &dataset.truth {
        let truth: Vec<f32> = rows.iter().map(|&row| truth[row as usize]).collect();
        kept.noise_floor = Some(kept.error_of(&truth, 0..truth.len()));
        kept.truth = Some(truth);
    }
    kept.given = dataset.given.clone().map(|mut given| {
        given.boundary = rows.partition_point(|&row| (row as usize) < given.boundary);
        given
    });
    Ok(kept)
}

/// For each of the new indices the old one. In raw order they are the same, and some are nobody's.
fn were(new: &[u32], rows: usize) -> Vec<u32> {
    let mut old: Vec<u32> = (0..rows as u32).collect();
    for (was, &is) in (0..).zip(new) {
        if let Some(place) = old.get_mut(is as usize) {
            *place = was;
        }
    }
    old
}

/// What is left out of ratings of which these rows stay, and what was left out before, of users and items that stay, by
/// their new indices.
fn left_out(dataset: &Dataset, rows: &[u32], users: &[u32], items: &[u32]) -> Ratings {
    let mut left_out = Ratings::default();
    let mut push = |ratings: &Ratings, row: usize| {
        let user = users[ratings.users[row].index()];
        let item = items[ratings.items[row].index()];
        if user != u32::MAX && item != u32::MAX {
            left_out.users.push(UserIx(user));
            left_out.items.push(ItemIx(item));
            left_out.ratings.push(ratings.ratings[row]);
        }
    };
    let mut kept = rows.iter().map(|&row| row as usize).peekable();
    for row in 0..dataset.ratings.len() {
        if kept.next_if_eq(&row).is_none() {
            push(&dataset.ratings, row);
        }
    }
    for row in 0..dataset.left_out.len() {
        push(&dataset.left_out, row);
    }
    left_out
}

/// The ids that these indices have, numbered anew in their order, and each index's new one; `u32::MAX` for none.
fn fewer<Ix: Index>(
    ids: &IdMap<Ix>,
    met: impl Iterator<Item = Ix>,
) -> Result<(IdMap<Ix>, Vec<u32>), DataError> {
    let mut new = vec![u32::MAX; ids.rows()];
    let mut order: Vec<Ix> = Vec::new();
    for index in met {
        let new = &mut new[index.row() as usize];
        if *new == u32::MAX {
            *new = order.len() as u32;
            order.push(index);
        }
    }
    if ids.order() != IdOrder::FirstSight {
        order.sort_unstable();
    }
    let texts: Vec<_> = order.iter().filter_map(|&index| ids.id(index)).collect();
    let fewer = IdMap::<Ix>::new(texts.iter().map(AsRef::as_ref), ids.order())?;
    for (&index, text) in order.iter().zip(&texts) {
        if let Some(place) = fewer.index(text) {
            new[index.row() as usize] = place.row();
        }
    }
    Ok((fewer, new))
}
