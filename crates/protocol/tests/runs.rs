//! What the runner gives to models, and what it makes of their scores.

mod common;

use common::{Outcome, Spy, datasets, opened, protocol, small};
use proptest::prelude::*;
use recburn_classical::Context;
use recburn_classical::bayesian_fm::BayesianFm;
use recburn_data::{ItemIx, Ratings, SplitKind, UserIx, id_number, row_key, splitmix64};
use recburn_protocol::{
    Candidates, Classical, Contestant, Fold, Positives, Protocol, ProtocolError, Task, TieRule,
};
use serde_json::json;
use std::collections::BTreeSet;

const BY_USER: &str = "by-user-hashed:0.7/0.1/0.2";

fn pairs(ratings: &Ratings) -> BTreeSet<(u32, u32)> {
    let pairs = ratings.users.iter().zip(&ratings.items);
    pairs.map(|(user, item)| (user.0, item.0)).collect()
}

#[test]
fn a_model_without_need_of_validation_is_fitted_to_both_parts_and_sees_no_test_rating() -> Outcome {
    let opened = opened(BY_USER, Task::RATINGS);
    let (split, print) = opened.split(0)?;
    let spy = Spy::default();
    let card = opened.run(&spy, &[3, 4], 1)?;
    let given = spy.given.into_inner()?;
    assert_eq!(
        given.iter().map(|given| given.seed).collect::<Vec<_>>(),
        [3, 4]
    );
    for given in &given {
        let both = [pairs(&split.train), pairs(&split.valid)];
        assert_eq!(pairs(&given.train), &both[0] | &both[1]);
        assert_eq!(given.train.len(), split.train.len() + split.valid.len());
        assert_eq!((given.valid.as_ref(), given.epochs), (None, None));
        assert_eq!(given.ratings_at_hand, 0);
        assert_eq!(pairs(&given.asked), pairs(&split.test));
        assert!(given.asked.ratings.iter().all(|&rating| rating == 0.0));
        assert_eq!(given.asked.timestamps, split.test.timestamps);
    }
    assert_eq!(card.runs.len(), 2);
    for run in &card.runs {
        assert_eq!((run.fingerprint, run.fold.as_str()), (print, BY_USER));
        let rows = (run.rows.train, run.rows.valid, run.rows.test);
        assert_eq!(
            rows,
            (split.train.len(), split.valid.len(), split.test.len())
        );
        assert_eq!((run.epochs, run.selection), (None, None));
    }
    assert_eq!(card.versions["spyglass"], "1.0");
    assert_eq!(card.machine.threads, 1);
    Ok(())
}

