//! Items per user.

/// The items of each user, such as those to leave out of the user's list, or those that are relevant.
///
/// Implemented by [`UserItems`], and by closures that push a user's items, in any order, into the given empty vector.
pub trait ItemsOf: Sync {
    /// Pushes the items of a user; none for a user without items. A repeated item counts once.
    fn push(&self, user: u32, items: &mut Vec<u32>);
}

impl<F: Fn(u32, &mut Vec<u32>) + Sync> ItemsOf for F {
    fn push(&self, user: u32, items: &mut Vec<u32>) {
        self(user, items);
    }
}

/// The items of each user in two columns, of 4 bytes per pair and 8 bytes per user.
///
/// ```
/// use recburn_metrics::UserItems;
///
/// let items = UserItems::of([(1, 7), (0, 5), (1, 3)]);
/// assert_eq!(items.get(1), [3, 7]);
/// assert!(items.get(2).is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserItems {
    offsets: Vec<usize>,
    items: Vec<u32>,
}

impl UserItems {
    /// Of these pairs of a user and an item. Iterated twice.
    pub fn of<I>(pairs: I) -> Self
    where
        I: IntoIterator<Item = (u32, u32)>,
        I::IntoIter: Clone,
    {
        let pairs = pairs.into_iter();
        let mut offsets = vec![0];
        for (user, _) in pairs.clone() {
            let after = user as usize + 1;
            if after >= offsets.len() {
                offsets.resize(after + 1, 0);
            }
            offsets[after] += 1;
        }
        for user in 1..offsets.len() {
            offsets[user] += offsets[user - 1];
        }
        let mut next = offsets.clone();
        let mut items = vec![0; offsets.last().copied().unwrap_or(0)];
        for (user, item) in pairs {
            let place = &mut next[user as usize];
            items[*place] = item;
            *place += 1;
        }
        for user in 1..offsets.len() {
            items[offsets[user - 1]..offsets[user]].sort_unstable();
        }
        Self { offsets, items }
    }

    /// The items of a user, ascending; none after the last user with items.
    pub fn get(&self, user: u32) -> &[u32] {
        let user = user as usize;
        match self.offsets.get(user..user.saturating_add(2)) {
            Some(&[from, to]) => &self.items[from..to],
            _ => &[],
        }
    }

    /// One more than the last user with items.
    pub fn users(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }
}

impl ItemsOf for UserItems {
    fn push(&self, user: u32, items: &mut Vec<u32>) {
        items.extend_from_slice(self.get(user));
    }
}

/// Replaces `items` by those of a user, distinct and ascending.
pub(crate) fn collect(of: &dyn ItemsOf, user: u32, items: &mut Vec<u32>) {
    items.clear();
    of.push(user, items);
    if !items.is_sorted_by(|left, right| left < right) {
        items.sort_unstable();
        items.dedup();
    }
}
