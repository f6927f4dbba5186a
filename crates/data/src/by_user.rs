//! Ratings grouped by user, and by item.

use crate::groups::{Groups, ranges};
use crate::ratings::Ratings;
use recburn_schema::{Index, ItemIx, UserIx};
use std::ops::Range;

/// Ratings grouped by one side, each group ordered by time: the oldest first, rows without a time before all others,
/// and rows with the same time (or ratings without times) in the order of the file.
///
/// ```
/// use recburn_data::{ByUser, Dataset, IdOrder, UserIx};
///
/// let ratings = Dataset::sample(IdOrder::FirstSight).ratings;
/// let by_user = ByUser::of(&ratings);
/// let history = by_user.others(UserIx(0));
/// assert_eq!(history.len(), by_user.ratings(UserIx(0)).len());
/// assert_eq!(history[0], ratings.items[by_user.rows(UserIx(0))[0] as usize]);
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grouped<By, Other> {
    /// The rows of group `g` are at `offsets[g]..offsets[g + 1]` in the other columns.
    offsets: Vec<u32>,
    rows: Vec<u32>,
    others: Vec<Other>,
    ratings: Vec<f32>,
    by: std::marker::PhantomData<By>,
}

/// Each user's ratings ordered by time: histories.
pub type ByUser = Grouped<UserIx, ItemIx>;

/// Each item's ratings ordered by time.
pub type ByItem = Grouped<ItemIx, UserIx>;

impl ByUser {
    /// Groups these ratings by user.
    pub fn of(ratings: &Ratings) -> Self {
        Self::new(ratings, &ratings.users, &ratings.items)
    }
}

impl ByItem {
    /// Groups these ratings by item.
    pub fn of(ratings: &Ratings) -> Self {
        Self::new(ratings, &ratings.items, &ratings.users)
    }
}

impl<By: Index, Other: Index> Grouped<By, Other> {
    fn new(ratings: &Ratings, by: &[By], others: &[Other]) -> Self {
        let Groups { offsets, mut rows } = Groups::of(by.iter().map(|by| by.row()));
        if let Some(times) = &ratings.timestamps {
            for range in ranges(&offsets) {
                // The row number is part of the key, so ties keep their order without the memory of a stable sort.
                rows[range].sort_unstable_by_key(|&row| (times[row as usize], row));
            }
        }
        let taken = rows.iter().map(|&row| row as usize);
        Self {
            others: taken.clone().map(|row| others[row]).collect(),
            ratings: taken.map(|row| ratings.ratings[row]).collect(),
            offsets,
            rows,
            by: std::marker::PhantomData,
        }
    }

    /// The number of groups: one more than the last user (or item) with a rating.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The range of a group in the columns; empty after the last one with ratings.
    fn range(&self, of: By) -> Range<usize> {
        let at = of.row() as usize;
        match self.offsets.get(at..at + 2) {
            Some(&[from, to]) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// The rows of a user (or item) among the ratings; none after the last one with ratings.
    pub fn rows(&self, of: By) -> &[u32] {
        &self.rows[self.range(of)]
    }

    /// The items of a user, or the users of an item, in the order of [`Grouped::rows`]; with repetitions if a pair
    /// occurs in several rows.
    pub fn others(&self, of: By) -> &[Other] {
        &self.others[self.range(of)]
    }

    /// The ratings of a user (or item), in the order of [`Grouped::rows`].
    pub fn ratings(&self, of: By) -> &[f32] {
        &self.ratings[self.range(of)]
    }

    /// The users (or items) up to the last one with a rating, each with the other side of its ratings.
    pub fn iter(&self) -> impl Iterator<Item = (By, &[Other])> {
        let groups = (0..).map(By::new).zip(ranges(&self.offsets));
        groups.map(|(by, range)| (by, &self.others[range]))
    }
}
