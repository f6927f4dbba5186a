//! Columns that follow from when things were rated.

use crate::common;
use crate::common::ratings;
use recburn_data::{FeatureValues, Ratings};

#[test]
fn times_are_hours_weekdays_and_days() {
    let mut dataset = common::dataset(Ratings {
        // A Thursday, the Wednesday before, and a Saturday.
        timestamps: Some(vec![0, -1, 2 * 86_400 + 3_600 * 5 + 59]),
        ..ratings(&[(0, 0), (0, 1), (1, 1)])
    });
    dataset.ratings.add_time_columns().expect("times");
    dataset.ratings.add_time_columns().expect("times");
    let values: Vec<_> = dataset
        .ratings
        .others
        .iter()
        .map(|other| other.values.clone())
        .collect();
    assert_eq!(
        values,
        [
            FeatureValues::Ids(vec![0, 23, 5]),
            FeatureValues::Ids(vec![3, 2, 5]),
            FeatureValues::Numbers(vec![0.0, -1.0, 2.0]),
        ]
    );
    let mut split = dataset
        .split(&"time:0.67".parse().expect("a split"), 0)
        .expect("two parts");
    split.normalise_columns();
    let once = split.clone();
    split.normalise_columns();
    assert_eq!(split, once);
    let day = |part: &Ratings| part.others[2].values.clone();
    assert_eq!(day(&split.train), FeatureValues::Numbers(vec![1.0, -1.0]));
    assert_eq!(day(&split.valid), FeatureValues::Numbers(vec![5.0]));
    assert_eq!(split.valid.others[2].scaling, split.train.others[2].scaling);

    let mut untimed = ratings(&[(0, 0)]);
    let said = untimed
        .add_time_columns()
        .expect_err("no times")
        .to_string();
    assert_eq!(
        said,
        "the feature `hour_of_day`: 1 of 1 ratings have no time"
    );
    untimed.timestamps = Some(vec![Ratings::NO_TIME]);
    assert!(untimed.add_time_columns().is_err());
}
