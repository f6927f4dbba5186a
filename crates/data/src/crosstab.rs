//! The most active users against the most rated items.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::dataset::Dataset;
use crate::figures::to_six_digits;
use crate::ids::{IdMap, IdOrder};
use crate::shown::shown;
use recburn_schema::{Index, ItemIx, UserIx};

/// How the most active users rated the most rated items: what the fastai notebooks print with `pd.crosstab`.
///
/// Users and items stand in the order of their ids, numbers by size. Printed, a pair without a rating is blank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crosstab {
    /// The users' ids, one for each row.
    pub users: Vec<String>,
    /// The items' ids, one for each column.
    pub items: Vec<String>,
    /// The ratings, row by row; of a pair that is rated several times their sum, as in the notebooks; `None` for a pair
    /// that is not.
    pub ratings: Vec<Vec<Option<f32>>>,
}

impl Dataset {
    /// The `k` users with the most ratings against the `k` items with the most; fewer where there are not so many. Of
    /// equally many the one whose id comes first is taken.
    pub fn crosstab(&self, k: usize) -> Crosstab {
        let users = most(&self.users, k, self.ratings.users.iter().copied());
        let items = most(&self.items, k, self.ratings.items.iter().copied());
        let rows: HashMap<UserIx, usize> = users
            .iter()
            .zip(0..)
            .map(|((user, _), row)| (*user, row))
            .collect();
        let columns: HashMap<ItemIx, usize> = items
            .iter()
            .zip(0..)
            .map(|((item, _), column)| (*item, column))
            .collect();
        let mut ratings = vec![vec![None; items.len()]; users.len()];
        let pairs = self.ratings.users.iter().zip(&self.ratings.items);
        for ((user, item), rating) in pairs.zip(&self.ratings.ratings) {
            if let (Some(&row), Some(&column)) = (rows.get(user), columns.get(item)) {
                let cell: &mut Option<f32> = &mut ratings[row][column];
                *cell = Some(cell.unwrap_or_default() + rating);
            }
        }
        Crosstab {
            users: users.into_iter().map(|(_, id)| id).collect(),
            items: items.into_iter().map(|(_, id)| id).collect(),
            ratings,
        }
    }
}

/// The `k` indices that are met most often and their ids, in the order of the ids.
fn most<Ix: Index>(ids: &IdMap<Ix>, k: usize, met: impl Iterator<Item = Ix>) -> Vec<(Ix, String)> {
    let mut counts = vec![0_u32; ids.rows()];
    met.for_each(|index| counts[index.row() as usize] += 1);
    // The one place that knows the order of ids is the map of them.
    let sorted = IdMap::<Ix>::new(
        ids.iter()
            .map(|(_, id)| id)
            .collect::<Vec<_>>()
            .iter()
            .map(AsRef::as_ref),
        IdOrder::Sorted,
    );
    let place = |id: &str| sorted.as_ref().ok().and_then(|sorted| sorted.index(id));
    let mut all: Vec<_> = ids
        .iter()
        .map(|(index, id)| (index, place(&id), id))
        .collect();
    all.sort_by_key(|&(index, place, _)| (std::cmp::Reverse(counts[index.row() as usize]), place));
    all.truncate(k);
    all.sort_by_key(|&(_, place, _)| place);
    all.into_iter()
        .map(|(index, _, id)| (index, id.into_owned()))
        .collect()
}

impl fmt::Display for Crosstab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |rating: &Option<f32>| match rating {
            Some(rating) => format!("{:?}", to_six_digits(f64::from(*rating))),
            None => String::new(),
        };
        let on_one_line = |ids: &[String]| -> Vec<String> {
            ids.iter().map(|id| shown(id).into_owned()).collect()
        };
        let (users, items) = (on_one_line(&self.users), on_one_line(&self.items));
        let cells: Vec<Vec<String>> = self
            .ratings
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect();
        let wide = |text: &str| text.chars().count();
        // Two words head the users' ids: what the columns are, and below it what the rows are.
        let first = users.iter().map(|id| wide(id)).fold(4, usize::max);
        let widths: Vec<usize> = (0..items.len())
            .map(|column| {
                cells
                    .iter()
                    .map(|row| wide(&row[column]))
                    .fold(wide(&items[column]), usize::max)
            })
            .collect();
        let mut line = |head: &str, row: &[String]| {
            let mut text = format!("{head:<first$}");
            for (cell, width) in row.iter().zip(&widths) {
                text += &format!("  {cell:>width$}");
            }
            writeln!(f, "{}", text.trim_end())
        };
        line("item", &items)?;
        line("user", &[])?;
        for (user, row) in users.iter().zip(&cells) {
            line(user, row)?;
        }
        Ok(())
    }
}
