//! The way of the ratings from the rank that read them to the home of their user.

use crate::home_ratings::HomeRatings;
use crate::homes::home_of;
use crate::items::{catalogue, packed, unpacked};
use crate::parts::Parts;
use crate::ranks::{Ranks, counts_of_all, exchange_parts, most, or, sum, sum_whole};
use bytemuck::Pod;
use recburn_data::{DataError, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use thiserror::Error;

/// Rows sent at a time: what is on its way takes some megabytes.
const ROUND: usize = 1 << 16;

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

/// Marks the places of the validation part.
const VALID: u64 = 1 << 63;

/// Sends every rating that a rank has read to the home of its user. The place of a rating is its number among all, those
/// of lower ranks first; on it depend the part that it belongs to and its step in each epoch.
///
/// # Errors
/// [`SpreadError`]; on all ranks, except for those of numbers.
pub fn bring_home(
    ranks: &dyn Ranks,
    users: &IdMap<UserIx>,
    items: &IdMap<ItemIx>,
    ratings: &Ratings,
    parts: Parts,
    seed: u64,
) -> Result<AtHome, SpreadError> {
    let (size, rank) = (ranks.size(), ranks.rank());
    let [before, count] = before_and_all(ranks, ratings.len() as u64);
    if count == 0 {
        return Err(SpreadError::NoRatings { ranks: size });
    }
    let all_items = catalogue(ranks, items.iter().map(|(_, id)| id))?;
    let number: Vec<u32> = items
        .iter()
        .map(|(_, id)| all_items.index(&id).map_or(0, |item| item.0))
        .collect();

    // Where each user lives, and its number among those that are sent there.
    let mut sent = vec![0_u32; size];
    let homes: Vec<(u32, u32)> = users
        .iter()
        .map(|(_, id)| {
            let home = home_of(&id, size);
            sent[home] += 1;
            (home as u32, sent[home] - 1)
        })
        .collect();
    let of_home = |rank: usize| {
        let of = move |(home, _): &(u32, u32)| *home as usize == rank;
        let there = users.iter().zip(&homes).filter(move |(_, home)| of(home));
        packed(there.map(|((_, id), _)| id))
    };
    let arrived = exchange_parts(ranks, &(0..size).map(of_home).collect::<Vec<_>>());
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
    let train_here = (0..ratings.len() as u64).filter(|row| trains(before + row));
    let [mut train_place, train_count] = before_and_all(ranks, train_here.count() as u64);
    let mut valid_place = before - train_place;

    let timed = or(ranks, ratings.timestamps.is_some());
    let time_of = |row: usize| match &ratings.timestamps {
        Some(times) => times[row],
        None => Ratings::NO_TIME,
    };
    let mut received = Received {
        timed,
        ..Received::default()
    };
    let rounds = most(ranks, ratings.len().div_ceil(ROUND) as u64);
    for round in 0..rounds as usize {
        let rows = (round * ROUND).min(ratings.len())..((round + 1) * ROUND).min(ratings.len());
        let mut parts: Vec<Sent> = (0..size).map(|_| Sent::default()).collect();
        for row in rows {
            let place = match trains(before + row as u64) {
                true => {
                    train_place += 1;
                    train_place - 1
                }
                false => {
                    valid_place += 1;
                    (valid_place - 1) | VALID
                }
            };
            let (home, user) = homes[ratings.users[row].index()];
            let to = &mut parts[home as usize];
            to.users.push(user);
            to.items.push(number[ratings.items[row].index()]);
            to.ratings.push(ratings.ratings[row]);
            to.places.push(place);
            if timed {
                to.times.push(time_of(row));
            }
        }
        received.take(ranks, parts, &user_of);
    }
    if received.rows.len() as u64 > u64::from(u32::MAX) {
        let rows = received.rows.len() as u64;
        return Err(SpreadError::TooManyRatings { rank, rows });
    }

    let [train, valid] = received.parts();
    let mut sums = [f64::from(0_u8), 0.0];
    sums[0] = train.1.ratings.iter().map(|&r| f64::from(r)).sum();
    sum(ranks, &mut sums);
    let part = |(places, ratings), count| {
        HomeRatings::new(ranks, ratings, places, count, &users_here, &all_items)
    };
    let (train, valid) = (part(train, train_count), part(valid, count - train_count));
    Ok(AtHome {
        all_users: sum_whole(ranks, users_here.len() as u64),
        scale: scale(ranks, ratings),
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

/// Ratings on their way to one rank.
#[derive(Default)]
struct Sent {
    users: Vec<u32>,
    items: Vec<u32>,
    ratings: Vec<f32>,
    places: Vec<u64>,
    /// Of no rating if none has a time.
    times: Vec<i64>,
}

/// A rating at home: its place, user, item and value.
#[derive(Clone, Copy)]
struct Row {
    place: u64,
    user: u32,
    item: u32,
    rating: f32,
    time: i64,
}

#[derive(Default)]
struct Received {
    rows: Vec<Row>,
    timed: bool,
}

impl Received {
    fn take(&mut self, ranks: &dyn Ranks, parts: Vec<Sent>, user_of: &[Vec<u32>]) {
        fn column<T: Pod>(
            ranks: &dyn Ranks,
            parts: &[Sent],
            of: impl Fn(&Sent) -> &Vec<T>,
        ) -> Vec<Vec<T>> {
            let parts: Vec<Vec<T>> = parts.iter().map(|part| of(part).clone()).collect();
            exchange_parts(ranks, &parts)
        }
        let users = column(ranks, &parts, |part| &part.users);
        let items = column(ranks, &parts, |part| &part.items);
        let ratings = column(ranks, &parts, |part| &part.ratings);
        let places = column(ranks, &parts, |part| &part.places);
        let times = match self.timed {
            true => column(ranks, &parts, |part| &part.times),
            false => vec![Vec::new(); parts.len()],
        };
        for (rank, users) in users.iter().enumerate() {
            let rows = users.iter().zip(&items[rank]);
            let rows = rows.zip(ratings[rank].iter().zip(&places[rank]));
            let rows = rows.enumerate();
            let row = |(at, ((&user, &item), (&rating, &place)))| Row {
                place,
                user: user_of[rank][user as usize],
                item,
                rating,
                time: times[rank].get(at).copied().unwrap_or(Ratings::NO_TIME),
            };
            self.rows.extend(rows.map(row));
        }
    }

    /// Places and ratings of the two parts.
    fn parts(self) -> [(Vec<u64>, Ratings); 2] {
        let mut rows = self.rows;
        rows.sort_unstable_by_key(|row| row.place);
        let valid = rows.partition_point(|row| row.place < VALID);
        let part = |rows: &[Row]| {
            let ratings = Ratings {
                users: rows.iter().map(|row| UserIx(row.user)).collect(),
                items: rows.iter().map(|row| ItemIx(row.item)).collect(),
                ratings: rows.iter().map(|row| row.rating).collect(),
                timestamps: (self.timed).then(|| rows.iter().map(|row| row.time).collect()),
                others: Vec::new(),
            };
            let places = rows.iter().map(|row| row.place & !VALID).collect();
            (places, ratings)
        };
        [part(&rows[..valid]), part(&rows[valid..])]
    }
}
