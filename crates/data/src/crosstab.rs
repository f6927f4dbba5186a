//! Cross-tabulation of the most active users and the most rated items.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::dataset::Dataset;
use crate::figures::to_six_digits;
use crate::ids::{IdMap, IdOrder};
use crate::shown::shown;
use recburn_schema::{Index, ItemIx, UserIx};

/// How the most active users rated the most rated items, as printed by the fastai notebooks with `pd.crosstab`.
///
/// Users and items are in the order of their ids, numbers by value. A pair without a rating is printed as a blank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crosstab {
    /// The users' ids, one per row.
    pub users: Vec<String>,
    /// The items' ids, one per column.
    pub items: Vec<String>,
    /// The ratings, row by row: the sum for a pair that is rated several times, as in the notebooks, and `None` for a
    /// pair without a rating.
    pub ratings: Vec<Vec<Option<f32>>>,
}

impl Dataset {
    /// Cross-tabulates the `k` users and the `k` items with the most ratings, or fewer if there are not as many. On
    /// ties, the first id is taken.
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

/// The `k` most frequent indices and their ids, in the order of the ids.
fn most<Ix: Index>(ids: &IdMap<Ix>, k: usize, met: impl Iterator<Item = Ix>) -> Vec<(Ix, String)> {
    let mut counts = vec![0_u32; ids.rows()];
    met.for_each(|index| counts[index.row() as usize] += 1);
    // The order of ids is known only to their map.
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
        // Two headings above the users' ids: one for the columns and, below it, one for the rows.
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
