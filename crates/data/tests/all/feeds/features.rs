//! Features that fit the ratings, and those that do not.

use super::featured;
use crate::common;
use recburn_data::{Examples, Feature, Featured, Features, Lists, Ratings, Side, UserIx, Whole};

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
        "the feature `job`: it has values for 5 users, but there are 6"
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
        "the feature `hour`: a column of ratings belongs to the event, not to the user"
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
            "the feature `item`: there is already an input with this name",
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
