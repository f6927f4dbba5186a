//! What the means of the training ratings come to on other ratings.

#![allow(clippy::unwrap_used)]

use recburn_metrics::{Baseline, Means, Sum, rmse};

/// Two users and three items; the last item has no rating.
const TRAIN: [(u32, u32, f32); 4] = [(0, 0, 5.0), (0, 1, 3.0), (1, 0, 2.0), (1, 1, 1.0)];

#[test]
fn each_baseline_is_the_error_of_its_mean_written_out() {
    let means = Means::of(2, 3, TRAIN);
    let rows = [(0, 1, 4.0), (1, 0, 3.0), (1, 1, 1.5)];
    let ratings = [4.0, 3.0, 1.5];
    let baselines = means.baselines(rows).unwrap();
    let close = |seen: Baseline, predictions: [f32; 3]| {
        let wanted = rmse(&predictions, &ratings).unwrap();
        assert!((seen.rmse - wanted).abs() < 1e-12, "{seen:?} {wanted}");
    };
    close(baselines.mean, [2.75; 3]);
    close(baselines.user_mean, [4.0, 1.5, 1.5]);
    close(baselines.item_mean, [2.0, 3.5, 2.0]);
}

#[test]
fn who_has_no_training_rating_gets_the_mean_of_all() {
    let means = Means::of(2, 3, TRAIN);
    // A user and an item beyond the tables, and an item without a rating.
    let baselines = means.baselines([(7, 2, 2.75), (0, 9, 2.75)]).unwrap();
    assert_eq!(baselines.mean.rmse, 0.0);
    assert_eq!(baselines.item_mean.mae, 0.0);
    assert_eq!(baselines.user_mean.mae, 1.25 / 2.0);
}

#[test]
fn of_nothing_there_is_no_baseline() {
    assert_eq!(Means::new(2, 2).baselines([(0, 0, 1.0)]), None);
    assert_eq!(Means::of(2, 3, TRAIN).baselines([]), None);
}

#[test]
fn sums_that_were_kept_give_the_same_means() {
    let means = Means::of(2, 3, TRAIN);
    let again = Means::from_sums(means.users().to_vec(), means.items().to_vec());
    assert_eq!(again, means);
    assert_eq!(again.item(0), Sum { sum: 7.0, count: 2 });
    assert_eq!(again.count(), 4);
}

#[test]
fn where_all_ratings_are_equal_nothing_is_better_than_their_mean() {
    let means = Means::of(1, 2, [(0, 0, 1.0), (0, 1, 1.0)]);
    let baselines = means.baselines([(0, 1, 1.0)]).unwrap();
    assert_eq!(baselines.mean.rmse, 0.0);
    let said = baselines.verdict(0.0).unwrap();
    assert!(said.contains("no better than"), "{said}");
    let said = baselines.verdict(0.01).unwrap();
    assert!(
        said.contains("worse than always predicting the training mean"),
        "{said}"
    );
}

#[test]
fn a_model_between_the_baselines_is_told_those_that_it_loses_to() {
    let means = Means::of(2, 3, TRAIN);
    let baselines = means.baselines([(0, 0, 5.0), (1, 1, 1.0)]).unwrap();
    // The user's mean is nearest: 1 and 0.5 off.
    assert!(baselines.user_mean.rmse < baselines.mean.rmse);
    let between = (baselines.user_mean.rmse + baselines.item_mean.rmse) / 2.0;
    let said = baselines.verdict(between).unwrap();
    assert!(
        said.contains("the user's mean") && !said.contains("training mean"),
        "{said}"
    );
    assert_eq!(baselines.verdict(baselines.user_mean.rmse * 0.9), None);
}
