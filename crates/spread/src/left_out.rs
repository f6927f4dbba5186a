//! The way of ratings that a filter has left out.

use crate::items::unpacked;
use crate::ranks::{Ranks, exchange_parts, most};
use crate::route::{AtHome, send_users};
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
    let (homes, arrived) = send_users(ranks, users);
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
                pairs[there as usize].push([user, item]);
                stars[there as usize].push(ratings.ratings[at]);
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
