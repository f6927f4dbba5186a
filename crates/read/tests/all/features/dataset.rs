//! The features of a data set: those of titles and genres, their scale, and what becomes of them in a filter.

use super::{numbers, with_users, words};
use recburn_data::{FeatureValues, Features, Filter, IdOrder, Input, Ratings, Side, UserIx};

#[test]
fn titles_and_genres_are_features_of_items() {
    let features = with_users("who,age\nanna,1\nbert,2\ncleo,3\n", "")
        .expect("good files")
        .features;
    assert_eq!(
        words(&features, Features::GENRES),
        [vec!["Comedy", "Drama"], vec!["Comedy"]]
    );
    assert_eq!(numbers(&features, Features::YEAR), [1990.0, 2000.0]);
    let FeatureValues::Lists(lists) = &features.find(Features::TITLE_WORDS).expect("titles").values
    else {
        panic!("no lists");
    };
    // "the" is in both, and a year is no word.
    assert_eq!((lists.ids(0).len(), lists.ids(1).len()), (2, 3));
    let both = lists
        .ids(0)
        .iter()
        .filter(|id| lists.ids(1).contains(id))
        .count();
    assert_eq!(both, 1);
    // What is hashed must stay where a saved model has learnt it.
    assert_eq!(lists.ids(0), [41, 540]);
}

#[test]
fn numbers_are_normalised_over_the_training_part() {
    let mut dataset = with_users("who,age\nanna,10\nbert,30\ncleo,99\n", "").expect("good files");
    let train = Ratings {
        users: vec![UserIx(0), UserIx(0), UserIx(1)],
        ..dataset.ratings.take(&[0, 0, 0])
    };
    let features = dataset.features_for(&train).expect("good ratings");
    assert_eq!(numbers(&features, "age"), [-1.0, 1.0, 7.9]);
    let scaling = features
        .find("age")
        .expect("a number")
        .scaling
        .expect("on one scale");
    assert_eq!(
        (scaling.mean, scaling.deviation, scaling.apply(40.0)),
        (20.0, 10.0, 2.0)
    );
    let mut again = features.clone();
    again.normalise(&train);
    assert_eq!(again, features);
    // One item is present: its year is the mean, and nothing deviates.
    assert_eq!(numbers(&features, Features::YEAR), [0.0, 10.0]);
    for name in [
        Features::HISTORY,
        Features::RATED_HISTORY,
        Features::RECENT,
        Features::RATERS,
    ] {
        assert!(features.find(name).is_some(), "{name}");
    }
    // A schema says the same without computing any of it.
    let schema = dataset.schema_for(&train);
    let pairs = [Input::users(3), Input::items(2)];
    let wanted: Vec<&Input> = pairs.iter().chain(features.inputs()).collect();
    assert_eq!(schema.inputs.iter().collect::<Vec<_>>(), wanted);
    assert_eq!(schema.scale, (1.0, 5.0));
    let text = serde_json::to_string(&features).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Features>(&text).expect("what was written"),
        features
    );
    dataset.ratings = train;
}

#[test]
fn a_filter_takes_the_features_along() {
    let users = "who,age\nanna,1\nbert,2\ncleo,3\n";
    for order in [IdOrder::FirstSight, IdOrder::Sorted] {
        let dataset = with_users(users, "").expect("good files");
        let filter: Filter = "rating>=4".parse().expect("a filter");
        let (kept, _) = filter.apply(&dataset).expect("ratings are left");
        assert_eq!(numbers(&kept.features, "age"), [2.0, 3.0], "{order}");
        assert_eq!(
            numbers(&kept.features, Features::YEAR),
            [2000.0, 1990.0],
            "{order}"
        );
        let (users, items) = (kept.users.rows(), kept.items.rows());
        for feature in kept.features.iter() {
            let rows = if feature.input.side == Side::User {
                users
            } else {
                items
            };
            assert_eq!(feature.rows(), rows);
        }
    }
}

#[test]
fn offered_inputs_are_those_of_the_features() {
    let features = with_users("who,age\nanna,1\nbert,2\ncleo,3\n", "")
        .expect("good files")
        .features;
    let inputs: Vec<String> = features.inputs().map(Input::to_string).collect();
    assert_eq!(
        inputs,
        [
            "genres (item, a bag of ids below 2)",
            "year (item, a number)",
            "title_words (item, a bag of ids below 1024)",
            "age (user, a number)"
        ]
    );
}