#[test]
fn a_model_that_chooses_its_epochs_is_fitted_again_to_both_parts() -> Outcome {
    let mut protocol = protocol(BY_USER, Task::RATINGS);
    for refit in [true, false] {
        protocol.selection.refit = refit;
        let opened = protocol.with(small())?;
        let (split, _) = opened.split(0)?;
        let spy = Spy {
            validates: true,
            ..Spy::default()
        };
        let card = opened.run(&spy, &[1], 1)?;
        let given = spy.given.into_inner()?;
        assert_eq!(given.len(), 1 + usize::from(refit));
        assert_eq!(given[0].train, split.train);
        assert_eq!(given[0].valid.as_ref(), Some(&split.valid));
        if refit {
            assert_eq!((given[1].valid.as_ref(), given[1].epochs), (None, Some(7)));
            assert_eq!(given[1].train.len(), split.train.len() + split.valid.len());
        }
        let run = &card.runs[0];
        assert_eq!((run.epochs, run.selection.is_some()), (Some(7), refit));
        let selection = run.selection.map_or(0.0, |taken| taken.seconds);
        assert!(run.fit.seconds >= selection);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_validation_part_is_a_tenth_of_training_by_hash(dataset in datasets(), seed in any::<u64>()) {
        let mut protocol = protocol("fold:2/3", Task::RATINGS);
        protocol.seed = seed;
        let opened = protocol.with(dataset).expect("a data set");
        let (split, _) = opened.split(0).expect("two parts");
        let spy = Spy { validates: true, ..Spy::default() };
        let card = opened.run(&spy, &[1], 1).expect("figures");
        let given = spy.given.into_inner().expect("no panic");
        let valid = given[0].valid.clone().expect("a validation part");
        let (train, whole) = (pairs(&given[0].train), pairs(&split.train));
        let valid_pairs = pairs(&valid);
        prop_assert_eq!(valid.len(), (0.1 * split.train.len() as f64).round() as usize);
        prop_assert!(train.is_disjoint(&valid_pairs));
        prop_assert_eq!(&train | &valid_pairs, whole);
        // What is held out of the training part is the test part.
        prop_assert_eq!(pairs(&given[0].asked), pairs(&split.valid));
        prop_assert_eq!(card.runs[0].rows.test, split.valid.len());
        let key = |&(user, item): &(u32, u32)| {
            let dataset = opened.dataset(0);
            let user = dataset.users.id(UserIx(user)).expect("an id");
            let item = dataset.items.id(ItemIx(item)).expect("an id");
            row_key(splitmix64(seed), id_number(&user), id_number(&item))
        };
        let largest = valid_pairs.iter().map(key).max();
        prop_assert!(train.iter().map(key).all(|key| Some(key) > largest));
    }
}

#[test]
fn the_bayesian_model_predicts_ratings_while_it_is_fitted_and_ranks_afterwards() -> Outcome {
    let options = json!({
        "rank": 2, "sweeps": 12, "burn_in": 4, "saved_samples": 4, "day": true, "features": []
    });
    let direct: BayesianFm = serde_json::from_value(options.clone())?;
    let model = Classical::new("bayesian_fm", options)?.called("small");
    assert_eq!(model.describe()["chains"], 2);
    let opened_ratings = opened(BY_USER, Task::RATINGS);
    let card = opened_ratings.run(&model, &[1], 1)?;
    assert_eq!((card.model.as_str(), card.runs.len()), ("small", 1));
    let (split, _) = opened_ratings.split(0)?;
    let mut rows = [split.train_rows, split.valid_rows].concat();
    rows.sort_unstable();
    let dataset = opened_ratings.dataset(0);
    let context = Context {
        train: &dataset.ratings.take(&rows),
        users: dataset.users.rows(),
        items: dataset.items.rows(),
        scale: (dataset.scale.min, dataset.scale.max),
        features: None,
        seed: 1,
        threads: 1,
    };
    let predicted = direct.fit_and_predict(&context, &split.test)?;
    let error = recburn_metrics::rmse(&predicted, &split.test.ratings)?;
    assert!((card.mean("rmse").ok_or("no error")? - error).abs() < 1e-12);
    let card = opened(BY_USER, Task::full_ranking()).run(&model, &[1], 1)?;
    assert!(card.mean("ndcg@10").is_some_and(|gain| gain > 0.0));
    Ok(())
}

#[test]
fn what_cannot_be_run_is_refused() -> Outcome {
    let ratings = opened(BY_USER, Task::RATINGS);
    let error = ratings.run(&Spy::default(), &[], 1).expect_err("no seeds");
    assert!(matches!(error, ProtocolError::NoSeeds), "{error}");
    let ease = Classical::new("ease", json!({}))?;
    let error = ratings
        .run(&ease, &[1], 1)
        .expect_err("no ratings")
        .to_string();
    assert!(
        error.contains("the scores of ease only order items"),
        "{error}"
    );
    let short = Spy {
        missing: 1,
        ..Spy::default()
    };
    let error = ratings.run(&short, &[1], 1).expect_err("a row is missing");
    assert!(matches!(error, ProtocolError::Rows { .. }), "{error}");
    let broken = Spy {
        shift: f32::NAN,
        ..Spy::default()
    };
    let error = ratings.run(&broken, &[1], 1).expect_err("not a number");
    assert_eq!(
        error.to_string(),
        "the predictions of spy cannot be measured"
    );
    let days = Classical::new("bayesian_fm", json!({ "features": ["height"] }))?;
    let error = ratings.run(&days, &[5], 1).expect_err("no such feature");
    assert_eq!(
        error.to_string(),
        format!("bayesian_fm failed on {BY_USER}, seed 5")
    );
    Ok(())
}

#[test]
fn protocols_that_do_not_fit_together_are_refused() -> Outcome {
    let base = protocol(BY_USER, Task::full_ranking());
    let refused = |change: &dyn Fn(&mut Protocol), said: &str| {
        let mut protocol = base.clone();
        change(&mut protocol);
        let error = protocol.with(small()).expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    };
    refused(&|protocol| protocol.folds.clear(), "it has no folds");
    refused(
        &|protocol| protocol.selection.share = 1.0,
        "the share of validation rows is 1",
    );
    refused(
        &|protocol| protocol.folds[0].split = SplitKind::None,
        "holds nothing out",
    );
    refused(
        &|protocol| {
            let given = "given:u1.base,u1.test".parse().expect("a split");
            protocol.folds.push(Fold::of(given));
        },
        "some of its folds are given files",
    );
    let sampled = Task::Ranking {
        at: vec![10],
        candidates: Candidates::Sampled {
            negatives: 0,
            seed: 1,
        },
        ties: TieRule::ItemRow,
        positives: Positives::Every,
    };
    refused(
        &|protocol| protocol.task = sampled.clone(),
        "at least one item must be sampled",
    );
    let mut given = base.clone();
    given.folds[0].split = "given:u1.base,u1.test".parse()?;
    let empty = tempfile::tempdir()?;
    given.data.name = "nowhere".to_string();
    let error = given
        .open(Some(empty.path()))
        .expect_err("no files")
        .to_string();
    assert!(
        error.contains("needs the files u1.base and u1.test of nowhere"),
        "{error}"
    );
    Ok(())
}
