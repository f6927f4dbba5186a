//! What feeds hand out.

mod features;
mod inputs;
mod plain_ratings;
mod whole;

use crate::common::ratings;
use recburn_data::{Feature, Features, Lists, Ratings, Side};

/// Ratings with a number and a list for each row, and features of their 5 users and 6 items.
fn featured(pairs: &[(u32, u32)]) -> (Ratings, Features) {
    let rows = pairs.len() as u32;
    let hours = Feature::ids(
        "hour",
        Side::Event,
        24,
        (0..rows).map(|row| row % 24).collect(),
    );
    let prices = (0..rows).map(|row| row as f32 / 2.0).collect();
    let ratings = Ratings {
        others: vec![hours, Feature::numbers("price", Side::Event, 1, prices)],
        ..ratings(pairs)
    };
    let mut features = Features::default();
    let mut add = |feature| features.add(feature).expect("a new feature");
    add(Feature::ids("job", Side::User, 3, vec![2, 0, 2, 1, 0]));
    add(Feature::numbers(
        "place",
        Side::User,
        2,
        (0..10).map(|at| at as f32).collect(),
    ));
    let mut genres = Lists::of([&[0, 2][..], &[], &[1], &[2, 1, 0], &[0]]);
    genres.push_weighted([(2, 0.5)]);
    add(Feature::bags("genres", Side::Item, 3, genres));
    let words = Lists::of([&[0, 2][..], &[], &[1], &[2, 1, 0], &[0], &[1, 1]]);
    add(Feature::sequences("words", Side::Item, 3, 9, words));
    features
        .set_histories(&ratings, 5, 6)
        .expect("good ratings");
    (ratings, features)
}
