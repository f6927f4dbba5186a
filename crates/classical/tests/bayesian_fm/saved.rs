//! Saved models, and visitors.

use crate::common::{ITEMS, Outcome, USERS, context, planted, rmse, small};
use recburn_classical::bayesian_fm::{BayesianFm, Fit};
use recburn_classical::{ClassicalError, Fitted, Method, Saved};
use recburn_data::{ItemIx, UserIx};

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
    let parts: Vec<String> = whole["bayesian_fm"]
        .as_object()
        .ok_or("no object")?
        .keys()
        .cloned()
        .collect();
    for part in parts
        .iter()
        .filter(|part| whole["bayesian_fm"][*part].is_array())
    {
        let mut value = whole.clone();
        value["bayesian_fm"][part]
            .as_array_mut()
            .ok_or("no array")?
            .pop();
        let error = serde_json::from_value::<Saved>(value)?.fitted().err();
        assert!(
            matches!(error, Some(ClassicalError::Damaged { .. })),
            "{part}: {error:?}"
        );
    }
    let mut value = whole.clone();
    value["bayesian_fm"]["rank"] = 0.into();
    assert!(serde_json::from_value::<Saved>(value)?.fitted().is_err());
    Ok(())
}

/// A visitor with the ratings of a user gets scores close to that user's, and closer to the truth than without them.
#[test]
fn visitors_are_scored_like_users_with_the_same_ratings() -> Outcome {
    let (mut train, _, _) = planted();
    // Later days have higher ratings, and every user has rated on all of them.
    let days: Vec<i64> = (0..train.len() as i64).map(|row| row % 3).collect();
    for (rating, &day) in train.ratings.iter_mut().zip(&days) {
        *rating += day as f32;
    }
    train.timestamps = Some(days.iter().map(|day| day * 86_400).collect());
    for day in [false, true] {
        let options = BayesianFm { day, ..small() };
        let fit: Fit = options.fitted(&context(&train))?;
        let [mut own, mut visitor, mut nobody] = [(); 3].map(|()| vec![0.0; ITEMS]);
        fit.fold_in(&[], &mut nobody)?;
        let mut sums = [0.0; 2];
        for user in 0..10 {
            let rows = (0..train.len()).filter(|&row| train.users[row].0 == user);
            let profile: Vec<(ItemIx, f32)> = rows
                .map(|row| (train.items[row], train.ratings[row]))
                .collect();
            fit.score_all(UserIx(user), &mut own);
            fit.fold_in(&profile, &mut visitor)?;
            let near = rmse(&own, &visitor);
            assert!(near < 0.35, "user {user}: {near}");
            sums[0] += near;
            sums[1] += rmse(&own, &nobody);
            // The scores are those of an average day.
            let rated: Vec<f32> = profile.iter().map(|pair| own[pair.0.index()]).collect();
            let given: Vec<f32> = profile.iter().map(|pair| pair.1).collect();
            let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
            let off = mean(&rated) - mean(&given);
            assert!(off.abs() < 0.2, "user {user}: {off}");
        }
        assert!(sums[0] < 0.4 * sums[1], "{sums:?}");
        let mut unknown = vec![0.0; ITEMS];
        fit.score_all(UserIx(USERS as u32), &mut unknown);
        assert_eq!(unknown, nobody);
    }
    Ok(())
}
