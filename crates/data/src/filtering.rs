//! What a filter leaves of a data set.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Untimed, thousands};
use crate::error::DataError;
use crate::filter::{Filter, FilterStep};
use crate::ids::{IdMap, IdOrder};
use crate::ratings::Ratings;
use recburn_schema::{Index, ItemIx, UserIx};

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

impl Dataset {
    /// The data set with only these of its rows, ascending, as if the file had held nothing else. Unlike what a filter leaves
    /// out, the other rows are forgotten.
    ///
    /// # Errors
    ///
    /// [`DataError::NoRatings`] without rows.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn with_rows(&self, rows: &[u32]) -> Result<Self, DataError> {
        let mut kept = only(self, &self.ratings, rows)?;
        kept.left_out = Ratings::default();
        Ok(kept)
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
