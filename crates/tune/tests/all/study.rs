//! Studies: workers, failures, stopping, events.

use crate::common::{FOUR, bowl, run, space, timeless, timeless_board};
use proptest::prelude::*;
use recburn_tune::{Event, Outcome, Sampler, Stop, Study, Trial, TuneError};
use serde_json::json;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The lines of a journal without their seconds, sorted.
fn lines(study: &Study, workers: usize) -> Vec<String> {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("journal.jsonl");
    let evaluate = |trial: &Trial, _: Stop| match bowl(trial) {
        value if trial.id == 0 => Ok(Outcome::new(value)), // not all of the first generation fail
        value if value > 12.0 => Err(format!("diverged at {value}")),
        value if value > 9.0 => Ok(Outcome::new(f64::NAN)),
        value => Ok(Outcome::new(value).with(json!({ "epoch": trial.id % 3 }))),
    };
    let results = study
        .run(workers, Some(&path), evaluate, |_| {})
        .expect("a result");
    let text = std::fs::read_to_string(&path).expect("a journal");
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            line.as_object_mut().expect("an object").remove("seconds");
            line.to_string()
        })
        .collect();
    assert_eq!(lines.len(), 1 + results.trials.len());
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_number_of_workers_changes_nothing(
        seed in any::<u64>(),
        word in prop::sample::select(vec!["random", "tpe:6", "halving:2"]),
        trials in 1_usize..30,
        generation in 1_usize..9,
    ) {
        let sampler = word.parse().expect("a sampler");
        let study = Study::new(space(FOUR), sampler, seed).trials(trials).generation(generation).budget(1, 8);
        let one = lines(&study, 1);
        prop_assert_eq!(&lines(&study, 2), &one);
        prop_assert_eq!(&lines(&study, 5), &one);
    }
}

#[test]
fn failures_are_recorded_and_do_not_end_the_study() {
    let study = Study::new(space(FOUR), Sampler::TPE, 1).trials(24);
    let evaluate = |trial: &Trial, _| match trial.id {
        2 => Err("no memory"),
        3 => Ok(Outcome::new(f64::NAN).with(json!({ "epoch": 4 }))),
        4 => Ok(Outcome::new(f64::NEG_INFINITY)),
        5 => panic!("index {} out of bounds", 7),
        _ => Ok(Outcome::new(bowl(trial))),
    };
    let results = study.run(2, None, evaluate, |_| {}).expect("a result");
    let board = results.leaderboard();
    let failed: Vec<_> = board
        .failed
        .iter()
        .map(|of| (of.trial.id, of.error.as_deref()))
        .collect();
    let expected = [
        (2, Some("no memory")),
        (3, Some("the objective is NaN, not a finite number")),
        (4, Some("the objective is -inf, not a finite number")),
        (5, Some("it panicked: index 7 out of bounds")),
    ];
    assert_eq!(failed, expected);
    assert_eq!(board.failed[1].more, json!({ "epoch": 4 }));
    assert_eq!((board.entries.len(), results.complete), (20, true));
    assert!(
        board
            .table(3)
            .ends_with("and 17 more\nfailed: 4; the first, trial 2: no memory\n")
    );
}

#[test]
fn a_study_whose_first_generation_fails_ends() {
    let calls = AtomicUsize::new(0);
    for workers in [1, 4] {
        calls.store(0, Ordering::Relaxed);
        let study = Study::new(space(FOUR), Sampler::Random, 1).generation(5);
        let evaluate = |trial: &Trial, _: Stop| {
            calls.fetch_add(1, Ordering::Relaxed);
            Err::<Outcome, _>(format!("there is no column of trial {}", trial.id))
        };
        let error = study
            .run(workers, None, evaluate, |_| {})
            .expect_err("failures only");
        assert!(matches!(error, TuneError::AllFailed { count: 5, .. }));
        assert_eq!(
            error.to_string(),
            "all 5 trials of the first generation failed; the first one: there is no column of trial 0"
        );
        assert_eq!(calls.load(Ordering::Relaxed), 5);
    }
    // One success is enough.
    let study = Study::new(space(FOUR), Sampler::Random, 1)
        .generation(5)
        .trials(9);
    let evaluate = |trial: &Trial, _| match trial.id {
        4 => Ok(Outcome::new(1.0)),
        _ => Err("no"),
    };
    let results = study.run(2, None, evaluate, |_| {}).expect("a result");
    assert_eq!(results.winner().map(|of| of.trial.id), Some(4));
}

