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

/// Ratings by their ids and perhaps their times; all have one or none has.
pub(crate) fn of_rows(rows: &[(&str, &str, f32, Option<i64>)], order: IdOrder) -> Dataset {
    fn column<Ix: Index>(ids: &[&str], order: IdOrder) -> (IdMap<Ix>, Vec<Ix>) {
        let map: IdMap<Ix> = IdMap::new(ids.iter().copied(), order).expect("ids");
        let indices = ids
            .iter()
            .map(|id| map.index(id).expect("an id of the map"));
        let indices = indices.collect();
        (map, indices)
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let (user_ids, users) = column(&ids, order);
    let ids: Vec<&str> = rows.iter().map(|row| row.1).collect();
    let (item_ids, items) = column(&ids, order);
    let ratings = Ratings {
        users,
        items,
        ratings: rows.iter().map(|row| row.2).collect(),
        timestamps: rows.iter().map(|row| row.3).collect(),
        others: Vec::new(),
    };
    Dataset::new("made", user_ids, item_ids, ratings).expect("indices of the maps")
}

/// The ratings of lines such as `1\t2\t4.5\t886397596` or `anna,tea,4.5`; a time may be empty.
pub(crate) fn written(lines: &str, order: IdOrder) -> Dataset {
    let rows: Vec<_> = lines
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(['\t', ',']).collect();
            let rating = fields[2].parse().expect("a rating");
            let time = fields
                .get(3)
                .map(|time| time.parse().unwrap_or(Ratings::NO_TIME));
            (fields[0], fields[1], rating, time)
        })
        .collect();
    of_rows(&rows, order)
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
