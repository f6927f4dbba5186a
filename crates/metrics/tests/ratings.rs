//! Errors of ratings by group and by user, and lists of ratings that cannot be measured.

use proptest::prelude::*;
use recburn_metrics::{
    MetricError, RatingSteps, mae, mse, r2, rating_metrics, rating_report, rmse,
};

/// Users, predictions, ratings on a scale of half stars, and whether a row is cold.
fn rows() -> impl Strategy<Value = Vec<(u32, f32, f32, bool)>> {
    let rating = (1..=10_u8).prop_map(|half| f32::from(half) / 2.0);
    prop::collection::vec((0..6_u32, -1.0..7.0_f32, rating, any::<bool>()), 1..80)
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

proptest! {
    #[test]
    fn a_report_agrees_with_the_measures_of_each_group_and_user(rows in rows()) {
        let steps = RatingSteps::new(0.5, 5.0, 0.5).expect("half stars");
        let users: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let predictions: Vec<f32> = rows.iter().map(|row| row.1).collect();
        let ratings: Vec<f32> = rows.iter().map(|row| row.2).collect();
        let report = rating_report(&users, &predictions, &ratings, |row| rows[row].3, steps).expect("rows");
        let groups = [(Some(report.all), None), (report.warm, Some(false)), (report.cold, Some(true))];
        for (group, cold) in groups {
            let own: Vec<_> = rows.iter().filter(|row| cold.is_none_or(|cold| row.3 == cold)).collect();
            prop_assert_eq!(group.is_none(), own.is_empty());
            let Some(group) = group else { continue };
            let (p, r): (Vec<f32>, Vec<f32>) = own.iter().map(|row| (row.1, row.2)).unzip();
            let plain = rating_metrics(&p, &r, (0.5, 5.0)).expect("rows");
            prop_assert_eq!((group.mse, group.rmse, group.mae), (plain.mse, plain.rmse, plain.mae));
            prop_assert_eq!((group.rmse_clipped, group.mae_clipped), (plain.rmse_clipped, plain.mae_clipped));
            prop_assert_eq!(group.r2, r2(&p, &r).ok());
            let rounded: Vec<f32> = p.iter().map(|&p| steps.round(p)).collect();
            prop_assert_eq!(group.rmse_rounded, rmse(&rounded, &r).expect("rows"));
            prop_assert_eq!(group.mae_rounded, mae(&rounded, &r).expect("rows"));
            let exact = rounded.iter().zip(&r).filter(|(p, r)| p == r).count();
            prop_assert_eq!(group.exact, exact as f64 / r.len() as f64);
            let (mut of_users, mut squares, mut absolutes) = (0, 0.0, 0.0);
            for user in 0..6 {
                let (p, r): (Vec<f32>, Vec<f32>) = own.iter().filter(|row| row.0 == user).map(|row| (row.1, row.2)).unzip();
                if let (Ok(rmse), Ok(mae)) = (rmse(&p, &r), mae(&p, &r)) {
                    of_users += 1;
                    squares += rmse;
                    absolutes += mae;
                }
            }
            prop_assert_eq!((group.rows, group.users), (own.len(), of_users));
            prop_assert!(close(group.user_rmse, squares / of_users as f64));
            prop_assert!(close(group.user_mae, absolutes / of_users as f64));
        }
    }

    #[test]
    fn a_rounded_prediction_is_the_nearest_rating(prediction in -1.0..7.0_f32) {
        let steps = RatingSteps::new(0.5, 5.0, 0.5).expect("half stars");
        let nearest = (1..=10).map(|half| half as f32 / 2.0).min_by(|left, right| {
            (left - prediction).abs().total_cmp(&(right - prediction).abs())
        });
        let rounded = steps.round(prediction);
        prop_assert_eq!((rounded - prediction).abs(), nearest.map_or(9.0, |nearest| (nearest - prediction).abs()));
    }

    #[test]
    fn the_mean_explains_no_variance_and_nothing_more_than_all(rows in rows()) {
        let (p, r): (Vec<f32>, Vec<f32>) = rows.iter().map(|row| (row.1, row.2)).unzip();
        match r2(&p, &r) {
            Err(error) => {
                prop_assert_eq!(error, MetricError::NoVariance);
                prop_assert!(r.iter().all(|rating| *rating == r[0]));
            }
            Ok(explained) => {
                prop_assert!(explained <= 1.0);
                prop_assert_eq!(r2(&r, &r), Ok(1.0));
                let mean = r.iter().sum::<f32>() / r.len() as f32;
                prop_assert!(r2(&vec![mean; r.len()], &r).expect("a variance").abs() < 1e-4);
                let variance = mse(&vec![mean; r.len()], &r).expect("rows");
                prop_assert!((explained - (1.0 - mse(&p, &r).expect("rows") / variance)).abs() < 1e-3 * (1.0 - explained).max(1.0));
            }
        }
    }
}

#[test]
fn halves_are_rounded_up_on_every_scale() {
    for (min, max, step, prediction, expected) in [
        (1.0, 5.0, 1.0, 2.5, 3.0),
        (0.5, 5.0, 0.5, 3.25, 3.5),
        (-10.0, 10.0, 0.25, -0.125, 0.0),
        (0.0, 10.0, 3.0, 10.0, 9.0),
        (1.0, 5.0, 1.0, -3.0, 1.0),
    ] {
        let steps = RatingSteps::new(min, max, step).expect("a scale");
        assert_eq!(steps.round(prediction), expected);
    }
}

#[test]
fn mistakes_are_errors() {
    let scale = |min, max, step| RatingSteps::new(min, max, step).expect_err("no scale");
    assert_eq!(
        scale(5.0, 1.0, 1.0),
        MetricError::Scale { min: 5.0, max: 1.0 }
    );
    assert_eq!(scale(1.0, 5.0, 0.0), MetricError::Step { step: 0.0 });
    let steps = RatingSteps::new(1.0, 5.0, 1.0).expect("stars");
    let never = |_: usize| false;
    let none = rating_report(&[], &[], &[], never, steps);
    assert_eq!(none, Err(MetricError::Empty));
    let more = rating_report(&[1, 2], &[1.0], &[1.0], never, steps);
    assert_eq!(
        more,
        Err(MetricError::Users {
            users: 2,
            ratings: 1
        })
    );
    assert_eq!(r2(&[1.0, 2.0], &[3.0, 3.0]), Err(MetricError::NoVariance));
}
