//! Ratings without features.

use crate::common::{epoch, ratings};
use proptest::prelude::*;
use recburn_data::{Batch, Batches, DataError, Examples, Input, Kind, Ratings, SchemaError, Side};

proptest! {
    #[test]
    fn ratings_are_fed_as_they_are_batched(
        pairs in prop::collection::vec((0..20_u32, 0..50_u32), 1..150),
        size in 1..40_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        let wanted = [Input::users(20), Input::items(50)];
        let mut feed = ratings.feed(&wanted, size).expect("good ratings");
        prop_assert_eq!(feed.queries(), pairs.len());
        prop_assert_eq!(feed.steps(), pairs.len().div_ceil(size));
        for number in [3, 1] {
            let batches: Vec<Batch> =
                Batches::shuffled(&ratings, size, seed, number).expect("good ratings").collect();
            prop_assert_eq!(epoch(&mut *feed, seed, number), batches);
        }
    }
}

#[test]
fn ratings_say_what_they_offer_and_refuse_the_rest() {
    let ratings = ratings(&[(4, 1), (1, 9)]);
    let schema = ratings.schema();
    assert_eq!(
        (schema.users(), schema.items(), schema.scale),
        (5, 10, (0.0, 1.0))
    );
    assert!(matches!(
        ratings.serves(&[Input::users(4), Input::items(10)]),
        Err(DataError::OutOfTable {
            row: 0,
            column: "users",
            id: 4,
            rows: 4
        })
    ));
    let genres = Input::new("genres", Side::Item, Kind::Bag { rows: 19 });
    assert!(matches!(
        ratings.feed(&[genres], 1).map(|_| ()),
        Err(DataError::Schema(SchemaError::Missing { .. }))
    ));
    assert!(matches!(
        ratings.feed(&[], 0).map(|_| ()),
        Err(DataError::BatchSize)
    ));
    assert!(matches!(
        Ratings::default().serves(&[]),
        Err(DataError::NoRatings)
    ));
}
