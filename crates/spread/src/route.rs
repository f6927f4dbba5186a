//! The way of the ratings from the rank that read them to the home of their user.

use crate::held_out::held_out;
use crate::home_ratings::HomeRatings;
use crate::homes::home_of;
use crate::items::{catalogue, packed, unpacked};
use crate::parts::Parts;
use crate::ranks::{Ranks, counts_of_all, exchange_parts, most, or, sum, sum_whole};
use crate::received::{Received, Sent, blocks};
use recburn_data::{DataError, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use thiserror::Error;

/// Why ratings cannot be distributed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SpreadError {
    /// No rank has read any.
    #[error("there are no ratings: none of {ranks} ranks has read one")]
    NoRatings {
        /// The number of ranks.
        ranks: usize,
    },
    /// A rank has more than its numbers hold.
    #[error(
        "{rows} ratings have their home at rank {rank}, which can number 4,294,967,295: use more ranks"
    )]
    TooManyRatings {
        /// The rank.
        rank: usize,
        /// Its ratings.
        rows: u64,
    },
    /// A filter resolves repeated ratings.
    #[error(
        "repeated ratings of a user and an item may be read by several ranks: resolve them beforehand"
    )]
    Repeats,
    /// The ids do not fit.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// The ratings of the users at home on this rank, and the ids.
#[derive(Clone, Debug)]
pub struct AtHome {
    /// The users at home here.
    pub users: IdMap<UserIx>,
    /// The items of all ranks.
    pub items: IdMap<ItemIx>,
    /// The training part.
    pub train: HomeRatings,
    /// The validation part; of no ratings in [`Parts::All`].
    pub valid: HomeRatings,
    /// The number of users of all ranks.
    pub all_users: u64,
    /// The lowest and the highest rating of all ranks.
    pub scale: (f32, f32),
    /// The mean of the training part of all ranks.
    pub mean: f64,
}

/// Sends the ids of users to where they live. Returns, by row, where each lives and its number among those that are sent
/// there, and the ids that have arrived from each rank.
pub(crate) fn send_users(
    ranks: &dyn Ranks,
    users: &IdMap<UserIx>,
) -> (Vec<(u32, u32)>, Vec<Vec<u8>>) {
    let size = ranks.size();
    let mut sent = vec![0_u32; size];
    let mut homes = vec![(0, 0); users.rows()];
    for (user, id) in users.iter() {
        let home = home_of(&id, size);
        homes[user.index()] = (home as u32, sent[home]);
        sent[home] += 1;
    }
    let of_home = |rank: usize| {
        let there = users.iter();
        let there = there.filter(|(user, _)| homes[user.index()].0 as usize == rank);
        packed(there.map(|(_, id)| id))
    };
    let arrived = exchange_parts(ranks, &(0..size).map(of_home).collect::<Vec<_>>());
    (homes, arrived)
}

