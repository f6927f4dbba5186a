//! The ratings of the users at home.

use crate::homes::hash_of;
use crate::ranks::{Ranks, sum};
use recburn_data::{DataError, Fingerprint, IdMap, ItemIx, Ratings, UserIx, splitmix64};

/// The ratings that a rank has of a part of the data: users by their numbers at home, items by their numbers in all, and
/// the place of each rating among those of all ranks.
///
/// [`Placed`](crate::Placed) makes batches of them that are the same for any number of ranks.
#[derive(Clone, Debug)]
pub struct HomeRatings {
    pub(crate) ratings: Ratings,
    /// The place of each, ascending.
    pub(crate) places: Vec<u64>,
    /// The number of ratings of all ranks.
    pub(crate) count: u64,
    /// Rows of the users' tables here, and of the items' tables in all.
    pub(crate) rows: [usize; 2],
    pub(crate) fingerprint: Fingerprint,
}

impl HomeRatings {
    pub(crate) fn new(
        ranks: &dyn Ranks,
        ratings: Ratings,
        places: Vec<u64>,
        count: u64,
        users: &IdMap<UserIx>,
        items: &IdMap<ItemIx>,
    ) -> Self {
        let hash = |(at, &place): (usize, &u64)| {
            let id = |id: Option<std::borrow::Cow<'_, str>>| id.map_or(0, |id| hash_of(&id));
            let (user, item) = (ratings.users[at], ratings.items[at]);
            let pair = splitmix64(id(users.id(user))).wrapping_add(id(items.id(item)));
            splitmix64(pair ^ splitmix64(place ^ u64::from(ratings.ratings[at].to_bits()) << 32))
        };
        let own = places.iter().enumerate().map(hash);
        let mut hash = [own.fold(0, u64::wrapping_add)];
        // A sum that wraps, as an exact one of two halves.
        let mut halves = [hash[0] >> 32, hash[0] & u64::from(u32::MAX)];
        sum(ranks, &mut halves);
        hash[0] = (halves[0] << 32).wrapping_add(halves[1]);
        Self {
            rows: [users.rows(), items.rows()],
            fingerprint: Fingerprint {
                rows: count as usize,
                hash: hash[0],
            },
            ratings,
            places,
            count,
        }
    }

    /// The ratings, in the order of their places.
    pub fn ratings(&self) -> &Ratings {
        &self.ratings
    }

    /// The place of each of these ratings among those of all ranks, ascending.
    pub fn places(&self) -> &[u64] {
        &self.places
    }

    /// Identifies the ratings of all ranks.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The number of ratings of all ranks.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The number of ratings of each item that all ranks have. All of them call it.
    pub fn popularity(&self, ranks: &dyn Ranks) -> Vec<u64> {
        let mut counts = vec![0; self.rows[1]];
        for item in &self.ratings.items {
            counts[item.index()] += 1;
        }
        sum(ranks, &mut counts);
        counts
    }

    /// Adds the columns of times.
    ///
    /// # Errors
    /// If a rating has no time.
    pub fn add_time_columns(&mut self) -> Result<(), DataError> {
        self.ratings.add_time_columns()
    }

    /// Brings the columns of the training part, which this is, and of the validation part to one scale. All ranks call it.
    pub fn normalise_columns(&mut self, valid: &mut Self, ranks: &dyn Ranks) {
        let sums = |numbers: &mut [f64]| sum(ranks, numbers);
        let others = [&mut valid.ratings];
        self.ratings.normalise_columns_with(others, &sums);
    }

    /// Subtracts a number from every rating.
    pub fn centre(&mut self, mean: f32) {
        for rating in &mut self.ratings.ratings {
            *rating -= mean;
        }
    }
}
