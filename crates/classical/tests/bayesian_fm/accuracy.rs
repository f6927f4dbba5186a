//! Planted truths are found, whatever the number of threads.

use crate::common::{NOISE, Numbers, Outcome, USERS, context, planted, predicted, rmse, small};
use proptest::prelude::*;
use recburn_classical::bayesian_fm::BayesianFm;
use recburn_classical::{Context, Fitted, Method};
use recburn_data::{Feature, Features, ItemIx, Ratings, Side, UserIx};

/// The error against the planted values is a fraction of the noise, with all samples and with those that are kept.
#[test]
fn a_planted_truth_is_found() -> Outcome {
    let (train, test, truth) = planted();
    for options in [
        small(),
        BayesianFm {
            noise_shape: None,
            ..small()
        },
    ] {
        let all = options.fit_and_predict(&context(&train), &test)?;
        let fit = options.fit(&context(&train))?;
        let kept = predicted(fit.as_ref(), &test);
        // Five numbers per user from about 45 ratings with this noise: an error of about a third of it.
        assert!(
            rmse(&all, &truth) < 0.5 * f64::from(NOISE),
            "{}",
            rmse(&all, &truth)
        );
        assert!(
            rmse(&kept, &truth) < 0.55 * f64::from(NOISE),
            "{}",
            rmse(&kept, &truth)
        );
        assert!(
            rmse(&all, &kept) < 0.2 * f64::from(NOISE),
            "{}",
            rmse(&all, &kept)
        );
    }
    Ok(())
}

/// What only the features or the day explain is found as well.
#[test]
fn features_and_days_explain_ratings() -> Outcome {
    let (mut train, mut test, _) = planted();
    let mut numbers = Numbers(9);
    for part in [&mut train, &mut test] {
        let days: Vec<u32> = part.users.iter().map(|_| numbers.below(4)).collect();
        for ((rating, user), &day) in part.ratings.iter_mut().zip(&part.users).zip(&days) {
            *rating += 2.0 * (user.0 % 2) as f32 + day as f32;
        }
        part.timestamps = Some(
            days.iter()
                .map(|&day| i64::from(day) * 86_400 + 5)
                .collect(),
        );
    }
    // Users 0 to 19 are predicted without training ratings: only the feature tells their group.
    let known: Vec<u32> = (0..train.len() as u32)
        .filter(|&row| train.users[row as usize].0 >= 20)
        .collect();
    let new: Vec<u32> = (0..test.len() as u32)
        .filter(|&row| test.users[row as usize].0 < 20)
        .collect();
    let (train, test) = (train.take(&known), test.take(&new));
    let mut features = Features::default();
    let groups = (0..USERS as u32).map(|user| user % 2).collect();
    features.add(Feature::ids("group", Side::User, 2, groups))?;
    let plain = context(&train);
    let told = Context {
        features: Some(&features),
        ..plain
    };
    let days = BayesianFm {
        day: true,
        ..small()
    };
    let without = rmse(&small().fit_and_predict(&plain, &test)?, &test.ratings);
    let with_day = rmse(&days.fit_and_predict(&plain, &test)?, &test.ratings);
    let with_both = rmse(&days.fit_and_predict(&told, &test)?, &test.ratings);
    assert!(with_day < 0.9 * without, "{with_day} and {without}");
    assert!(with_both < 0.9 * with_day, "{with_both} and {with_day}");
    Ok(())
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() -> Outcome {
    let (mut train, mut test, _) = planted();
    for part in [&mut train, &mut test] {
        part.timestamps = Some((0..part.len() as i64).map(|row| row % 7 * 86_400).collect());
    }
    for chains in [1, 3] {
        let options = BayesianFm {
            chains,
            sweeps: 20,
            day: true,
            ..small()
        };
        let with = |threads| Context {
            threads,
            ..context(&train)
        };
        let one = options.fit_and_predict(&with(1), &test)?;
        let fit = options.fitted(&with(1))?;
        for threads in [2, 5] {
            assert_eq!(options.fit_and_predict(&with(threads), &test)?, one);
            assert_eq!(options.fitted(&with(threads))?, fit);
        }
        let other = Context {
            seed: 43,
            ..with(1)
        };
        assert_ne!(options.fit_and_predict(&other, &test)?, one);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the ratings, repeated pairs and empty rows included, predictions are finite and not wildly off the scale.
    #[test]
    fn any_ratings_give_finite_scores(
        rows in prop::collection::vec((0_u32..6, 0_u32..5, 0_u8..11), 1..40),
        rank in 1_usize..20,
        seed in any::<u64>(),
    ) {
        let train = Ratings {
            users: rows.iter().map(|row| UserIx(row.0)).collect(),
            items: rows.iter().map(|row| ItemIx(row.1)).collect(),
            ratings: rows.iter().map(|row| f32::from(row.2) / 2.0).collect(),
            ..Ratings::default()
        };
        let context = Context { users: 7, items: 6, seed, ..context(&train) };
        let options = BayesianFm { rank, sweeps: 12, burn_in: 4, saved_samples: 5, ..BayesianFm::default() };
        let fit = options.fitted(&context)?;
        prop_assert_eq!(fit.samples(), 5);
        let mut scores = vec![0.0; 6];
        for user in 0..8 {
            fit.score_all(UserIx(user), &mut scores);
            prop_assert!(scores.iter().all(|score| score.abs() < 1_000.0), "{:?}", scores);
        }
        fit.fold_in(&[(ItemIx(0), 5.0), (ItemIx(0), 4.0)], &mut scores)?;
        prop_assert!(scores.iter().all(|score| score.is_finite()));
    }
}
