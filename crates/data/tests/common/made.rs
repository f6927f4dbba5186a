//! Ratings that were never in a file.

use proptest::prelude::*;
use recburn_data::{Dataset, IdMap, IdOrder, Index, ItemIx, Ratings, UserIx};

/// Ratings of these pairs of a user and an item. Each is its row's number, by which it is known again.
pub(crate) fn ratings(pairs: &[(u32, u32)]) -> Ratings {
    Ratings {
        users: pairs.iter().map(|pair| UserIx(pair.0)).collect(),
        items: pairs.iter().map(|pair| ItemIx(pair.1)).collect(),
        ratings: (0..pairs.len()).map(|row| row as f32).collect(),
        ..Ratings::default()
    }
}

/// These ratings, all ids up to the largest user and item being numbers in raw order.
pub(crate) fn dataset(ratings: Ratings) -> Dataset {
    fn ids<Ix: Index>(largest: Option<Ix>) -> IdMap<Ix> {
        let largest = largest.map_or(0, Index::row);
        let ids: Vec<String> = (0..=largest).map(|id| id.to_string()).collect();
        IdMap::new(ids.iter().map(String::as_str), IdOrder::Raw).expect("numbers")
    }
    let users = ids(ratings.users.iter().copied().max());
    let items = ids(ratings.items.iter().copied().max());
    Dataset::new("made", users, items, ratings).expect("indices of the maps")
}

/// Root mean squared error of what is predicted for each row.
pub(crate) fn rmse(ratings: &Ratings, predict: impl Fn(usize) -> f64) -> f64 {
    let squares = (0..ratings.len()).map(|row| {
        let error = predict(row) - f64::from(ratings.ratings[row]);
        error * error
    });
    (squares.sum::<f64>() / ratings.len() as f64).sqrt()
}

pub(crate) fn orders() -> impl Strategy<Value = IdOrder> {
    prop_oneof![
        Just(IdOrder::FirstSight),
        Just(IdOrder::Sorted),
        Just(IdOrder::Raw)
    ]
}
