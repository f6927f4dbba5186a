//! The training rows of each kind of split.

use crate::groups::{Groups, ranges};
use crate::hashed_shares::HashedShares;
use crate::random::Random;
use crate::ratings::Ratings;
use crate::split::Part;

/// The random stream of splits, separate from those of the epochs' shuffles.
const STREAM: u64 = u64::MAX;

/// Each row independently at random.
pub(crate) fn mask(rows: usize, train: f64, seed: u64) -> Vec<bool> {
    let mut random = Random::new(seed, STREAM);
    (0..rows).map(|_| random.unit() < train).collect()
}

/// Exactly `round(rows * train)` random rows.
pub(crate) fn fraction(rows: usize, train: f64, seed: u64) -> Vec<bool> {
    let count = (rows as f64 * train).round_ties_even() as usize;
    let mut trains = vec![false; rows];
    // Rows fit into 32 bits, which is checked on reading.
    let order = Random::new(seed, STREAM).permutation(rows as u32);
    for &row in &order[..count.min(rows)] {
        trains[row as usize] = true;
    }
    trains
}

/// All rows except the random ones of one fold. The first `rows % folds` folds are one row longer.
pub(crate) fn k_fold(rows: usize, folds: usize, fold: usize, seed: u64) -> Vec<bool> {
    let start = |fold: usize| fold * (rows / folds) + fold.min(rows % folds);
    let order = Random::new(seed, STREAM).permutation(rows as u32);
    let mut trains = vec![true; rows];
    for &row in &order[start(fold)..start(fold + 1)] {
        trains[row as usize] = false;
    }
    trains
}

/// The first `round(train * count)` rows of each user, in the order of the file or in a random one.
pub(crate) fn by_user(ratings: &Ratings, train: f64, shuffled: bool, seed: u64) -> Vec<bool> {
    let (users, _) = ratings.table_rows();
    let mut left = vec![0_u32; users];
    for user in &ratings.users {
        left[user.index()] += 1;
    }
    for count in &mut left {
        *count = (f64::from(*count) * train).round_ties_even() as u32;
    }
    let mut trains = vec![false; ratings.len()];
    let mut visit = |row: usize| {
        let left = &mut left[ratings.users[row].index()];
        trains[row] = *left > 0;
        *left = left.saturating_sub(1);
    };
    match shuffled {
        false => (0..ratings.len()).for_each(&mut visit),
        // A random order of all rows also orders every user's own rows at random.
        true => {
            let rows = Random::new(seed, STREAM).permutation(ratings.len() as u32);
            rows.iter().for_each(|&row| visit(row as usize));
        }
    }
    trains
}

/// Each user's rows by key: first those of the test part, then those of validation; the rest is for training. `keys`
/// holds the key and the item's number of each row.
pub(crate) fn by_user_hashed(
    ratings: &Ratings,
    keys: &[(u64, u64)],
    shares: HashedShares,
) -> Vec<Part> {
    let mut parts = vec![Part::Train; ratings.len()];
    let Groups { offsets, mut rows } = Groups::of(ratings.users.iter().map(|user| user.0));
    for range in ranges(&offsets) {
        let own = &mut rows[range];
        own.sort_unstable_by_key(|&row| (keys[row as usize], row));
        let test = shares.test(own.len());
        for (at, &row) in own[..test + shares.valid(own.len())].iter().enumerate() {
            parts[row as usize] = match at < test {
                true => Part::Test,
                false => Part::Valid,
            };
        }
    }
    parts
}

/// The first `round(train * rows)` rows by time; rows with the same time in file order.
pub(crate) fn by_time(times: &[i64], train: f64) -> Vec<bool> {
    let count = (times.len() as f64 * train).round_ties_even() as usize;
    let mut trains = vec![false; times.len()];
    for &row in in_time(times).iter().take(count) {
        trains[row as usize] = true;
    }
    trains
}

/// All rows except each user's last ones in this order; at least one row per user is used for training.
pub(crate) fn leave_last_out(ratings: &Ratings, order: &[u32], count: usize) -> Vec<bool> {
    let (users, _) = ratings.table_rows();
    let mut rows = vec![0_usize; users];
    for user in &ratings.users {
        rows[user.index()] += 1;
    }
    let mut left: Vec<usize> = rows
        .iter()
        .map(|rows| count.min(rows.saturating_sub(1)))
        .collect();
    let mut trains = vec![true; ratings.len()];
    for &row in order.iter().rev() {
        let left = &mut left[ratings.users[row as usize].index()];
        if *left > 0 {
            *left -= 1;
            trains[row as usize] = false;
        }
    }
    trains
}

/// The rows by time; those with the same time in file order.
pub(crate) fn in_time(times: &[i64]) -> Vec<u32> {
    // Rows fit into 32 bits, which is checked on reading.
    let mut rows: Vec<u32> = (0..times.len() as u32).collect();
    // The row number is part of the key, so ties keep their order without the memory of a stable sort.
    rows.sort_unstable_by_key(|&row| (times[row as usize], row));
    rows
}

/// The rows by time; those with the same time by key and item, then in file order.
pub(crate) fn in_time_hashed(times: &[i64], keys: &[(u64, u64)]) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..times.len() as u32).collect();
    rows.sort_unstable_by_key(|&row| (times[row as usize], keys[row as usize], row));
    rows
}
