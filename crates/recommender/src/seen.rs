//! What each user has rated.

use recburn_data::{ItemIx, Ratings, UserIx};

/// The items of each user, as two flat lists: those of user `u` stand at `offsets[u]..offsets[u + 1]`, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub(crate) offsets: Vec<u32>,
    pub(crate) items: Vec<u32>,
}

impl Seen {
    /// Of these ratings.
    pub fn of(ratings: &Ratings, users: usize) -> Self {
        let mut counts = vec![0u32; users + 1];
        for user in &ratings.users {
            counts[user.index() + 1] += 1;
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let offsets = counts.clone();
        let mut items = vec![0; ratings.len()];
        let mut next = counts;
        for (user, item) in ratings.users.iter().zip(&ratings.items) {
            let place = &mut next[user.index()];
            items[*place as usize] = item.0;
            *place += 1;
        }
        for pair in offsets.windows(2) {
            items[pair[0] as usize..pair[1] as usize].sort_unstable();
        }
        Self { offsets, items }
    }

    /// The items of a user, ascending; none for one beyond the table.
    pub fn items_of(&self, user: UserIx) -> &[u32] {
        match self.offsets.get(user.index()..user.index() + 2) {
            Some(&[from, to]) => &self.items[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Whether a user has rated an item.
    pub fn holds(&self, user: UserIx, item: ItemIx) -> bool {
        self.items_of(user).binary_search(&item.0).is_ok()
    }

    /// Whether there is one ascending list a user, of items that there are, as in a file there might not be.
    pub(crate) fn is_sound(&self, users: usize, items: usize) -> bool {
        let whole = self.offsets.len() == users + 1
            && self.offsets.is_sorted()
            && self.offsets[0] == 0
            && self.offsets[users] as usize == self.items.len();
        whole
            && (0..users as u32).all(|user| self.items_of(UserIx(user)).is_sorted())
            && self.items.iter().all(|&item| (item as usize) < items)
    }
}
