//! The Bayesian factorisation machine from outside: planted truths, threads, visitors, saved models and bad options.

use proptest::prelude::*;
use recburn_classical::bayesian_fm::{BayesianFm, Fit};
use recburn_classical::{ClassicalError, Context, Fitted, Method, Saved};
use recburn_data::{Feature, Features, ItemIx, Ratings, Side, UserIx};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Numbers that look random, from -1 to 1: a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn below(&mut self, bound: u32) -> u32 {
        ((self.next() + 1.0) * 0.5 * bound as f32) as u32 % bound
    }

    /// About standard normal.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() / 2.0
    }
}

const USERS: usize = 120;
const ITEMS: usize = 90;
const NOISE: f32 = 0.5;

/// Training and test ratings of a planted model of rank 2 with biases, and the planted values of the test ratings.
fn planted() -> (Ratings, Ratings, Vec<f32>) {
    let mut numbers = Numbers(5);
    let mut table = |rows: usize| -> Vec<[f32; 3]> {
        let mut row = || {
            [
                0.4 * numbers.normal(),
                0.7 * numbers.normal(),
                0.7 * numbers.normal(),
            ]
        };
        (0..rows).map(|_| row()).collect()
    };
    let (users, items) = (table(USERS), table(ITEMS));
    let mut numbers = Numbers(6);
    let (mut train, mut test, mut truth) = (Ratings::default(), Ratings::default(), Vec::new());
    for (u, user) in users.iter().enumerate() {
        for (i, item) in items.iter().enumerate() {
            let value = 3.5 + user[0] + item[0] + user[1] * item[1] + user[2] * item[2];
            let part = match numbers.below(10) {
                0..5 => &mut train,
                5 => {
                    truth.push(value);
                    &mut test
                }
                _ => continue,
            };
            part.users.push(UserIx(u as u32));
            part.items.push(ItemIx(i as u32));
            part.ratings.push(value + NOISE * numbers.normal());
        }
    }
    (train, test, truth)
}

fn context(train: &Ratings) -> Context<'_> {
    Context {
        train,
        users: USERS,
        items: ITEMS,
        scale: (1.0, 5.0),
        features: None,
        seed: 42,
        threads: 1,
    }
}

fn small() -> BayesianFm {
    BayesianFm {
        rank: 3,
        sweeps: 60,
        burn_in: 10,
        saved_samples: 10,
        ..BayesianFm::default()
    }
}

fn rmse(one: &[f32], other: &[f32]) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2));
    (squares.sum::<f64>() / one.len() as f64).sqrt()
}

fn predicted(fit: &dyn Fitted, rows: &Ratings) -> Vec<f32> {
    let pairs = rows.users.iter().zip(&rows.items);
    pairs
        .map(|(&user, &item)| fit.predict(user, item))
        .collect()
}

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
        for row in 0..part.len() {
            // Users 0 to 19 have no training ratings to learn their group from.
            let group = part.users[row].0 % 2;
            part.ratings[row] += 2.0 * group as f32 + days[row] as f32;
        }
        part.timestamps = Some(
            days.iter()
                .map(|&day| i64::from(day) * 86_400 + 5)
                .collect(),
        );
    }
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

#[test]
fn saved_models_give_the_same_scores() -> Outcome {
    let (train, _, _) = planted();
    let fit = small().fit(&context(&train))?;
    let text = serde_json::to_string(&fit.saved())?;
    let loaded = serde_json::from_str::<Saved>(&text)?.fitted()?;
    let (mut one, mut other) = (vec![0.0; ITEMS + 2], vec![0.0; ITEMS + 2]);
    for user in [UserIx(0), UserIx(77), UserIx(10_000)] {
        fit.score_all(user, &mut one);
        loaded.score_all(user, &mut other);
        assert_eq!(one[..ITEMS], other[..ITEMS]);
        assert!(one[ITEMS..].iter().all(|score| score.is_nan()));
        for item in 0..ITEMS as u32 {
            assert_eq!(fit.predict(user, ItemIx(item)), one[item as usize]);
        }
    }
    assert!(fit.predict(UserIx(0), ItemIx(ITEMS as u32)).is_nan());
    let profile = [(ItemIx(3), 5.0), (ItemIx(8), 1.0)];
    fit.fold_in(&profile, &mut one[..ITEMS])?;
    loaded.fold_in(&profile, &mut other[..ITEMS])?;
    assert_eq!(one[..ITEMS], other[..ITEMS]);
    Ok(())
}

