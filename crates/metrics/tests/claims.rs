//! The measures against naive code, and what they must obey.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use recburn_metrics::{MetricError, Side, mae, mse, rating_metrics, rmse};

const SCALE: (f32, f32) = (0.5, 5.0);

/// Predictions of any size that a model may say beside ratings in half stars.
fn pairs() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    prop::collection::vec((-3.0f32..9.0, 1u8..=10), 1..200).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(prediction, halves)| (prediction, f32::from(halves) / 2.0))
            .unzip()
    })
}

/// The textbook's loop, written another way: pair by pair, divided as it goes.
fn naive(predictions: &[f32], ratings: &[f32], error: impl Fn(f64, f64) -> f64) -> f64 {
    let pairs = predictions.len() as f64;
    (0..predictions.len())
        .map(|at| error(f64::from(predictions[at]), f64::from(ratings[at])) / pairs)
        .sum()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * (1.0 + left.abs().max(right.abs()))
}

proptest! {
    #[test]
    fn measures_agree_with_naive_code((predictions, ratings) in pairs()) {
        let metrics = rating_metrics(&predictions, &ratings, SCALE)?;
        let clip = |p: f64| p.clamp(0.5, 5.0);
        let square = naive(&predictions, &ratings, |p, r| (p - r).powi(2));
        let clipped = naive(&predictions, &ratings, |p, r| (clip(p) - r).powi(2));
        prop_assert!(near(metrics.mse, square));
        prop_assert!(near(metrics.rmse, square.sqrt()));
        prop_assert!(near(metrics.mae, naive(&predictions, &ratings, |p, r| (p - r).abs())));
        prop_assert!(near(metrics.rmse_clipped, clipped.sqrt()));
        prop_assert!(near(metrics.mae_clipped, naive(&predictions, &ratings, |p, r| (clip(p) - r).abs())));
    }

    #[test]
    fn the_single_functions_say_the_same((predictions, ratings) in pairs()) {
        let metrics = rating_metrics(&predictions, &ratings, SCALE)?;
        prop_assert_eq!(metrics.mse, mse(&predictions, &ratings)?);
        prop_assert_eq!(metrics.rmse, rmse(&predictions, &ratings)?);
        prop_assert_eq!(metrics.mae, mae(&predictions, &ratings)?);
        prop_assert!(near(metrics.rmse * metrics.rmse, metrics.mse));
    }

    #[test]
    fn mae_is_at_most_rmse((predictions, ratings) in pairs()) {
        prop_assert!(mae(&predictions, &ratings)? <= rmse(&predictions, &ratings)? + 1e-12);
    }

    #[test]
    fn clipping_never_hurts_where_ratings_lie_in_the_scale((predictions, ratings) in pairs()) {
        let metrics = rating_metrics(&predictions, &ratings, SCALE)?;
        prop_assert!(metrics.rmse_clipped <= metrics.rmse);
        prop_assert!(metrics.mae_clipped <= metrics.mae);
    }

    #[test]
    fn whole_predictions_are_rounded_already(stars in prop::collection::vec((0u8..7, 1u8..=5), 1..50)) {
        let (predictions, ratings): (Vec<f32>, Vec<f32>) =
            stars.into_iter().map(|(p, r)| (f32::from(p), f32::from(r))).unzip();
        let metrics = rating_metrics(&predictions, &ratings, SCALE)?;
        prop_assert_eq!(metrics.mae_rounded, metrics.mae);
    }

    #[test]
    fn rounding_moves_the_error_by_half_a_star_at_most((predictions, ratings) in pairs()) {
        let metrics = rating_metrics(&predictions, &ratings, SCALE)?;
        prop_assert!((metrics.mae_rounded - metrics.mae).abs() <= 0.5 + 1e-9);
    }

    #[test]
    fn a_perfect_prediction_has_no_error((_, ratings) in pairs()) {
        let metrics = rating_metrics(&ratings, &ratings, SCALE)?;
        prop_assert_eq!((metrics.rmse, metrics.mae, metrics.mae_clipped), (0.0, 0.0, 0.0));
    }
}

