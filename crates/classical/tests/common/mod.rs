//! MovieLens 100K under the hash splits, and the measures of ranked lists.
#![allow(dead_code)] // each program uses its part

use rayon::prelude::*;
use recburn_classical::{Context, Fitted};
use recburn_data::{ItemIx, Ratings, UserIx};
use std::path::Path;

/// A rating of a MovieLens file: user, item, rating, time.
pub type Row = (u32, u32, f32, i64);

/// A data set in three parts.
pub struct Parts {
    pub users: usize,
    pub items: usize,
    pub train: Ratings,
    pub valid: Ratings,
    pub test: Ratings,
}

/// The rows of a file of MovieLens 100K.
pub fn rows(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).expect("the file is readable");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| fields[at].parse::<i64>().expect("a number");
        (
            number(0) as u32,
            number(1) as u32,
            number(2) as f32,
            number(3),
        )
    };
    text.lines().map(row).collect()
}

/// Columns of these rows; ids from 1 become rows from 0.
pub fn ratings<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Ratings {
    let mut ratings = Ratings::default();
    for &(user, item, rating, _) in rows {
        ratings.users.push(UserIx(user - 1));
        ratings.items.push(ItemIx(item - 1));
        ratings.ratings.push(rating);
    }
    ratings
}

fn splitmix64(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The key that orders the ratings of a user.
pub fn key(user: u32, item: u32) -> u64 {
    splitmix64(splitmix64(42 ^ u64::from(user)) ^ u64::from(item))
}

fn split(
    mut rows: Vec<Row>,
    order: impl Fn(&Row) -> (i64, u64, u32),
    cut: impl Fn(usize) -> (usize, usize),
) -> Parts {
    rows.sort_by_key(|row| (row.0, order(row)));
    let (mut train, mut valid, mut test) = (Vec::new(), Vec::new(), Vec::new());
    for user in rows.chunk_by(|left, right| left.0 == right.0) {
        let (tests, valids) = cut(user.len());
        test.extend(&user[..tests]);
        valid.extend(&user[tests..tests + valids]);
        train.extend(&user[tests + valids..]);
    }
    Parts {
        users: rows.iter().map(|row| row.0).max().unwrap_or(0) as usize,
        items: rows.iter().map(|row| row.1).max().unwrap_or(0) as usize,
        train: ratings(&train),
        valid: ratings(&valid),
        test: ratings(&test),
    }
}

/// P1: per user and by key, a fifth is test and a tenth valid.
pub fn p1(rows: Vec<Row>) -> Parts {
    let cut = |n: usize| ((4 * n + 10) / 20, (2 * n + 10) / 20);
    split(rows, |row| (0, key(row.0, row.1), row.1), cut)
}

/// P2: the last rating of every user is test, the last but one valid; ties are in the order of the keys.
pub fn p2(rows: Vec<Row>) -> Parts {
    let order = |row: &Row| (-row.3, !key(row.0, row.1), !row.1);
    split(rows, order, |_| (1, 1))
}

/// Both parts in one.
pub fn joined(left: &Ratings, right: &Ratings) -> Ratings {
    let mut joined = left.clone();
    joined.users.extend(&right.users);
    joined.items.extend(&right.items);
    joined.ratings.extend(&right.ratings);
    joined
}

/// The context of a fit.
pub fn context(
    train: &Ratings,
    users: usize,
    items: usize,
    seed: u64,
    threads: usize,
) -> Context<'_> {
    Context {
        train,
        users,
        items,
        scale: (1.0, 5.0),
        features: None,
        seed,
        threads,
    }
}

/// The items of every user.
pub fn items_of(ratings: &Ratings, users: usize) -> Vec<Vec<u32>> {
    let mut lists = vec![Vec::new(); users];
    for (user, item) in ratings.users.iter().zip(&ratings.items) {
        lists[user.index()].push(item.0);
    }
    lists
}

/// The best 20 items of every user without those of `seen`, by descending score, ties by ascending item.
pub fn top_20(model: &dyn Fitted, seen: &[Vec<u32>], items: usize) -> Vec<Vec<u32>> {
    const BLOCK: usize = 64;
    let users: Vec<UserIx> = (0..seen.len() as u32).map(UserIx).collect();
    let blocks = users.par_chunks(BLOCK).zip(seen.par_chunks(BLOCK));
    let lists = blocks.map_init(Vec::new, |scores, (users, seen)| {
        scores.resize(users.len() * items, 0.0);
        model.score_block(users, scores);
        let rows = scores.chunks_exact_mut(items).zip(seen);
        rows.map(|(scores, seen)| {
            for &item in seen {
                scores[item as usize] = f32::NEG_INFINITY;
            }
            best(scores, 20)
        })
        .collect::<Vec<_>>()
    });
    lists.flatten_iter().collect()
}

fn best(scores: &[f32], count: usize) -> Vec<u32> {
    let mut list: Vec<(f32, u32)> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (item, &score) in scores.iter().enumerate() {
        if score > least {
            let place = list.partition_point(|listed| listed.0 >= score);
            list.insert(place, (score, item as u32));
            list.truncate(count);
            if list.len() == count {
                least = list[count - 1].0;
            }
        }
    }
    list.into_iter().map(|listed| listed.1).collect()
}

/// Means over the users with a test item.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    pub ndcg_10: f64,
    pub recall_10: f64,
    pub recall_20: f64,
    pub hit_10: f64,
}

/// The measures of a model on `test`, over all items but those of `seen`.
pub fn measures(
    model: &dyn Fitted,
    seen: &Ratings,
    test: &Ratings,
    users: usize,
    items: usize,
) -> Measures {
    let lists = top_20(model, &items_of(seen, users), items);
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let mut sums = [0.0; 4];
    let mut counted = 0.0;
    for (list, relevant) in lists.iter().zip(items_of(test, users)) {
        if relevant.is_empty() {
            continue;
        }
        let hits: Vec<usize> = (0..list.len())
            .filter(|&rank| relevant.contains(&list[rank]))
            .collect();
        let at_10 = hits.iter().filter(|&&rank| rank < 10);
        let ideal: f64 = (0..relevant.len().min(10)).map(gain).sum();
        sums[0] += at_10.clone().map(|&rank| gain(rank)).sum::<f64>() / ideal;
        sums[1] += at_10.clone().count() as f64 / relevant.len() as f64;
        sums[2] += hits.len() as f64 / relevant.len() as f64;
        sums[3] += f64::from(at_10.count() > 0);
        counted += 1.0;
    }
    let [ndcg_10, recall_10, recall_20, hit_10] = sums.map(|sum| sum / counted);
    Measures {
        ndcg_10,
        recall_10,
        recall_20,
        hit_10,
    }
}

/// The root mean squared error of unclipped predictions.
pub fn rmse(model: &dyn Fitted, test: &Ratings) -> f64 {
    let rows = test.users.iter().zip(&test.items).zip(&test.ratings);
    let squares = rows.map(|((&user, &item), &rating)| {
        let error = f64::from(model.predict(user, item) - rating);
        error * error
    });
    (squares.sum::<f64>() / test.len() as f64).sqrt()
}
