//! Known pairs of users and items.

use crate::groups::ranges;
use crate::ratings::Ratings;
use recburn_schema::{ItemIx, UserIx};

/// The distinct items that each user is known to have rated, ascending: they are not negatives and are not recommended
/// again. Four bytes per pair.
///
/// ```
/// use recburn_data::{Dataset, IdOrder, ItemIx, Known, UserIx};
///
/// let dataset = Dataset::sample(IdOrder::FirstSight);
/// let known = Known::of(&[&dataset.ratings, &dataset.left_out]);
/// let (user, item) = (dataset.ratings.users[0], dataset.ratings.items[0]);
/// assert!(known.contains(user, item));
/// assert!(known.items(user).is_sorted());
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The items of user `u` are `items[offsets[u]..offsets[u + 1]]`.
    offsets: Vec<u32>,
    items: Vec<ItemIx>,
}

impl Known {
    /// The pairs of all these ratings.
    pub fn of(parts: &[&Ratings]) -> Self {
        let pairs = parts
            .iter()
            .flat_map(|part| part.users.iter().zip(&part.items));
        let users = parts
            .iter()
            .map(|part| part.table_rows().0)
            .max()
            .unwrap_or(0);
        let mut offsets = vec![0_u32; users + 1];
        for (user, _) in pairs.clone() {
            offsets[user.index() + 1] += 1;
        }
        for at in 0..users {
            offsets[at + 1] += offsets[at];
        }
        let mut items = vec![ItemIx(0); offsets[users] as usize];
        let mut next = offsets.clone();
        for (user, &item) in pairs {
            let place = &mut next[user.index()];
            items[*place as usize] = item;
            *place += 1;
        }
        drop(next);
        // Remove repeats by moving the following entries up.
        let mut end = 0;
        let mut distinct = Vec::with_capacity(offsets.len());
        distinct.push(0);
        for range in ranges(&offsets) {
            items[range.clone()].sort_unstable();
            let begin = end;
            for at in range {
                if end == begin || items[at] != items[end - 1] {
                    items[end] = items[at];
                    end += 1;
                }
            }
            distinct.push(end as u32);
        }
        items.truncate(end);
        Self {
            offsets: distinct,
            items,
        }
    }

    /// The items of a user, ascending; none after the last user with items.
    pub fn items(&self, user: UserIx) -> &[ItemIx] {
        match self.offsets.get(user.index()..user.index() + 2) {
            Some(&[from, to]) => &self.items[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Renumbers the items, preserving their order.
    pub(crate) fn rename(&mut self, number: impl Fn(ItemIx) -> ItemIx) {
        for item in &mut self.items {
            *item = number(*item);
        }
    }

    /// Whether this pair is known.
    pub fn contains(&self, user: UserIx, item: ItemIx) -> bool {
        self.items(user).binary_search(&item).is_ok()
    }

    /// One more than the last user with a known item.
    pub(crate) fn users(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
