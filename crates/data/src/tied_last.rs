//! Users whose last rating is not known from its time.

use std::fmt;

use crate::dataset::thousands;
use crate::figures::percent;
use crate::ratings::Ratings;

/// How many users have several ratings at the time of their last one. For them, a split that holds out the last rating
/// depends on how ties are ordered, and so do the figures of sequential models: report it with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TiedLast {
    /// Users of whom several ratings have their last time.
    pub tied: usize,
    /// Users with a rating that has a time.
    pub users: usize,
}

impl TiedLast {
    /// The fraction of the users, in [0, 1]; 0 without users.
    pub fn share(&self) -> f64 {
        self.tied as f64 / self.users.max(1) as f64
    }
}

impl fmt::Display for TiedLast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} users ({} %) have several ratings at their last time",
            thousands(self.tied),
            thousands(self.users),
            percent(self.share())
        )
    }
}

impl Ratings {
    /// How many users have several ratings at their last time; none without timestamps. Rows without a time are ignored.
    ///
    /// ```
    /// use recburn_data::{ItemIx, Ratings, TiedLast, UserIx};
    ///
    /// let ratings = Ratings {
    ///     users: [0, 0, 0, 1, 1].map(UserIx).to_vec(),
    ///     items: [0, 1, 2, 0, 1].map(ItemIx).to_vec(),
    ///     ratings: vec![3.0; 5],
    ///     timestamps: Some(vec![7, 9, 9, 5, 6]),
    ///     ..Ratings::default()
    /// };
    /// assert_eq!(ratings.tied_last(), TiedLast { tied: 1, users: 2 });
    /// ```
    pub fn tied_last(&self) -> TiedLast {
        let (users, _) = self.table_rows();
        // Each user's last time, and the number of ratings at it.
        let mut last = vec![(Self::NO_TIME, 0_u32); users];
        let times = self.timestamps.iter().flatten();
        for (user, &time) in self.users.iter().zip(times) {
            let (latest, count) = &mut last[user.index()];
            if time > *latest {
                (*latest, *count) = (time, 1);
            } else if time == *latest && time != Self::NO_TIME {
                *count += 1;
            }
        }
        TiedLast {
            tied: last.iter().filter(|(_, count)| *count > 1).count(),
            users: last.iter().filter(|(_, count)| *count > 0).count(),
        }
    }
}