#[test]
fn halves_are_rounded_to_the_even_star_as_numpy_does() -> Result<(), MetricError> {
    // numpy.round([0.5, 1.5, 2.5, 3.5, 4.5]) is [0, 2, 2, 4, 4].
    let predictions = [0.5, 1.5, 2.5, 3.5, 4.5];
    let metrics = rating_metrics(&predictions, &[0.0, 2.0, 2.0, 4.0, 4.0], (0.0, 5.0))?;
    assert_eq!(metrics.mae_rounded, 0.0);
    Ok(())
}

#[test]
fn sums_run_in_double_precision() -> Result<(), MetricError> {
    // In f32 a sum of 0.01 stalls long before twenty million.
    let count = 20_000_000;
    let error = mse(&vec![0.1; count], &vec![0.0; count])?;
    assert!((error - 0.01).abs() < 1e-8, "{error}");
    Ok(())
}

#[test]
fn what_cannot_be_scored_says_where() {
    assert_eq!(rmse(&[], &[]), Err(MetricError::Empty));
    let lengths = mae(&[1.0], &[1.0, 2.0]).expect_err("unequal lengths");
    assert_eq!(lengths.to_string(), "1 predictions for 2 ratings");
    let nan = mse(&[1.0, 2.0, f32::NAN], &[1.0, 2.0, 3.0]).expect_err("a NaN");
    assert_eq!(nan.to_string(), "prediction 2 is NaN, which is not finite");
    assert_eq!(
        mse(&[1.0, 2.0], &[f32::INFINITY, 2.0]),
        Err(MetricError::NotFinite {
            side: Side::Rating,
            index: 0,
            value: f32::INFINITY
        })
    );
    for (min, max) in [(5.0, 1.0), (f32::NEG_INFINITY, 5.0)] {
        assert_eq!(
            rating_metrics(&[1.0], &[1.0], (min, max)),
            Err(MetricError::Scale { min, max })
        );
    }
    assert!(rating_metrics(&[1.0], &[1.0], (f32::NAN, 5.0)).is_err());
}

#[test]
fn metrics_print_as_a_small_table_and_survive_json() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = rating_metrics(&[3.5, 5.5, 2.0], &[4.0, 5.0, 1.0], (1.0, 5.0))?;
    assert_eq!(
        metrics.to_string(),
        "      predicted    clipped    rounded\n\
         mse      0.5000\n\
         rmse     0.7071     0.6455\n\
         mae      0.6667     0.5000     0.6667\n"
    );
    let text = serde_json::to_string(&metrics)?;
    assert_eq!(
        serde_json::from_str::<recburn_metrics::RatingMetrics>(&text)?,
        metrics
    );
    Ok(())
}

#[test]
fn blocks_give_what_all_pairs_give_at_once() {
    let noise = |seed: u32| (0..97_u32).map(move |n| ((n * 7 + seed * 13) % 23) as f32 / 4.7 - 0.3);
    let (predictions, ratings): (Vec<f32>, Vec<f32>) = (noise(1).collect(), noise(2).collect());
    let whole = recburn_metrics::rating_metrics(&predictions, &ratings, (0.5, 4.0)).unwrap();
    for size in [1, 10, 97, 200] {
        let mut sums = recburn_metrics::RatingSums::new((0.5, 4.0)).unwrap();
        assert!(sums.metrics().is_err(), "a mean of nothing");
        for (predictions, ratings) in predictions.chunks(size).zip(ratings.chunks(size)) {
            sums.add(predictions, ratings).unwrap();
        }
        assert_eq!(sums.metrics().unwrap(), whole);
        assert_eq!(sums.pairs(), 97);
        // A number that is none is named by its place among all.
        let error = sums.add(&[1.0, f32::NAN], &[1.0, 1.0]).unwrap_err();
        assert!(
            error.to_string().starts_with("prediction 98 is NaN"),
            "{error}"
        );
    }
}
