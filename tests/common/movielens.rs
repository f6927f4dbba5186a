//! The ratings files of MovieLens, for tests on real data.
#![allow(dead_code, reason = "each program uses its part")]

use recburn_data::{Dataset, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use std::path::Path;

/// The fields of each rating: user, item, rating and time, separated by tabs or commas. A header is left out.
fn fields(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines();
    let fields = lines.map(|line| line.split(['\t', ',']).map(str::trim).collect::<Vec<_>>());
    fields
        .filter(|fields| fields[0].parse::<u32>().is_ok())
        .collect()
}

fn columns(file: &Path, ids: impl FnOnce(&[Vec<&str>]) -> Ids) -> (Ids, Ratings) {
    let text = std::fs::read_to_string(file).expect("a file of ratings");
    let rows = fields(&text);
    let (users, items) = ids(&rows);
    let ratings = Ratings {
        users: rows
            .iter()
            .map(|row| users.index(row[0]).expect("a user"))
            .collect(),
        items: rows
            .iter()
            .map(|row| items.index(row[1]).expect("an item"))
            .collect(),
        ratings: rows
            .iter()
            .map(|row| row[2].parse().expect("a rating"))
            .collect(),
        timestamps: Some(
            rows.iter()
                .map(|row| row[3].parse().expect("a time"))
                .collect(),
        ),
        others: Vec::new(),
    };
    ((users, items), ratings)
}

type Ids = (IdMap<UserIx>, IdMap<ItemIx>);

/// The data set of a file such as `ml-100k/u.data` or `ml-latest-small/ratings.csv`; its indices are in the order of the ids.
pub fn read(file: &Path) -> Dataset {
    let ((users, items), ratings) = columns(file, |rows| {
        let users = IdMap::new(rows.iter().map(|row| row[0]), IdOrder::Sorted);
        let items = IdMap::new(rows.iter().map(|row| row[1]), IdOrder::Sorted);
        (users.expect("ids"), items.expect("ids"))
    });
    Dataset::new("MovieLens", users, items, ratings).expect("ratings")
}

/// The ratings of a file that holds a part of this data set, such as `ml-100k/u1.base`.
pub fn part(dataset: &Dataset, file: &Path) -> Ratings {
    columns(file, |_| (dataset.users.clone(), dataset.items.clone())).1
}