/// Damage to any part of a saved model is an error.
#[test]
fn damaged_models_are_refused() -> Outcome {
    let (train, _, _) = planted();
    let saved = small().fit(&context(&train))?.saved();
    let whole = serde_json::to_value(&saved)?;
    let parts: Vec<String> = whole
        .as_object()
        .ok_or("no object")?
        .keys()
        .cloned()
        .collect();
    for part in parts.iter().filter(|part| whole[*part].is_array()) {
        let mut value = whole.clone();
        value[part].as_array_mut().ok_or("no array")?.pop();
        let error = serde_json::from_value::<Saved>(value)?.fitted().err();
        assert!(
            matches!(error, Some(ClassicalError::Damaged { .. })),
            "{part}: {error:?}"
        );
    }
    let mut value = whole.clone();
    value["rank"] = 0.into();
    assert!(serde_json::from_value::<Saved>(value)?.fitted().is_err());
    Ok(())
}

/// A visitor with the ratings of a user gets scores close to that user's, and closer to the truth than without them.
#[test]
fn visitors_are_scored_like_users_with_the_same_ratings() -> Outcome {
    let (train, _, _) = planted();
    let fit: Fit = small().fitted(&context(&train))?;
    let (mut own, mut visitor, mut nobody) = (vec![0.0; ITEMS], vec![0.0; ITEMS], vec![0.0; ITEMS]);
    fit.fold_in(&[], &mut nobody)?;
    for user in 0..10 {
        let rows = (0..train.len()).filter(|&row| train.users[row].0 == user);
        let profile: Vec<(ItemIx, f32)> = rows
            .map(|row| (train.items[row], train.ratings[row]))
            .collect();
        fit.score_all(UserIx(user), &mut own);
        fit.fold_in(&profile, &mut visitor)?;
        let (near, far) = (rmse(&own, &visitor), rmse(&own, &nobody));
        assert!(
            near < 0.2 && near < 0.4 * far,
            "user {user}: {near} and {far}"
        );
    }
    let mut unknown = vec![0.0; ITEMS];
    fit.score_all(UserIx(USERS as u32), &mut unknown);
    assert_eq!(unknown, nobody);
    Ok(())
}

#[test]
fn bad_options_and_data_are_errors_that_name_them() {
    let (train, test, _) = planted();
    let refused = |options: BayesianFm, said: &str| {
        let error = options.fit_and_predict(&context(&train), &test).err();
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains(said), "{text}");
    };
    refused(BayesianFm { rank: 0, ..small() }, "rank is 0");
    refused(
        BayesianFm {
            rank: 64,
            ..small()
        },
        "rank is 64",
    );
    refused(
        BayesianFm {
            chains: 0,
            ..small()
        },
        "chains is 0",
    );
    refused(
        BayesianFm {
            burn_in: 60,
            ..small()
        },
        "burn_in is 60",
    );
    refused(
        BayesianFm {
            saved_samples: 101,
            ..small()
        },
        "saved_samples is 101",
    );
    refused(
        BayesianFm {
            noise_shape: Some(1.0),
            ..small()
        },
        "noise_shape is 1",
    );
    refused(
        BayesianFm {
            noise_shape: Some(f64::NAN),
            ..small()
        },
        "noise_shape is NaN",
    );
    refused(
        BayesianFm {
            day: true,
            ..small()
        },
        "day is true",
    );
    refused(
        BayesianFm {
            events: vec!["hour".to_string()],
            ..small()
        },
        "`hour`",
    );
    refused(
        BayesianFm {
            features: Some(vec!["age".to_string()]),
            ..small()
        },
        "`age`",
    );
    let nothing = Ratings::default();
    let error = small().fitted(&context(&nothing)).err();
    assert!(
        matches!(error, Some(ClassicalError::NoRatings { .. })),
        "{error:?}"
    );
    let mut beyond = train.clone();
    beyond.items[0] = ItemIx(ITEMS as u32);
    let error = small().fitted(&context(&beyond)).err();
    assert!(matches!(error, Some(ClassicalError::Data(_))), "{error:?}");
}

#[test]
fn options_survive_serde_and_unknown_ones_are_refused() -> Outcome {
    let options = BayesianFm {
        day: true,
        noise_shape: None,
        features: Some(Vec::new()),
        ..small()
    };
    let text = serde_json::to_string(&options)?;
    assert_eq!(serde_json::from_str::<BayesianFm>(&text)?, options);
    assert_eq!(
        serde_json::from_str::<BayesianFm>("{}")?,
        BayesianFm::default()
    );
    assert!(serde_json::from_str::<BayesianFm>("{\"ranks\": 3}").is_err());
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