#[test]
fn a_request_to_stop_ends_the_study_and_a_later_run_completes_it() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("new/journal.jsonl");
    let study = || {
        Study::new(space(FOUR), Sampler::Tpe { startup: 4 }, 9)
            .trials(20)
            .generation(4)
    };
    let whole = run(&study(), 2, None, bowl);
    let stop = Stop::new();
    let stopped = study().stopped_by(stop.clone());
    let evaluate = |trial: &Trial, of_trial: Stop| {
        if trial.id == 9 {
            stop.request();
        }
        match of_trial.is_requested() {
            true => Err("cut off"),
            false => Ok(Outcome::new(bowl(trial))),
        }
    };
    let part = stopped
        .run(1, Some(&path), evaluate, |_| {})
        .expect("a part");
    assert!(!part.complete);
    assert_eq!(timeless(&part.trials), timeless(&whole.trials[..9]));
    assert!(part.leaderboard().failed.is_empty()); // what was cut off has not failed

    let rest = run(&study(), 3, Some(&path), bowl);
    assert!(rest.complete);
    assert_eq!(timeless_board(&rest), timeless_board(&whole));
}

#[test]
fn the_watcher_sees_each_trial_begin_and_end() {
    let study = Study::new(space(FOUR), Sampler::HALVING, 2)
        .trials(9)
        .budget(1, 9);
    let mut events = Vec::new();
    let evaluate = |trial: &Trial, _: Stop| Ok::<_, Infallible>(Outcome::new(bowl(trial)));
    study
        .run(2, None, evaluate, |event| events.push(event.clone()))
        .expect("a result");
    let planned = study.planned();
    assert_eq!(planned, 9 + 3 + 1);
    let begun = events
        .iter()
        .filter(|event| matches!(event, Event::Started(_)))
        .count();
    let counts = events.iter().filter_map(|event| match event {
        Event::Finished {
            finished, planned, ..
        } => Some((*finished, *planned)),
        _ => None,
    });
    assert_eq!(begun, planned);
    assert!(counts.eq((1..=planned).map(|count| (count, planned))));
}

#[test]
fn the_leaderboard_is_sorted_and_ties_go_by_id() {
    let study = Study::new(space(FOUR), Sampler::Random, 2).trials(12);
    let results = run(&study, 2, None, |trial| [0.5, -0.0, 2.0, 0.0][trial.id % 4]);
    let ids: Vec<usize> = results
        .leaderboard()
        .entries
        .iter()
        .map(|of| of.trial.id)
        .collect();
    assert_eq!(ids, [1, 3, 5, 7, 9, 11, 0, 4, 8, 2, 6, 10]);
    let study = study.direction(recburn_tune::Direction::Maximize);
    let results = run(&study, 2, None, |trial| (trial.id % 4) as f64);
    let ids: Vec<usize> = results
        .leaderboard()
        .entries
        .iter()
        .map(|of| of.trial.id)
        .collect();
    assert_eq!(ids, [3, 7, 11, 2, 6, 10, 1, 5, 9, 0, 4, 8]);
}

#[test]
fn the_table_has_a_row_per_configuration() {
    let text = "[parameters]\nbatch = { choice = [64, 'all'] }\n\"options.l2\" = { choice = [1e-7, 0.25] }";
    let study = Study::new(space(text), Sampler::Grid, 2);
    let results = run(&study, 1, None, |trial| {
        [0.912_345_6, 1234.56, 1.5e-9, 0.0][trial.id]
    });
    let mut board = results.leaderboard();
    board.entries.iter_mut().for_each(|of| of.seconds = 12.34);
    let expected = "\
rank  trial  objective  seconds  batch  options.l2
   1      3          0     12.3    all     0.25000
   2      2  1.5000e-9     12.3    all   1.0000e-7
   3      0    0.91235     12.3     64   1.0000e-7
and 1 more
";
    assert_eq!(board.table(3), expected);
}