/// Sends every rating that a rank has read to the home of its user. The place of a rating is its number among all, those
/// of lower ranks first; on it depend the part that it belongs to and its step in each epoch. What has been sent is freed, so
/// that a rank never has much more than it has read or than it has at home.
///
/// # Errors
/// [`SpreadError`]; on all ranks, except for those of numbers.
pub fn bring_home(
    ranks: &dyn Ranks,
    users: IdMap<UserIx>,
    items: IdMap<ItemIx>,
    ratings: Ratings,
    parts: Parts,
    seed: u64,
) -> Result<AtHome, SpreadError> {
    let (size, rank) = (ranks.size(), ranks.rank());
    let read = ratings.len();
    let [before, count] = before_and_all(ranks, read as u64);
    if count == 0 {
        return Err(SpreadError::NoRatings { ranks: size });
    }
    let all_items = catalogue(ranks, items.iter().map(|(_, id)| id))?;
    let number: Vec<u32> = items
        .iter()
        .map(|(_, id)| all_items.index(&id).map_or(0, |item| item.0))
        .collect();
    drop(items);

    let (homes, arrived) = send_users(ranks, &users);
    drop(users);
    let texts = || arrived.iter().flat_map(|bytes| unpacked(bytes));
    let users_here: IdMap<UserIx> = IdMap::new(texts(), IdOrder::Sorted)?;
    let user_of: Vec<Vec<u32>> = arrived
        .iter()
        .map(|bytes| {
            let number = |id| users_here.index(id).map_or(0, |user: UserIx| user.0);
            unpacked(bytes).map(number).collect()
        })
        .collect();
    drop(arrived);

    // Places within the part that each rating belongs to.
    let trains = parts.train(count, seed);
    let train_here = (0..read as u64).filter(|row| trains(before + row));
    let [mut train_place, train_count] = before_and_all(ranks, train_here.count() as u64);
    let mut valid_place = before - train_place;

    let scale = scale(ranks, &ratings);
    let timed = or(ranks, ratings.timestamps.is_some());
    let mut received = Received::new(size, timed);
    let mut times = blocks(ratings.timestamps.unwrap_or_default());
    let (mut of_users, mut of_items) = (blocks(ratings.users), blocks(ratings.items));
    let mut values = blocks(ratings.ratings);
    let rounds = most(ranks, values.len() as u64);
    let mut row = before;
    for _ in 0..rounds {
        let mut parts: Vec<Sent> = (0..size).map(|_| Sent::default()).collect();
        let users = of_users.next().unwrap_or_default();
        let rows = users.into_iter().zip(of_items.next().unwrap_or_default());
        let rows = rows.zip(values.next().unwrap_or_default());
        let mut times = times.next().unwrap_or_default().into_iter();
        for ((user, item), rating) in rows {
            let train = trains(row);
            row += 1;
            let place = match train {
                true => &mut train_place,
                false => &mut valid_place,
            };
            let (home, user) = homes[user.index()];
            let to = &mut parts[home as usize];
            to.add(user, number[item.index()], rating, (*place, train));
            *place += 1;
            if timed {
                to.add_time(times.next().unwrap_or(Ratings::NO_TIME));
            }
        }
        received.take(ranks, parts, &user_of);
    }
    drop((homes, number, user_of));
    if received.len() as u64 > u64::from(u32::MAX) {
        let rows = received.len() as u64;
        return Err(SpreadError::TooManyRatings { rank, rows });
    }

    let [mut train, mut valid] = received.parts();
    let mut train_count = train_count;
    if let Some(kind) = parts.of_users() {
        let (how, ids) = ((&kind, seed), (&users_here, &all_items));
        let (parts, held) = held_out(ranks, train, count, how, ids)?;
        [train, valid] = parts;
        train_count = count - held;
    }
    let mut sums = [train.1.ratings.iter().map(|&r| f64::from(r)).sum::<f64>()];
    sum(ranks, &mut sums);
    let part = |(places, ratings), count| {
        HomeRatings::new(ranks, ratings, places, count, &users_here, &all_items)
    };
    let (train, valid) = (part(train, train_count), part(valid, count - train_count));
    Ok(AtHome {
        all_users: sum_whole(ranks, users_here.len() as u64),
        scale,
        mean: sums[0] / train_count.max(1) as f64,
        users: users_here,
        items: all_items,
        train,
        valid,
    })
}

/// The sum of a count over the ranks before this one, and over all.
fn before_and_all(ranks: &dyn Ranks, own: u64) -> [u64; 2] {
    let of_all: Vec<u64> = counts_of_all(ranks, own);
    let before = of_all[..ranks.rank()].iter().sum();
    [before, of_all.iter().sum()]
}

fn scale(ranks: &dyn Ranks, ratings: &Ratings) -> (f32, f32) {
    let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
    for &rating in &ratings.ratings {
        (min, max) = (min.min(rating), max.max(rating));
    }
    for bytes in ranks.gather(bytemuck::cast_slice(&[min, max])) {
        let [low, high]: [f32; 2] = bytemuck::pod_read_unaligned(&bytes);
        (min, max) = (min.min(low), max.max(high));
    }
    (min, max)
}
