//! MovieLens 100K under the hash splits, and the measures of ranked lists.
#![allow(dead_code)] // each program uses its part

#[path = "../../../../tests/common/movielens.rs"]
pub mod movielens;

use recburn_classical::{Context, Fitted};
use recburn_data::{Dataset, Ratings, Split, UserIx};
use recburn_metrics::{RankingEvaluation, RankingEvaluator, UserItems};
use std::convert::Infallible;

/// P1: per user and by key, a fifth is test and a tenth valid.
pub const P1: &str = "by-user-hashed:0.7/0.1/0.2";
/// P2: the last rating of every user is test, the last but one valid; ties are in the order of the keys.
pub const P2: &str = "leave-last-out-hashed:1/1";

/// The parts of a data set.
pub fn split(dataset: &Dataset, kind: &str) -> Split {
    let kind = kind.parse().expect("a split");
    dataset.split(&kind, 42).expect("enough ratings per user")
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

/// The context of a fit to a part of a data set.
pub fn context_of<'a>(dataset: &Dataset, train: &'a Ratings, seed: u64) -> Context<'a> {
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    context(train, users, items, seed, 2)
}

/// The items of every user.
pub fn items_of(ratings: &Ratings) -> UserItems {
    let pairs = ratings.users.iter().zip(&ratings.items);
    UserItems::of(pairs.map(|(user, item)| (user.0, item.0)))
}

/// The measures of a model on `test`, of lists of all items but those of `seen`.
pub fn measures(
    model: &dyn Fitted,
    dataset: &Dataset,
    seen: &Ratings,
    test: &Ratings,
) -> RankingEvaluation {
    let (seen, test) = (items_of(seen), items_of(test));
    RankingEvaluator::new(dataset.users.rows(), dataset.items.rows(), &test)
        .leaving_out(&seen)
        .at([10, 20])
        .keep_users()
        .evaluate(|users, scores| {
            let users: Vec<UserIx> = users.iter().copied().map(UserIx).collect();
            model.score_block(&users, scores);
            Ok::<(), Infallible>(())
        })
        .expect("users with items")
}

/// The predictions of a model.
pub fn predicted(model: &dyn Fitted, rows: &Ratings) -> Vec<f32> {
    let pairs = rows.users.iter().zip(&rows.items);
    pairs
        .map(|(&user, &item)| model.predict(user, item))
        .collect()
}
