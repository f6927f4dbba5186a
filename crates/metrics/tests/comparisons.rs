//! Paired comparisons against values that can be computed by hand.

use proptest::prelude::*;
use recburn_metrics::{ComparisonError, holm, paired_bootstrap, paired_t, sign_test};

/// Columns with some ties.
fn columns() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let value = || (0..20_u8).prop_map(|step| f64::from(step) / 20.0);
    prop::collection::vec((value(), value()), 2..60).prop_map(|pairs| pairs.into_iter().unzip())
}

proptest! {
    #[test]
    fn exchanging_the_models_changes_only_the_sign((left, right) in columns(), seed in any::<u64>()) {
        let (one, other) = (paired_t(&left, &right).expect("pairs"), paired_t(&right, &left).expect("pairs"));
        prop_assert_eq!((one.mean, one.t, one.p), (-other.mean, -other.t, other.p));
        prop_assert!((0.0..=1.0).contains(&one.p));
        let (one, other) = (sign_test(&left, &right).expect("pairs"), sign_test(&right, &left).expect("pairs"));
        prop_assert_eq!((one.wins, one.losses, one.ties, one.p), (other.losses, other.wins, other.ties, other.p));
        prop_assert_eq!(one.wins + one.losses + one.ties, left.len());
        let one = paired_bootstrap(&left, &right, 200, seed).expect("pairs");
        let other = paired_bootstrap(&right, &left, 200, seed).expect("pairs");
        prop_assert!((one.low + other.high).abs() < 1e-12 && (one.high + other.low).abs() < 1e-12);
        prop_assert_eq!((one.mean, one.p), (-other.mean, other.p));
        prop_assert!(one.low <= one.high && one.p > 0.0);
        prop_assert_eq!(one, paired_bootstrap(&left, &right, 200, seed).expect("pairs"));
    }

    #[test]
    fn users_for_whom_a_measure_is_undefined_are_left_out((left, right) in columns(), at in any::<prop::sample::Index>()) {
        let (mut longer_left, mut longer_right) = (left.clone(), right.clone());
        let at = at.index(left.len());
        longer_left.insert(at, f64::NAN);
        longer_right.insert(at, f64::NAN);
        prop_assert_eq!(paired_t(&longer_left, &longer_right), paired_t(&left, &right));
        prop_assert_eq!(sign_test(&longer_left, &longer_right), sign_test(&left, &right));
    }

    #[test]
    fn adjusted_probabilities_keep_their_order(probabilities in prop::collection::vec(0.0..1.0_f64, 0..20)) {
        let adjusted = holm(&probabilities);
        for (one, adjusted_one) in probabilities.iter().zip(&adjusted) {
            prop_assert!(adjusted_one >= one && *adjusted_one <= 1.0);
            for (other, adjusted_other) in probabilities.iter().zip(&adjusted) {
                prop_assert!(one >= other || adjusted_one <= adjusted_other);
            }
        }
        let smallest = probabilities.iter().copied().reduce(f64::min);
        let expected = smallest.map(|p| (p * probabilities.len() as f64).min(1.0));
        prop_assert_eq!(adjusted.iter().copied().reduce(f64::min), expected);
    }
}

#[test]
fn students_sleep_data_have_the_published_t() {
    // Hours of additional sleep under two drugs (Student 1908): t = -4.0621, p = 0.002833 with 9 degrees of freedom.
    let left = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let right = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let test = paired_t(&left, &right).expect("ten pairs");
    assert!((test.mean + 1.58).abs() < 1e-12);
    assert!((test.t + 4.0621).abs() < 5e-5, "{}", test.t);
    assert!((test.p - 0.002833).abs() < 5e-7, "{}", test.p);
    let signs = sign_test(&left, &right).expect("ten pairs");
    assert_eq!((signs.wins, signs.losses, signs.ties), (0, 9, 1));
    assert!((signs.p - 2.0 / 512.0).abs() < 1e-15);
    let bootstrap = paired_bootstrap(&left, &right, 4_000, 1).expect("ten pairs");
    assert!(bootstrap.low < -1.58 && -1.58 < bootstrap.high && bootstrap.high < 0.0);
    assert_eq!(bootstrap.p, 2.0 / 4001.0);
}

#[test]
fn equal_models_do_not_differ() {
    let column = [0.1, 0.5, 0.9];
    let test = paired_t(&column, &column).expect("pairs");
    assert_eq!((test.t, test.p), (0.0, 1.0));
    assert_eq!(sign_test(&column, &column).expect("pairs").p, 1.0);
    assert_eq!(
        paired_bootstrap(&column, &column, 10, 0).expect("pairs").p,
        1.0
    );
    // A difference without variance.
    let test = paired_t(&[1.0, 2.0], &[0.0, 1.0]).expect("pairs");
    assert_eq!((test.t, test.p), (f64::INFINITY, 0.0));
}

#[test]
fn mistakes_are_errors() {
    let lengths = ComparisonError::Lengths { left: 1, right: 2 };
    assert_eq!(sign_test(&[1.0], &[1.0, 2.0]), Err(lengths));
    let few = ComparisonError::Few {
        pairs: 1,
        fewest: 2,
    };
    assert_eq!(paired_t(&[1.0, f64::NAN], &[1.0, f64::NAN]), Err(few));
    let infinite = paired_t(&[1.0, 2.0], &[1.0, f64::INFINITY]);
    assert_eq!(
        infinite,
        Err(ComparisonError::NotFinite {
            index: 1,
            left: 2.0,
            right: f64::INFINITY
        })
    );
    assert!(matches!(
        sign_test(&[f64::NAN], &[1.0]),
        Err(ComparisonError::NotFinite { index: 0, .. })
    ));
    let none = paired_bootstrap(&[1.0], &[2.0], 0, 0);
    assert_eq!(none, Err(ComparisonError::Resamples));
}
