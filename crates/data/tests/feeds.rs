//! What feeds hand out.

mod common;

use common::{entries, epoch, queries, ratings};
use proptest::prelude::*;
use recburn_data::{
    Batch, Batches, DataError, Examples, Feature, Featured, Features, Input, Kind, Lists, Ratings,
    SchemaError, Side, UserIx, Values, Whole,
};
use std::collections::BTreeMap;

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

/// Everything that is offered, the words of an item cut to the last two.
fn wanted(examples: &dyn Examples) -> Vec<Input> {
    let mut wanted = examples.schema().inputs;
    for input in &mut wanted {
        if let Kind::Sequence { length, .. } = &mut input.kind {
            *length = 2;
        }
    }
    wanted.rotate_left(3);
    wanted
}

/// What each list of an input has: ids and weights.
fn lists(values: &Values) -> Vec<Vec<(u32, f32)>> {
    let Values::Bags(bags) = values else {
        panic!("{values:?} is no bags");
    };
    assert!(bags.weights.is_empty() || bags.weights.len() == bags.column.len());
    let list = |at| {
        let entries = bags.entries(at);
        let weight = |entry: usize| bags.weights.get(entry).copied().unwrap_or(1.0);
        let row = |entry: usize| bags.column.rows[bags.column.inverse[entry] as usize];
        entries.map(|entry| (row(entry), weight(entry))).collect()
    };
    (0..bags.len()).map(list).collect()
}

fn check_others(batch: &Batch, wanted: &[Input], ratings: &Ratings, features: &Features) {
    let others: Vec<&Input> = wanted
        .iter()
        .filter(|input| !input.is_users() && !input.is_items())
        .collect();
    assert_eq!(batch.others.len(), others.len());
    for (input, values) in others.into_iter().zip(&batch.others) {
        let events: Vec<u32> = batch.targets.iter().map(|&row| row as u32).collect();
        let rows = match input.side {
            Side::User => &batch.users.rows,
            Side::Item => &batch.items.rows,
            Side::Event => &events,
        };
        let seen = match values {
            Values::Ids(column) => column.len(),
            Values::Bags(bags) => bags.len(),
            Values::Numbers(numbers) => numbers.len() / if input.name == "place" { 2 } else { 1 },
        };
        assert_eq!(seen, entries(batch, input.side), "{}", input.name);
        match (input.name.as_str(), values) {
            ("job", Values::Ids(column)) => {
                let jobs = [2, 0, 2, 1, 0];
                let own: Vec<u32> = rows.iter().map(|&row| jobs[row as usize]).collect();
                assert_eq!(common::expand(column), own);
            }
            ("hour", Values::Ids(column)) => {
                let own: Vec<u32> = rows.iter().map(|&row| row % 24).collect();
                assert_eq!(common::expand(column), own);
            }
            ("price", Values::Numbers(prices)) => {
                let own: Vec<f32> = rows.iter().map(|&row| row as f32 / 2.0).collect();
                assert_eq!(*prices, own);
            }
            ("place", Values::Numbers(places)) => {
                let own: Vec<f32> = rows
                    .iter()
                    .flat_map(|&row| [2 * row, 2 * row + 1])
                    .map(|at| at as f32)
                    .collect();
                assert_eq!(*places, own);
            }
            ("genres", values) => {
                let genres = [
                    vec![(0, 1.0), (2, 1.0)],
                    vec![],
                    vec![(1, 1.0)],
                    vec![(2, 1.0), (1, 1.0), (0, 1.0)],
                    vec![(0, 1.0)],
                    vec![(2, 0.5)],
                ];
                let own: Vec<Vec<(u32, f32)>> = rows
                    .iter()
                    .map(|&row| genres[row as usize].clone())
                    .collect();
                assert_eq!(lists(values), own);
            }
            ("words", values) => {
                let words = [vec![0, 2], vec![], vec![1], vec![1, 0], vec![0], vec![1, 1]];
                let own: Vec<Vec<(u32, f32)>> = rows
                    .iter()
                    .map(|&row| words[row as usize].iter().map(|&id| (id, 1.0)).collect())
                    .collect();
                assert_eq!(lists(values), own);
            }
            ("history" | "rated_history" | "recent" | "raters", values) => {
                for (&row, list) in rows.iter().zip(lists(values)) {
                    let pairs = ratings
                        .users
                        .iter()
                        .zip(&ratings.items)
                        .zip(&ratings.ratings);
                    let own: Vec<(u32, f32)> = pairs
                        .filter_map(|((user, item), &stars)| match input.name.as_str() {
                            "raters" => (item.0 == row).then_some((user.0, stars)),
                            "rated_history" => (user.0 == row).then_some((item.0, stars)),
                            _ => (user.0 == row).then_some((item.0, 1.0)),
                        })
                        .collect();
                    let from = if input.name == "recent" {
                        own.len().saturating_sub(2)
                    } else {
                        0
                    };
                    assert_eq!(list, own[from..], "{}", input.name);
                }
            }
            (name, values) => panic!("{name}: {values:?}"),
        }
        let feature = features.find(&input.name);
        assert_eq!(feature.is_none(), input.side == Side::Event);
    }
}

