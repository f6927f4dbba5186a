//! Rows grouped by user.

use crate::ratings::Ratings;
use recburn_schema::UserIx;

/// The rows of ratings grouped by user; those of one user are in the order of the file.
///
/// ```
/// use recburn_data::{ByUser, Open, UserIx, open};
///
/// let ratings = open("sample", &Open::default())?.ratings;
/// let by_user = ByUser::of(&ratings);
/// let first = by_user.rows(UserIx(0));
/// assert!(first.iter().all(|&row| ratings.users[row as usize] == UserIx(0)));
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByUser {
    /// The rows of user `u` are `rows[offsets[u]..offsets[u + 1]]`.
    offsets: Vec<u32>,
    rows: Vec<u32>,
}

impl ByUser {
    /// Groups the rows of these ratings with a counting sort.
    pub fn of(ratings: &Ratings) -> Self {
        Self::of_users(&ratings.users)
    }

    /// As [`ByUser::of`], of a column of users.
    pub fn of_users(users: &[UserIx]) -> Self {
        let table = users.iter().max().map_or(0, |user| user.index() + 1);
        let mut offsets = vec![0_u32; table + 1];
        for user in users {
            offsets[user.index() + 1] += 1;
        }
        for user in 0..table {
            offsets[user + 1] += offsets[user];
        }
        // Filling moves each user's offset to its end, which is where the next one begins.
        let mut rows = vec![0; users.len()];
        for (row, user) in (0..).zip(users) {
            let place = &mut offsets[user.index()];
            rows[*place as usize] = row;
            *place += 1;
        }
        offsets.rotate_right(1);
        offsets[0] = 0;
        Self { offsets, rows }
    }

    /// The rows of a user, ascending; none for a user beyond the last one that has any.
    pub fn rows(&self, user: UserIx) -> &[u32] {
        match self.offsets.get(user.index()..user.index() + 2) {
            Some(&[from, to]) => &self.rows[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The users up to the last one that has a row, each with its rows.
    pub fn iter(&self) -> impl Iterator<Item = (UserIx, &[u32])> {
        let ends = (0..).map(UserIx).zip(self.offsets.windows(2));
        ends.map(|(user, ends)| (user, &self.rows[ends[0] as usize..ends[1] as usize]))
    }
}
