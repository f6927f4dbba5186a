//! The way of ratings that a filter has left out.

use crate::homes::home_of;
use crate::items::{packed, unpacked};
use crate::ranks::{Ranks, exchange_parts, most};
use crate::route::AtHome;
use recburn_data::{IdMap, ItemIx, Ratings, UserIx};

/// Ratings sent at a time.
const ROUND: usize = 1 << 16;

/// Marks an item, or a user, that has no other ratings.
const GONE: u32 = u32::MAX;

/// Sends the ratings that a filter has left out to the home of their user, and returns those of users and items that are
/// still there, by their numbers at home. All ranks call it, each with its own ratings and their ids.
pub fn bring_left_out(
    ranks: &dyn Ranks,
    users: &IdMap<UserIx>,
    items: &IdMap<ItemIx>,
    ratings: &Ratings,
    home: &AtHome,
) -> Ratings {
    let size = ranks.size();
    let mut number = vec![GONE; items.rows()];
    for (item, id) in items.iter() {
        number[item.index()] = home.items.index(&id).map_or(GONE, |item| item.0);
    }
    // Where each user lives, and its number among those that are sent there.
    let mut to: Vec<Vec<UserIx>> = vec![Vec::new(); size];
    let mut homes = vec![(0, 0); users.rows()];
    for (user, id) in users.iter() {
        let there = home_of(&id, size);
        homes[user.index()] = (there, to[there].len() as u32);
        to[there].push(user);
    }
    let ids = to
        .iter()
        .map(|users_there| packed(users_there.iter().filter_map(|&user| users.id(user))));
    let arrived = exchange_parts(ranks, &ids.collect::<Vec<_>>());
    let here = |id| home.users.index(id).map_or(GONE, |user: UserIx| user.0);
    let user_of: Vec<Vec<u32>> = arrived
        .iter()
        .map(|bytes| unpacked(bytes).map(here).collect())
        .collect();
    let mut left_out = Ratings::default();
    let mut row = 0;
    for _ in 0..most(ranks, ratings.len().div_ceil(ROUND) as u64) {
        let mut pairs: Vec<Vec<[u32; 2]>> = vec![Vec::new(); size];
        let mut stars: Vec<Vec<f32>> = vec![Vec::new(); size];
        let end = (row + ROUND).min(ratings.len());
        for at in row..end {
            let item = number[ratings.items[at].index()];
            if item != GONE {
                let (there, user) = homes[ratings.users[at].index()];
                pairs[there].push([user, item]);
                stars[there].push(ratings.ratings[at]);
            }
        }
        row = end;
        let (pairs, stars) = (exchange_parts(ranks, &pairs), exchange_parts(ranks, &stars));
        for (rank, (pairs, stars)) in pairs.iter().zip(&stars).enumerate() {
            for (&[user, item], &rating) in pairs.iter().zip(stars) {
                let user = user_of[rank][user as usize];
                if user != GONE {
                    left_out.users.push(UserIx(user));
                    left_out.items.push(ItemIx(item));
                    left_out.ratings.push(rating);
                }
            }
        }
    }
    left_out
}