proptest! {
    #[test]
    fn batches_have_every_input_once_per_distinct_row(
        pairs in prop::collection::vec((0..5_u32, 0..6_u32), 1..40), size in 1..20_usize, seed in any::<u64>(),
    ) {
        let (ratings, features) = featured(&pairs);
        let whole = |whole: Result<_, _>| Whole::with_features(whole.expect("good ratings"), &features);
        let featured = Featured::new(&ratings, &features);
        let (users, items) = (whole(Whole::users(&ratings)), whole(Whole::items(&ratings)));
        let all: [&dyn Examples; 3] = [&featured, &users, &items];
        for examples in all {
            let wanted = wanted(examples);
            let mut feed = examples.feed(&wanted, size).expect("good examples");
            for number in 0..2 {
                for batch in epoch(&mut *feed, seed, number) {
                    check_others(&batch, &wanted, &ratings, &features);
                }
            }
        }
    }

    #[test]
    fn users_and_items_come_whole(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..80), size in 1..12_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        for by_user in [true, false] {
            let whole = if by_user { Whole::users(&ratings) } else { Whole::items(&ratings) }.expect("good ratings");
            let mut feed = whole.feed(&[], size).expect("good ratings");
            let mut met: BTreeMap<u32, usize> = BTreeMap::new();
            let batches = epoch(&mut *feed, seed, 1);
            prop_assert_eq!(&epoch(&mut *feed, seed, 1), &batches);
            let mut rows = Vec::new();
            for (number, batch) in batches.iter().enumerate() {
                let members = if by_user { &batch.users } else { &batch.items };
                prop_assert!(members.rows.len() == size || number + 1 == batches.len());
                prop_assert!(members.inverse.is_sorted());
                for &member in &members.rows {
                    prop_assert_eq!(met.insert(member, number), None);
                }
                for ((user, items), &row) in queries(batch).into_iter().zip(&batch.targets) {
                    prop_assert_eq!(pairs[row as usize], (user, items[0]));
                    rows.push(row as usize);
                }
            }
            rows.sort_unstable();
            prop_assert_eq!(rows, (0..pairs.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_profile_has_a_target_for_every_item(
        pairs in prop::collection::vec((0..9_u32, 0..7_u32), 1..60), size in 1..12_usize, seed in any::<u64>(),
    ) {
        let ratings = ratings(&pairs);
        let whole = Whole::profiles(&ratings).expect("good ratings");
        let mut met = Vec::new();
        for batch in epoch(&mut *whole.feed(&[], size).expect("good ratings"), seed, 1) {
            for ((user, items), targets) in queries(&batch).into_iter().zip(batch.targets.chunks(batch.items.len())) {
                prop_assert!(items.is_sorted());
                for (item, &target) in items.into_iter().zip(targets) {
                    prop_assert_eq!(target, f32::from(u8::from(pairs.contains(&(user, item)))));
                }
                met.push(user);
            }
        }
        met.sort_unstable();
        let mut users: Vec<u32> = pairs.iter().map(|pair| pair.0).collect();
        users.sort_unstable();
        users.dedup();
        prop_assert_eq!(met, users);
    }
}

#[test]
fn features_must_cover_the_ratings_and_events_every_row() {
    let (ratings, features) = featured(&[(4, 5), (0, 0)]);
    let more = Ratings {
        users: vec![UserIx(5); 2],
        ..ratings.clone()
    };
    let job = features.find("job").expect("a feature").input.clone();
    let refused = Featured::new(&more, &features).serves(std::slice::from_ref(&job));
    let said = refused.expect_err("5 users have a job").to_string();
    assert_eq!(
        said,
        "the feature `job`: it has values for 5 users, and there are 6"
    );
    assert!(Featured::new(&more, &features).serves(&[]).is_ok());

    let mut short = ratings.clone();
    short.others[0] = Feature::ids("hour", Side::Event, 24, vec![1]);
    let said = short
        .feed(&[], 1)
        .map(|_| ())
        .expect_err("two ratings")
        .to_string();
    assert_eq!(said, "the feature `hour`: 1 values for 2 ratings");
    let mut of_a_user = ratings.clone();
    of_a_user.others[0] = Feature::ids("hour", Side::User, 24, vec![1, 2]);
    let said = of_a_user
        .feed(&[], 1)
        .map(|_| ())
        .expect_err("no event")
        .to_string();
    assert_eq!(
        said,
        "the feature `hour`: a column of ratings is of the event, not of the user"
    );

    let profiles = Whole::profiles(&ratings).expect("good ratings");
    assert!(profiles.serves(&[ratings.others[0].input.clone()]).is_err());
}

#[test]
fn parts_of_ratings_have_their_own_events() {
    let (ratings, _) = featured(&[(4, 5), (0, 0), (1, 1)]);
    let taken = ratings.take(&[2, 0]);
    assert_eq!(
        taken.others[0],
        Feature::ids("hour", Side::Event, 24, vec![2, 0])
    );
    assert_eq!(
        taken.others[1],
        Feature::numbers("price", Side::Event, 1, vec![1.0, 0.0])
    );
    let dataset = common::dataset(ratings);
    let kind = "fraction:0.67".parse().expect("a split");
    let split = dataset.split(&kind, 1).expect("two parts");
    assert_eq!(dataset.into_split(&kind, 1).expect("two parts").1, split);
    assert_eq!(split.valid.others[0].rows(), 1);
}

#[test]
fn a_bad_feature_says_what_is_wrong() {
    let said = |feature: Feature| {
        let mut features = Features::default();
        features
            .add(feature)
            .expect_err("a bad feature")
            .to_string()
    };
    for (feature, wrong) in [
        (
            Feature::ids("job", Side::User, 3, vec![0, 3]),
            "the feature `job`: the id 3 is beyond the table's 3 rows",
        ),
        (
            Feature::bags("genres", Side::Item, 2, Lists::of([&[0][..], &[5]])),
            "the feature `genres`: the id 5 is beyond the table's 2 rows",
        ),
        (
            Feature::numbers("age", Side::User, 1, vec![1.0, f32::NAN]),
            "the feature `age`: row 1: NaN is not a number",
        ),
        (
            Feature::numbers("place", Side::User, 2, vec![1.0; 3]),
            "the feature `place`: 3 numbers are not 2 per row",
        ),
        (
            Feature::ids("item", Side::User, 3, vec![0]),
            "the feature `item`: there is an input of this name already",
        ),
        (
            Feature::ids("hour", Side::Event, 24, vec![0, 1]),
            "the feature `hour`: a feature of events holds one typical value; a value per rating belongs in the ratings' own columns",
        ),
    ] {
        assert_eq!(said(feature), wrong);
    }
    let mut features = Features::default();
    let age = || Feature::numbers("age", Side::User, 1, vec![1.0]);
    assert!(
        features.add(age()).is_ok() && features.add(age()).is_err() && features.set(age()).is_ok()
    );
    assert_eq!(features.len(), 1);
}
