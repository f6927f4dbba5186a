//! Ratings on their way to the home of their user, and those that have arrived.

use crate::ranks::{Ranks, exchange, share_counts};
use bytemuck::Pod;
use recburn_data::{ItemIx, Ratings, UserIx};
use std::mem::take;

/// Rows sent at a time: what is on its way takes some megabytes.
const ROUND: usize = 1 << 16;

/// Marks the places of the validation part.
const VALID: u64 = 1 << 63;

/// A column in pieces that are freed one by one.
pub fn blocks<T: Copy>(column: Vec<T>) -> std::vec::IntoIter<Vec<T>> {
    let blocks: Vec<Vec<T>> = column.chunks(ROUND).map(<[T]>::to_vec).collect();
    blocks.into_iter()
}

/// Ratings of a round, to one rank or from all.
#[derive(Default)]
pub struct Sent {
    users: Vec<u32>,
    items: Vec<u32>,
    ratings: Vec<f32>,
    places: Vec<u64>,
    /// Of no rating if none has a time.
    times: Vec<i64>,
}

impl Sent {
    /// Adds a rating, with its place in the training part or in the other.
    pub fn add(&mut self, user: u32, item: u32, rating: f32, (place, train): (u64, bool)) {
        self.users.push(user);
        self.items.push(item);
        self.ratings.push(rating);
        self.places.push(match train {
            true => place,
            false => place | VALID,
        });
    }

    /// Adds the time of the last rating.
    pub fn add_time(&mut self, time: i64) {
        self.times.push(time);
    }
}

/// What a round has brought: the number of ratings from each rank, and the ratings, rank by rank.
struct Round {
    counts: Vec<usize>,
    ratings: Sent,
}

/// The ratings that have arrived.
pub struct Received {
    ranks: usize,
    timed: bool,
    rounds: Vec<Round>,
    len: usize,
}

impl Received {
    /// Nothing yet of so many ranks; `timed` if any rating of them has a time.
    pub fn new(ranks: usize, timed: bool) -> Self {
        Self {
            ranks,
            timed,
            rounds: Vec::new(),
            len: 0,
        }
    }

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Sends each rank its ratings and receives those from each. `user_of` has the numbers here of the users of each rank.
    pub fn take(&mut self, ranks: &dyn Ranks, parts: Vec<Sent>, user_of: &[Vec<u32>]) {
        let sizes: Vec<usize> = parts.iter().map(|part| part.users.len()).collect();
        let counts = share_counts(ranks, &sizes);
        fn column<T: Pod>(
            ranks: &dyn Ranks,
            [sizes, counts]: [&[usize]; 2],
            parts: &[Sent],
            of: impl Fn(&Sent) -> &[T],
        ) -> Vec<T> {
            let all: Vec<&[T]> = parts.iter().map(of).collect();
            exchange(ranks, &all.concat(), sizes, counts)
        }
        let both = [&sizes[..], &counts[..]];
        let mut ratings = Sent {
            users: column(ranks, both, &parts, |part| &part.users),
            items: column(ranks, both, &parts, |part| &part.items),
            ratings: column(ranks, both, &parts, |part| &part.ratings),
            places: column(ranks, both, &parts, |part| &part.places),
            times: match self.timed {
                true => column(ranks, both, &parts, |part| &part.times),
                false => Vec::new(),
            },
        };
        let mut users = ratings.users.iter_mut();
        for (&count, user_of) in counts.iter().zip(user_of) {
            for user in users.by_ref().take(count) {
                *user = user_of[*user as usize];
            }
        }
        self.len += ratings.users.len();
        self.rounds.push(Round { counts, ratings });
    }

    /// Places and ratings of the training part and of the other, in the order of places. Those of lower ranks come first, and
    /// each has sent its own in order.
    pub fn parts(mut self) -> [(Vec<u64>, Ratings); 2] {
        let places = self.taken(|sent| &mut sent.places);
        let held_out = places.iter().flatten().filter(|place| **place >= VALID);
        let held_out = held_out.count();
        let sizes = [self.len - held_out, held_out];
        let column = self.taken(|sent| &mut sent.users);
        let users = self.in_order(&places, sizes, &column, UserIx);
        drop(column);
        let column = self.taken(|sent| &mut sent.items);
        let items = self.in_order(&places, sizes, &column, ItemIx);
        drop(column);
        let column = self.taken(|sent| &mut sent.ratings);
        let ratings = self.in_order(&places, sizes, &column, |rating| rating);
        drop(column);
        let column = self.taken(|sent| &mut sent.times);
        let times = match self.timed {
            true => (self.in_order(&places, sizes, &column, |time| time)).map(Some),
            false => [None, None],
        };
        drop(column);
        let own = self.in_order(&places, sizes, &places, |place| place & !VALID);
        let columns = users.into_iter().zip(items).zip(ratings).zip(times);
        let part = |(places, (((users, items), ratings), timestamps))| {
            let ratings = Ratings {
                users,
                items,
                ratings,
                timestamps,
                others: Vec::new(),
            };
            (places, ratings)
        };
        let mut parts = own.into_iter().zip(columns).map(part);
        [parts.next(), parts.next()].map(Option::unwrap_or_default)
    }

    /// A column as it has arrived, which is no longer here.
    fn taken<T>(&mut self, of: impl Fn(&mut Sent) -> &mut Vec<T>) -> Vec<Vec<T>> {
        let rounds = self.rounds.iter_mut();
        rounds.map(|round| take(of(&mut round.ratings))).collect()
    }

    /// A column of both parts, in the order of places.
    fn in_order<T: Copy, U>(
        &self,
        places: &[Vec<u64>],
        sizes: [usize; 2],
        arrived: &[Vec<T>],
        value: impl Fn(T) -> U,
    ) -> [Vec<U>; 2] {
        let mut parts = sizes.map(Vec::with_capacity);
        // The first rating of each round that has not been taken.
        let mut next = vec![0; self.rounds.len()];
        for rank in 0..self.ranks {
            for (at, round) in self.rounds.iter().enumerate() {
                let rows = next[at]..next[at] + round.counts[rank];
                next[at] = rows.end;
                let own = places[at][rows.clone()].iter().zip(&arrived[at][rows]);
                for (&place, &number) in own {
                    parts[usize::from(place >= VALID)].push(value(number));
                }
            }
        }
        parts
    }
}
