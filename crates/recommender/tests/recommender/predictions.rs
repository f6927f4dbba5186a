//! Predictions for raw ids.

use super::*;

#[test]
fn a_prediction_is_the_score_with_the_mean_put_back() {
    let recommender = tiny();
    for (user, item, rating) in [
        ("ann", "alien", 2.5),
        ("ann", "dune", 4.5),
        ("ben", "brazil", 4.25),
        ("ben", "casablanca", 4.25),
    ] {
        let seen = recommender.predict(user, item).unwrap();
        assert_eq!((seen.rating, seen.clipped), (rating, rating));
    }
}

#[test]
fn a_prediction_is_clipped_to_the_scale_of_the_data_and_also_told_unclipped() {
    let recommender = tiny();
    // The data go from 0.5 to 5.
    let above = recommender.predict("ben", "dune").unwrap();
    assert_eq!((above.rating, above.clipped), (5.5, 5.0));
    let below = recommender.predict("cleo", "eraserhead").unwrap();
    assert_eq!((below.rating, below.clipped), (-3.0, 0.5));
}

#[test]
fn without_centring_a_prediction_is_the_score() {
    let model = sums(&[0.0, 1.0, 2.0], &[0.5, 1.5, 2.5, 3.5, 0.25]);
    let recommender = Recommender::new(
        model,
        &films(),
        Seen::all_trained(&films()),
        Centre::none(),
        Value::Null,
    )
    .unwrap();
    assert_eq!(recommender.predict("cleo", "dune").unwrap().rating, 5.5);
    assert_eq!(recommender.training(), &Value::Null);
}

#[test]
fn an_unknown_id_is_named_with_what_it_is_and_how_many_are_known() {
    let recommender = tiny();
    let user = "there is no user `dora` among the 3 that the model knows; known ones are, for example, `ann`, `ben`, \
                `cleo`";
    let item = "there is no item `fargo` among the 5 that the model knows; known ones are, for example, `alien`, \
                `brazil`, `casablanca`";
    for (error, text) in [
        (recommender.predict("dora", "alien").unwrap_err(), user),
        (recommender.predict("ann", "fargo").unwrap_err(), item),
        // The user is looked for first.
        (recommender.predict("dora", "fargo").unwrap_err(), user),
        (recommender.recommend("dora", 3).unwrap_err(), user),
    ] {
        assert!(matches!(&error, RecommenderError::UnknownId { .. }));
        assert_eq!(error.to_string(), text);
    }
    // Ids are text, to the letter.
    for odd in ["", "Ann", "ann ", "0"] {
        assert!(recommender.predict(odd, "alien").is_err(), "{odd}");
    }
}

// Recommendations.
